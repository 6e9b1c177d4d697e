import { describe, expect, it } from 'vitest'
import { pythonRunner } from '../../../test/python-runner.ts'
import type { CodeLimits, CodeResult, CodeRunner } from '../../core/index.ts'
import { extractProgram } from './python-program.ts'
import { score } from './score.ts'
import { codeLimits } from './score-code.ts'

const fenced = (...blocks: readonly string[]) =>
  blocks.map((block) => `\`\`\`python\n${block}\n\`\`\``).join('\nthen\n')
const double = 'def double(x):\n    return 2 * x'
const question = {
  dataset: 'mbpp',
  format: 'code',
  key: double,
  tests: 'assert double(2) == 4\nassert double(-1) == -2',
} as const

describe('finding the program', () => {
  it.each([
    [fenced(double), double],
    [`Sure:\n${fenced(double)}\nIt prints\n\`\`\`text\nlong output ${'x'.repeat(200)}\n\`\`\``, double],
    // A later definition stands after an earlier one; use and output are left out.
    [fenced('import math', double, 'print(double(2))'), `import math\n\n${double}`],
    [fenced('print(1)', 'print(double(22))'), 'print(double(22))'],
    ['```\nx = 1\n```', 'x = 1'],
    // An example of its use is no part of the program, nor is what it shows.
    [fenced(double, 'x = int(input())\nprint(double(x))'), double],
    [`${fenced(double)}\n\`\`\`\nresult = 2 (as wanted)\n\`\`\``, double],
    [`\`\`\`python\n${double}`, double],
    [double, double],
    [`<think>\n${fenced('def wrong(): pass')}\n</think>${fenced(double)}`, double],
    ['I would define a function.', null],
    ['```python\n```', null],
    ['', null],
  ])('in %j finds %j', (reply, expected) => {
    expect(extractProgram(reply)).toBe(expected)
  })
})

const dataClass = `from __future__ import annotations
from dataclasses import dataclass
@dataclass
class Pair:
    first: int
    second: int | None = None
    def sum(self):
        return self.first + self.second`
const copied = `import pickle
class Box:
    pass
def double(x):
    box = Box()
    box.value = 2 * x
    return pickle.loads(pickle.dumps(box)).value`
/** Says whatever it can lay hands on, on the real output, and is gone before the tests. */
const boast = `import __main__, os, sys
said = ["all tests passed", sys.stdin.readline(), str(vars(__main__)), str(globals())]
os.write(1, "\\n".join(said).encode())
os._exit(0)`

describe('running it', () => {
  const verdict = async (reply: string, more: { readonly preamble?: string; readonly tests?: string } = {}) => {
    const { verdict: said, detail } = await score({ ...question, ...more }, reply, { runner: pythonRunner })
    return detail === undefined ? said : `${said}: ${detail}`
  }

  it.each([
    ['a right one', fenced(double), 'correct'],
    ['one that corrects itself', fenced('def double(x):\n    return x', double), 'correct'],
    ['one that prints much', fenced(`print("x" * 100000)\n${double}`), 'correct'],
    ['one that prints bytes', fenced(`import sys\nsys.stdout.buffer.write(b"x")\n${double}`), 'correct'],
    ['one with a data class', fenced(`${dataClass}\ndef double(x):\n    return Pair(x, x).sum()`), 'correct'],
    ['one that copies by pickle', fenced(copied), 'correct'],
    ['one with a main part', fenced(`${double}\nif __name__ == "__main__":\n    raise ValueError(input())`), 'correct'],
    ['one with odd characters', fenced(`# \u2028 \\ " ' \ud800 é\n${double}`), 'correct'],
    ['a wrong one', fenced('def double(x):\n    return x + 2'), 'wrong: AssertionError'],
    ['another name', fenced('def twice(x):\n    return 2 * x'), "wrong: NameError: name 'double' is not defined"],
    ['one that ends early', fenced(`${double}\nimport sys\nsys.exit(0)`), 'wrong: the program ended before its tests'],
    ['one that ends hard', fenced(`${double}\nimport os\nos._exit(0)`), 'wrong: the program ended before its tests'],
    ['one that says that all is well', fenced(boast), 'wrong: the program ended before its tests'],
    ['no code', 'It doubles.', 'unparsed: no code in the reply'],
  ])('%s', async (_, reply, expected) => {
    expect(await verdict(reply)).toBe(expected)
  })

  it('says where the syntax broke', async () => {
    expect(await verdict(fenced('def double(x:\n    return'))).toMatch(/^wrong: SyntaxError/)
  })

  it('puts what the task gives before it', async () => {
    const reply = fenced('def double(x: List[int]):\n    return base + len(x)')
    const more = { preamble: 'from typing import List\nbase = 1', tests: 'assert double([1]) == 2' }
    expect(await verdict(reply, more)).toBe('correct')
    expect(await verdict(reply, { tests: more.tests })).toMatch(/^wrong: NameError/)
  })

  it('needs tests and a sandbox', async () => {
    const { tests: _, ...untested } = question
    expect(await score(untested, fenced(double), { runner: pythonRunner })).toMatchObject({ verdict: 'error' })
    expect(await score(question, fenced(double), { runner: null })).toMatchObject({ verdict: 'error' })
  })
})

describe('limits', () => {
  const ended = (reason: CodeResult['reason']): CodeResult => ({
    status: reason === null ? 'ok' : 'killed',
    reason,
    output: '',
    errorOutput: '',
    exitCode: reason === null ? 0 : null,
    wallMs: 1,
  })
  /** Plays `results`, all tests passed in those that are ok, and keeps the limits of each run. */
  const scripted = (results: readonly CodeResult[]) => {
    const limits: CodeLimits[] = []
    const runner: CodeRunner = {
      run: async ({ input }, given) => {
        const result = results[limits.push(given) - 1] as CodeResult
        return { ...result, output: result.status === 'ok' ? input : '' }
      },
    }
    return { limits, runner }
  }

  it('let a program that only real time ended run again, alone', async () => {
    const { limits, runner } = scripted([ended('wall'), ended(null)])
    expect(await score(question, fenced(double), { runner })).toMatchObject({ verdict: 'correct' })
    expect(limits).toEqual([codeLimits, { ...codeLimits, isAlone: true }])
  })

  it.each(['cpu', 'memory', 'output'] as const)('end it at once for %s', async (reason) => {
    const { limits, runner } = scripted([ended(reason), ended(null)])
    expect(await score(question, fenced(double), { runner })).toMatchObject({
      verdict: 'wrong',
      detail: `killed: ${reason}`,
    })
    expect(limits).toHaveLength(1)
  })

  it('end it for good when it is as slow alone', async () => {
    const { runner } = scripted([ended('wall'), ended('wall')])
    expect(await score(question, fenced(double), { runner })).toMatchObject({
      verdict: 'wrong',
      detail: 'killed: wall',
    })
  })
})
