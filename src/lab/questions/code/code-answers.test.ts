/** @file Runs the Python of the code tasks: every reference program passes its tests, every bug fails one of them. */
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { createSyntheticQuestions } from '../create-synthetic-questions.ts'
import { pythonLiteral } from './code-template.ts'

/** Reads [[program, tests]] and prints for each whether the tests pass. */
const runner = `
import json, sys
def passes(program, tests):
    scope = {}
    try:
        exec(program + "\\n" + tests, scope)
        return True
    except Exception:
        return False
print(json.dumps([passes(*pair) for pair in json.load(sys.stdin)]))
`

const runPython = (pairs: readonly (readonly [string, string])[]): boolean[] =>
  JSON.parse(execFileSync('python3', ['-I', '-c', runner], { input: JSON.stringify(pairs), encoding: 'utf8' }))

const questions = createSyntheticQuestions({ dataset: 'synthetic-code', count: 400, seed: 13 })

describe('code tasks', () => {
  it('come from at least 15 templates', () => {
    expect(new Set(questions.map(({ group }) => group)).size).toBeGreaterThanOrEqual(15)
  })

  it('have a reference program that passes the tests worked out in TypeScript', () => {
    const passed = runPython(questions.map(({ key, tests = '' }) => [key, tests]))
    expect(questions.filter((_, index) => !passed[index]).map(({ key }) => key)).toEqual([])
  })

  it('have distractors of which each fails a test', () => {
    const wrong = questions.flatMap(({ wrongAnswers, tests = '' }) =>
      wrongAnswers.map((program) => [program, tests] as const),
    )
    const passed = runPython(wrong)
    expect(wrong.filter((_, index) => passed[index]).map(([program, tests]) => `${program}\n${tests}`)).toEqual([])
  })

  it('show one of their tests and the name to define', () => {
    for (const { text, tests = '', key } of questions) {
      expect(tests.split('\n')).toContain(text.split('\n').at(-1))
      expect(text).toContain(`\`${/^def (.+):/.exec(key)?.[1]}\``)
    }
  })
})

describe('Python literals', () => {
  it.each([
    [true, 'True'],
    [false, 'False'],
    [null, 'None'],
    [[1, [2, -3]], '[1, [2, -3]]'],
    ['a "b"', '"a \\"b\\""'],
    [{ a: [true] }, '{"a": [True]}'],
  ])('%j is %s', (value, literal) => {
    expect(pythonLiteral(value)).toBe(literal)
  })
})
