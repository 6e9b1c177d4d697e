/**
 * @file MMLU-Pro (Wang et al. 2024): `{ question, options, answer | answer_index, category, src }`, up to ten options.
 *
 * Early releases fill up the options with "N/A": left out. `irt_b`, where a file carries it, is the difficulty of an
 * item response model.
 */
import { type DataRecord, fieldError, findField, shown, textField, textsField } from '../files/data-record.ts'
import { passageGroup } from '../question-key.ts'
import type { Draft } from './draft.ts'

const letters = [...'ABCDEFGHIJ']
const letterNames = ['answer', 'answer_letter']
const indexNames = ['answer_index']
/** The twin needs this many mistakes; with fewer options, letters that were not offered stand in. */
const fewestMistakes = 3

export function readMmluPro(record: DataRecord): Draft {
  const question = textField(record, ['question']).trim()
  const options = optionsOf(record)
  const key = keyOf(record, options.length)
  const offered = letters.slice(0, Math.max(options.length, fewestMistakes + 1))
  const lines = options.map((option, index) => `${letters[index]}. ${option}`)
  return {
    identity: [question, ...options].join('\n'),
    group: passageGroup(question),
    text: `${question}\n\nOptions:\n${lines.join('\n')}\n\nWhich option is right? Answer with the letter.`,
    format: 'choice',
    key,
    mistakes: () => offered.filter((letter) => letter !== key),
    level: null,
    rawDifficulty: difficultyOf(record),
  }
}

function optionsOf(record: DataRecord): readonly string[] {
  const names = ['options', 'choices']
  const all = textsField(record, names, 2).map((option) => option.replace(/\s+/g, ' ').trim())
  // Those at the end alone: without one before it, an option would change its letter.
  const options = all.slice(0, all.findLastIndex((option) => option !== 'N/A') + 1)
  if (options.length >= 2 && options.length <= letters.length) return options
  throw fieldError(record, { names, expected: 'two to ten options', got: `${options.length} of them` })
}

function keyOf(record: DataRecord, count: number): string {
  const letter = findField(record, letterNames)
  const index = findField(record, indexNames)
  const byIndex = typeof index === 'number' ? letters.slice(0, count)[index] : undefined
  const key = letter === undefined ? byIndex : String(letter).trim().toUpperCase()
  const isOffered = key !== undefined && letters.slice(0, count).includes(key)
  if (isOffered && (index === undefined || byIndex === key)) return key
  throw fieldError(record, {
    names: [...letterNames, ...indexNames],
    expected: `the letter or index of one of ${count} options`,
    got:
      [letter, index]
        .filter((value) => value !== undefined)
        .map(shown)
        .join(' and ') || 'nothing',
  })
}

function difficultyOf(record: DataRecord): number | null {
  const names = ['irt_b']
  const value = findField(record, names)
  if (value === undefined) return null
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw fieldError(record, { names, expected: 'a number', got: shown(value) })
}
