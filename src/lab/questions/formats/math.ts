/**
 * @file MATH (Hendrycks et al. 2021) and its subset MATH-500: `{ problem, solution, answer?, level }`.
 *
 * The key is the published `answer`, else the box of the solution, as LaTeX. Levels are 1-5 or "Level 3"; some problems
 * have none ("Level ?").
 */
import { type DataRecord, fieldError, findField, shown, textField } from '../files/data-record.ts'
import { wrongExpressions } from '../mistakes/wrong-expressions.ts'
import type { Level } from '../question.ts'
import { textGroup } from '../question-key.ts'
import type { Draft } from './draft.ts'
import { afterHashes, lastBoxed } from './final-answer.ts'

const answerNames = ['answer', 'expected_answer', 'final_answer', 'solution']

export function readMath(record: DataRecord): Draft {
  const problem = textField(record, ['problem', 'question', 'input']).trim()
  const key = keyOf(record)
  return {
    identity: problem,
    group: textGroup(problem),
    text: `Solve this problem:\n\n${problem}\n\nThe answer is an integer, a fraction or an expression. Put it in \\boxed{}.`,
    // The policy reads numbers and leaves other expressions uncompared; the twin compares both as written.
    format: /[a-z]{2,} [a-z]{2,}/i.test(key) ? 'text' : 'number',
    key,
    mistakes: (random) => wrongExpressions(key, { problem, random }),
    level: levelOf(record),
    rawDifficulty: null,
  }
}

/** An answer field may hold a whole solution, and a solution a bare answer only under the name of an answer. */
function keyOf(record: DataRecord): string {
  for (const name of answerNames) {
    const value = findField(record, [name])
    if (value === undefined) continue
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text !== 'string') break
    const key = lastBoxed(text) ?? afterHashes(text) ?? (name === 'solution' ? '' : text)
    if (key.trim() !== '') return key.trim().replace(/\s+/g, ' ')
  }
  throw fieldError(record, {
    names: ['answer', 'solution'],
    expected: 'an answer, or a solution with \\boxed{...}',
    got: shown(findField(record, answerNames)),
  })
}

function levelOf(record: DataRecord): Level | null {
  const value = findField(record, ['level', 'difficulty'])
  const level = Number(/^(?:level )?([1-5])$/i.exec(String(value ?? ''))?.[1] ?? Number.NaN)
  return Number.isNaN(level) ? null : (level as Level)
}
