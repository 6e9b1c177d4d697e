/**
 * @file HumanEval (Chen et al. 2021): `{ task_id, prompt, entry_point, canonical_solution, test }`.
 *
 * `test` defines `check(candidate)`; the program's tests are that and its call. What stands before the function in the
 * prompt (imports, given functions) is kept as `preamble`, since answers often leave it out.
 */
import { type DataRecord, fieldError, shown, textField } from '../files/data-record.ts'
import { wrongPrograms } from '../mistakes/wrong-programs.ts'
import { textGroup } from '../question-key.ts'
import type { Draft } from './draft.ts'

export function readHumanEval(record: DataRecord): Draft {
  const prompt = textField(record, ['prompt'])
  const entry = textField(record, ['entry_point'])
  const body = textField(record, ['canonical_solution'])
  const test = textField(record, ['test'])
  const startsAt = /^[A-Za-z_]\w*$/.test(entry) ? prompt.search(new RegExp(`^def ${entry}\\s*\\(`, 'm')) : -1
  if (startsAt < 0) {
    const expected = 'the name of a function of the prompt'
    throw fieldError(record, { names: ['entry_point'], expected, got: shown(entry) })
  }
  const key = `${prompt}${body}`.trimEnd()
  const tests = `${test.trim()}\n\ncheck(${entry})`
  const preamble = prompt.slice(0, startsAt).trim()
  return {
    identity: prompt,
    group: textGroup(prompt),
    text: `Complete this Python function. Answer with the whole program.\n\n\`\`\`python\n${prompt.trim()}\n\`\`\``,
    format: 'code',
    key: key.trim(),
    mistakes: (random) => wrongPrograms(key.trim(), { tests, entry, random }),
    level: null,
    rawDifficulty: null,
    tests,
    ...(preamble === '' ? {} : { preamble }),
  }
}
