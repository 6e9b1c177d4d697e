/**
 * @file MBPP (Austin et al. 2021), full and sanitized: `{ text | prompt, code, test_list, test_setup_code | test_imports }`.
 *
 * The message shows the three tests, as the paper's prompt does: without them the name of the function is unknown.
 */
import { type DataRecord, findField, optionalText, textField, textsField } from '../files/data-record.ts'
import { wrongPrograms } from '../mistakes/wrong-programs.ts'
import { textGroup } from '../question-key.ts'
import type { Draft } from './draft.ts'

const plainLines = (text: string): string => text.replace(/\r\n?/g, '\n').trimEnd()

export function readMbpp(record: DataRecord): Draft {
  const task = plainLines(textField(record, ['text', 'prompt'])).trim()
  const key = plainLines(textField(record, ['code', 'canonical_solution']))
  const asserts = textsField(record, ['test_list', 'tests'], 1).map(plainLines)
  const imports = findField(record, ['test_imports']) === undefined ? [] : textsField(record, ['test_imports'], 0)
  const setup = [...imports, plainLines(optionalText(record, ['test_setup_code']) ?? '')].filter((line) => line !== '')
  const tests = [...setup, ...asserts].join('\n')
  return {
    identity: `${task}\n${asserts.join('\n')}`,
    group: textGroup(task),
    text: `Write a Python function for this task:\n\n${task}\n\nYour code must pass these tests:\n\n${asserts.join('\n')}`,
    format: 'code',
    key,
    mistakes: (random) => wrongPrograms(key, { tests, random }),
    level: null,
    rawDifficulty: null,
    tests,
  }
}
