/** @file Every format on made-up records in the forms that the releases have. */
import { describe, expect, it } from 'vitest'
import { ConfigError, createRandom, type JsonObject } from '../../../core/index.ts'
import type { ReadDraft } from './draft.ts'
import { afterHashes, lastBoxed } from './final-answer.ts'
import { readGsm } from './gsm.ts'
import { readHumanEval } from './humaneval.ts'
import { readMath } from './math.ts'
import { readMbpp } from './mbpp.ts'
import { readMmluPro } from './mmlu-pro.ts'
import { readOwn } from './own.ts'

const at = (fields: JsonObject) => ({ fields, place: 'file.jsonl:7' })
const refused = (read: ReadDraft, fields: JsonObject): string => {
  try {
    read(at(fields))
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).problems[0]).toMatchObject({ path: 'file.jsonl:7', fix: expect.stringMatching(/\w/) })
    return (error as ConfigError).message
  }
  throw new Error(`not refused: ${JSON.stringify(fields)}`)
}

describe('the final answer of a solution', () => {
  it.each([
    ['so \\boxed{12}.', '12'],
    ['first \\boxed{1}, then \\boxed{\\frac{\\sqrt{2}}{3}}$', '\\frac{\\sqrt{2}}{3}'],
    ['a set \\boxed{\\{1,2\\}}', '\\{1,2\\}'],
    ['old style $\\boxed 5$.', '5'],
    ['\\fbox{even}', 'even'],
    ['no box', null],
    ['cut off \\boxed{1 + {2', null],
  ])('in a box: %s', (solution, answer) => {
    expect(lastBoxed(solution)).toBe(answer)
  })

  it.each([
    ['2+1=3\n#### 3', '3'],
    ['#### 1\n#### 1,250 \nmore', '1,250'],
    ['nothing', null],
    ['#### ', null],
  ])('after hashes: %j', (solution, answer) => {
    expect(afterHashes(solution)).toBe(answer)
  })
})

describe('MATH', () => {
  const problem = 'What is $7 \\cdot 8$?'
  it.each<[string, JsonObject, string, number | null]>([
    ['MATH-500', { problem, solution: 'It is $\\boxed{56}$.', answer: '56', subject: 'Algebra', level: 2 }, '56', 2],
    ['the first release', { problem, solution: 'It is $\\boxed{56}$.', level: 'Level 5', type: 'Algebra' }, '56', 5],
    ['no level', { problem, solution: '\\boxed{56}', level: 'Level ?' }, '56', null],
    ['question and number', { question: problem, answer: 56 }, '56', null],
    ['a solution as answer', { question: problem, answer: 'Well, \\boxed{56}' }, '56', null],
    ['hashes', { question: problem, answer: 'Well.\n#### 56' }, '56', null],
    [
      'an expression',
      { problem, answer: ' \\left( 3, \\frac{\\pi}{2}\n\\right) ' },
      '\\left( 3, \\frac{\\pi}{2} \\right)',
      null,
    ],
  ])('reads %s', (_, fields, key, level) => {
    const draft = readMath(at(fields))
    expect(draft).toMatchObject({ key, level, format: 'number', identity: problem, rawDifficulty: null })
    expect(draft.text).toContain(problem)
    expect(draft.mistakes(createRandom(1)).length).toBeGreaterThanOrEqual(3)
  })

  it('takes a phrase for a text', () => {
    expect(readMath(at({ problem, answer: '\\text{no real solution}' })).format).toBe('text')
    expect(readMath(at({ problem, answer: '\\text{even}' })).format).toBe('number')
  })

  it.each<[JsonObject, RegExp]>([
    [{ answer: '1' }, /not blank in "problem" or "question" or "input", got nothing/],
    [{ problem: ' ', answer: '1' }, /not blank/],
    [{ problem: 7, answer: '1' }, /got 7/],
    [{ problem }, /an answer, or a solution with \\boxed/],
    [{ problem, solution: 'It is 56.' }, /an answer, or a solution with \\boxed/],
    [{ problem, answer: [56] }, /got \[56\]/],
  ])('refuses %j', (fields, message) => {
    expect(refused(readMath, fields)).toMatch(message)
  })
})

describe('GSM8K and GSM-Hard', () => {
  const question = 'Ada has 3 bags of 4 stamps and finds 1,000 more. How many stamps has she?'
  it.each<[JsonObject, string]>([
    [{ question, answer: 1012 }, '1012'],
    [{ question, answer: '3*4=12\n12+1000=1012\n#### 1,012' }, '1012'],
    [{ question, answer: '#### -$5.50' }, '-5.5'],
    [{ input: question, target: 1012.0, code: 'def solution(): ...' }, '1012'],
    [{ input: question, target: '3.2440470999999996e6' }, '3244047.0999999996'],
    [{ question, answer: '-0.0' }, '0'],
  ])('read %j', (fields, key) => {
    const draft = readGsm(at(fields))
    expect(draft).toMatchObject({ key, format: 'number', identity: question })
    expect(draft.mistakes(createRandom(1)).length).toBeGreaterThanOrEqual(3)
  })

  it.each<JsonObject>([
    { answer: 3 },
    { question },
    { question, answer: 'three' },
    { question, answer: '' },
    { question, answer: true },
    { question, answer: '1e999' },
  ])('refuse %j', (fields) => {
    expect(refused(readGsm, fields)).toMatch(/a number, or a solution|not blank/)
  })
})

describe('MBPP', () => {
  const asserts = ['assert add_up(1, 2) == 3', 'assert add_up(0, 0) == 0']
  const code = 'def add_up(a, b):\r\n\treturn a + b\r\n'
  const task = 'Write a function to add up two numbers.'

  it('reads the full release', () => {
    const draft = readMbpp(at({ task_id: 1, text: task, code, test_list: asserts, test_setup_code: 'import math' }))
    expect(draft).toMatchObject({
      key: 'def add_up(a, b):\n\treturn a + b',
      format: 'code',
      tests: `import math\n${asserts.join('\n')}`,
      identity: `${task}\n${asserts.join('\n')}`,
    })
    for (const part of [task, ...asserts]) expect(draft.text).toContain(part)
    expect(draft.text).not.toContain('import math')
  })

  it('reads the sanitized one', () => {
    const fields = { prompt: task, code, test_list: asserts, test_imports: ['import re', 'import math'] }
    expect(readMbpp(at(fields)).tests).toBe(`import re\nimport math\n${asserts.join('\n')}`)
  })

  it('has wrong programs that define the function that the tests call', () => {
    const helper = `def half(n):\n    return n / 2\n\n${code}`
    const [wrong] = readMbpp(at({ text: task, code: helper, test_list: asserts })).mistakes(createRandom(1))
    expect(wrong).toMatch(/^def add_up\(a, b\):\n {4}/)
  })

  it.each<[JsonObject, RegExp]>([
    [{ code, test_list: asserts }, /"text" or "prompt"/],
    [{ text: task, test_list: asserts }, /"code"/],
    [{ text: task, code, test_list: [] }, /a list of at least 1 texts in "test_list"/],
    [{ text: task, code, test_list: asserts[0] as string }, /at least 1 texts/],
    [{ text: task, code, test_list: [null] }, /at least 1 texts/],
    [{ text: task, code, test_list: asserts, test_setup_code: 3 }, /a text in "test_setup_code", got 3/],
  ])('refuses %j', (fields, message) => {
    expect(refused(readMbpp, fields)).toMatch(message)
  })
})

describe('HumanEval', () => {
  const fields = {
    task_id: 'HumanEval/999',
    prompt: 'from typing import List\n\n\ndef longest(words: List[str]) -> str:\n    """ The longest word. """\n',
    entry_point: 'longest',
    canonical_solution: '    return max(words, key=len)\n',
    test: '\n\ndef check(candidate):\n    assert candidate(["a", "bb"]) == "bb"\n',
  }

  it('is a whole program, its imports, and tests that are called', () => {
    const draft = readHumanEval(at(fields))
    expect(draft.key).toBe(`${fields.prompt}${fields.canonical_solution}`.trim())
    expect(draft.preamble).toBe('from typing import List')
    expect(draft.tests).toBe(`${fields.test.trim()}\n\ncheck(longest)`)
    expect(draft.text).toContain(fields.prompt.trim())
    expect(draft.text).not.toContain('return max')
    expect(draft.mistakes(createRandom(1))[0]).toMatch(/^def longest\(words\):\n/)
  })

  it('has no preamble where nothing stands before the function', () => {
    const prompt = 'def longest(words):\n    """ The longest word. """\n'
    expect(readHumanEval(at({ ...fields, prompt }))).not.toHaveProperty('preamble')
  })

  it.each(['prompt', 'entry_point', 'canonical_solution', 'test'])('needs %s', (name) => {
    expect(refused(readHumanEval, { ...fields, [name]: null })).toContain(`"${name}"`)
  })

  it.each(['shortest', 'long.st', '(', 'words'])('refuses %s as the name of its function', (name) => {
    expect(refused(readHumanEval, { ...fields, entry_point: name })).toContain('the name of a function of the prompt')
  })
})

describe('MMLU-Pro', () => {
  const question = 'Which of these floats on water?'
  const options = ['Lead', 'Cork\n  board', 'Iron', 'Gold']

  it('letters the options and asks for a letter', () => {
    const draft = readMmluPro(at({ question, options, answer: 'B', answer_index: 1, src: 'x', irt_b: -0.5 }))
    expect(draft).toMatchObject({ key: 'B', format: 'choice', rawDifficulty: -0.5 })
    expect(draft.text).toContain(`${question}\n\nOptions:\nA. Lead\nB. Cork board\nC. Iron\nD. Gold\n`)
    expect(draft.mistakes(createRandom(1))).toEqual(['A', 'C', 'D'])
  })

  it.each<[JsonObject, string]>([
    [{ question, options, answer_index: 3 }, 'D'],
    [{ question, options, answer: ' c ' }, 'C'],
    [{ question, options: [1, 2, 3, 4], answer: 'A' }, 'A'],
    [{ question, options: [...options, 'N/A', 'N/A'], answer: 'A' }, 'A'],
    [{ question, choices: options, answer: 'A' }, 'A'],
  ])('reads %j', (fields, key) => {
    const draft = readMmluPro(at(fields))
    expect(draft.key).toBe(key)
    expect(draft.rawDifficulty).toBeNull()
    expect(draft.text).not.toContain('N/A')
  })

  it('leaves no option out before another: letters stay as the key means them', () => {
    const { text, key } = readMmluPro(at({ question, options: ['w', 'N/A', 'y', 'z', 'N/A'], answer: 'C' }))
    expect(key).toBe('C')
    expect(text).toContain('B. N/A\nC. y\nD. z\n\n')
  })

  it('gives the twin three mistakes even where fewer options are offered', () => {
    expect(readMmluPro(at({ question, options: ['yes', 'no'], answer: 'B' })).mistakes(createRandom(1))).toEqual([
      'A',
      'C',
      'D',
    ])
  })

  it('tells questions with other options apart, and groups them together', () => {
    const [one, two] = [options, ['Tin', 'Cork']].map((offered) =>
      readMmluPro(at({ question, options: offered, answer: 'B' })),
    )
    expect(one?.identity).not.toBe(two?.identity)
    expect(one?.group).toBe(two?.group)
  })

  it.each<[JsonObject, RegExp]>([
    [{ options, answer: 'A' }, /"question"/],
    [{ question, answer: 'A' }, /a list of at least 2 texts in "options"/],
    [{ question, options: ['x', 'N/A'], answer: 'A' }, /two to ten options/],
    [{ question, options: Array(11).fill('x'), answer: 'A' }, /two to ten options.*11 of them/],
    [{ question, options }, /the letter or index of one of 4 options.*got nothing/],
    [{ question, options, answer: 'E' }, /got "E"/],
    [{ question, options, answer_index: 4 }, /got 4/],
    [{ question, options, answer_index: -1 }, /got -1/],
    [{ question, options, answer: 'A', answer_index: 1 }, /got "A" and 1/],
    [{ question, options, answer: 'A', irt_b: 'hard' }, /a number in "irt_b"/],
  ])('refuses %j', (fields, message) => {
    expect(refused(readMmluPro, fields)).toMatch(message)
  })
})

describe("a user's own set", () => {
  const ask = (content: string) => [{ role: 'user', content }]

  it.each<[JsonObject, string, string]>([
    [{ messages: ask('How many legs have 3 cats?'), expected: 12 }, '12', 'number'],
    [{ messages: ask('What do I owe?'), expected: '1,250.50' }, '1,250.50', 'number'],
    [{ messages: ask('Pick one.\nA. x\nB. y\nC. z'), expected: 'B' }, 'B', 'choice'],
    [{ messages: ask('Which letter comes after A?'), expected: 'B' }, 'B', 'text'],
    [{ messages: ask('Where is the Louvre?'), expected: ' in\nParis ' }, 'in Paris', 'text'],
  ])('with an expected answer can be simulated: %j', (fields, key, format) => {
    const draft = readOwn(at(fields))
    expect(draft).toMatchObject({ key, format, check: { kind: 'expected', expected: key } })
    expect(draft.mistakes(createRandom(1)).length).toBeGreaterThanOrEqual(3)
  })

  it.each<[JsonObject, JsonObject]>([
    [{ regex: '^ok\\b' }, { kind: 'regex', pattern: '^ok\\b' }],
    [{ json_schema: { type: 'object' } }, { kind: 'json_schema', schema: { type: 'object' } }],
    [{ command: 'grep -q ok' }, { kind: 'command', command: ['sh', '-c', 'grep -q ok'] }],
    [{ command: ['grep', '-q', 'ok'] }, { kind: 'command', command: ['grep', '-q', 'ok'] }],
  ])('carries its rule: %j', (rule, check) => {
    const alone = readOwn(at({ messages: ask('Say it.'), ...rule }))
    expect(alone.check).toEqual(check)
    expect(alone.mistakes(createRandom(1))).toEqual([])
    const simulated = readOwn(at({ messages: ask('Say it.'), ...rule, expected: 'ok then' }))
    expect(simulated).toMatchObject({ check, key: 'ok then' })
    expect(simulated.mistakes(createRandom(1)).length).toBeGreaterThanOrEqual(3)
  })

  it('asks the last user message, and keeps a longer conversation', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hello.' },
      { role: 'user', content: [{ type: 'text', text: 'How many days has May?' }] },
    ]
    expect(readOwn(at({ messages, expected: 31 }))).toMatchObject({ text: 'How many days has May?', messages })
    expect(readOwn(at({ messages: ask('Hello'), expected: 1 }))).not.toHaveProperty('messages')
  })

  it.each<[JsonObject, RegExp]>([
    [{ expected: 1 }, /a list of chat messages/],
    [{ messages: [], expected: 1 }, /a list of chat messages/],
    [{ messages: 'hello', expected: 1 }, /a list of chat messages/],
    [{ messages: [null], expected: 1 }, /a list of chat messages/],
    [{ messages: [{ role: 'pirate', content: 'x' }], expected: 1 }, /a list of chat messages/],
    [{ messages: [{ role: 'system', content: 'x' }], expected: 1 }, /at least one from the user/],
    [{ messages: ask(''), expected: 1 }, /at least one from the user/],
    [{ messages: ask('x') }, /one rule in "expected" or "regex" or "json_schema" or "command", got none/],
    [{ messages: ask('x'), regex: 'a', command: 'b' }, /got regex and command/],
    [{ messages: ask('x'), regex: '(' }, /a regular expression in "regex", got "\("/],
    [{ messages: ask('x'), json_schema: [] }, /a JSON schema/],
    [{ messages: ask('x'), command: '' }, /a command line/],
    [{ messages: ask('x'), command: [] }, /a command line/],
    [{ messages: ask('x'), command: ['a', 1] }, /a command line/],
    [{ messages: ask('x'), expected: {} }, /a text or a number in "expected"/],
    [{ messages: ask('x'), expected: '  ' }, /a text or a number in "expected"/],
  ])('refuses %j', (fields, message) => {
    expect(refused(readOwn, fields)).toMatch(message)
  })
})
