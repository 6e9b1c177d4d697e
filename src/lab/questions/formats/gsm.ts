/**
 * @file GSM8K (Cobbe et al. 2021) and GSM-Hard (Gao et al. 2023): `{ question | input, answer | target }`.
 *
 * The answer is a bare number, or a worked solution that ends in `#### 3`.
 */
import { type DataRecord, fieldError, findField, shown, textField } from '../files/data-record.ts'
import { wrongValues } from '../mistakes/wrong-values.ts'
import { storyGroup } from '../question-key.ts'
import type { Draft } from './draft.ts'
import { afterHashes } from './final-answer.ts'

const answerNames = ['answer', 'target']

export function readGsm(record: DataRecord): Draft {
  const story = textField(record, ['question', 'input', 'problem']).trim()
  const right = answerOf(record)
  return {
    identity: story,
    group: storyGroup(story),
    text: `Solve this problem:\n\n${story}\n\nThe answer is an integer or a decimal number. Give it at the end, after "The answer is".`,
    format: 'number',
    key: String(right),
    mistakes: (random) => wrongValues(right, { text: story, random }),
    level: null,
    rawDifficulty: null,
  }
}

function answerOf(record: DataRecord): number {
  const value = findField(record, answerNames)
  const text = typeof value === 'string' ? (afterHashes(value) ?? value) : String(value)
  const plain = text.replace(/[,$\s]/g, '')
  const isGiven = (typeof value === 'string' || typeof value === 'number') && plain !== ''
  if (isGiven && Number.isFinite(Number(plain))) return Number(plain)
  throw fieldError(record, { names: answerNames, expected: 'a number, or a solution with "#### 3"', got: shown(value) })
}
