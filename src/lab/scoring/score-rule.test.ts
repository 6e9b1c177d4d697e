import { describe, expect, it } from 'vitest'
import { pythonRunner } from '../../../test/python-runner.ts'
import type { AnswerFormat } from '../../core/index.ts'
import type { AnswerCheck } from '../questions/index.ts'
import { score } from './score.ts'
import type { ScoringDeps } from './score-types.ts'

const verdictOf = async (
  check: AnswerCheck,
  reply: string,
  more: { format?: AnswerFormat; deps?: ScoringDeps } = {},
) => {
  const { format = 'text', deps = { runner: null } } = more
  return (await score({ dataset: 'own', key: '', format, check }, reply, deps)).verdict
}

describe('an expected answer', () => {
  it.each([
    ['12', 'number', 'The answer is 12.0', 'correct'],
    ['12', 'number', 'The answer is 13', 'wrong'],
    ['C', 'choice', 'The answer is (C)', 'correct'],
    ['\\frac{1}{2}', 'text', '\\boxed{0.5}', 'correct'],
    ['x=5', 'text', 'The answer is $5$', 'correct'],
    ['Oslo', 'text', 'The answer is oslo', 'correct'],
    ['Oslo', 'text', 'The answer is Rome', 'wrong'],
  ] as const)('%s as %s against %j: %s', async (expected, format, reply, verdict) => {
    expect(await verdictOf({ kind: 'expected', expected }, reply, { format })).toBe(verdict)
  })
})

describe('a regular expression', () => {
  it.each([
    ['^yes\\b', 'yes, surely', 'correct'],
    ['^yes\\b', '<think>no</think>\nyes', 'correct'],
    ['^yes\\b', '<think>yes</think>\nno', 'wrong'],
    ['yes', '', 'unparsed'],
    ['\\p{Lu}', 'Ä', 'correct'],
    ['(', 'yes', 'error'],
  ])('%s against %j: %s', async (pattern, reply, verdict) => {
    expect(await verdictOf({ kind: 'regex', pattern }, reply)).toBe(verdict)
  })
})

describe('a JSON schema', () => {
  const schema = {
    type: 'object',
    properties: { n: { $ref: '#/$defs/count' } },
    required: ['n'],
    not: { required: ['m'] },
    $defs: { count: { type: 'integer', minimum: 1 } },
  }
  it.each([
    ['{"n": 3}', 'correct'],
    ['```json\n{"n": 3}\n```', 'correct'],
    ['<think>{"n": 0}</think>{"n": 3}', 'correct'],
    ['{"n": 0}', 'wrong'],
    ['{}', 'wrong'],
    ['{"n": 3, "m": 1}', 'wrong'],
    ['[3]', 'wrong'],
    ['n is 3', 'unparsed'],
    ['', 'unparsed'],
  ])('against %j: %s', async (reply, verdict) => {
    expect(await verdictOf({ kind: 'json_schema', schema }, reply)).toBe(verdict)
  })

  it('says what is wrong with the reply, or with the schema', async () => {
    const judge = (rules: AnswerCheck, reply: string) =>
      score({ dataset: 'own', key: '', format: 'text', check: rules }, reply, { runner: null })
    expect((await judge({ kind: 'json_schema', schema }, '{"n": 0}')).detail).toContain('must be >= 1')
    expect((await judge({ kind: 'json_schema', schema: { type: 'nonsense' } }, '1')).verdict).toBe('error')
    const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', type: 'integer' }
    expect((await judge({ kind: 'json_schema', schema: draft7 }, '1')).verdict).toBe('correct')
  })
})

describe('a command', () => {
  const check: AnswerCheck = { kind: 'command', command: ['grep', '-q', 'forty "two"'] }

  it('runs in the sandbox with the reply on standard input', async () => {
    const deps = { runner: pythonRunner }
    expect(await verdictOf(check, 'it is forty "two" é', { deps })).toBe('correct')
    expect(await verdictOf(check, 'it is 42', { deps })).toBe('wrong')
    expect(await verdictOf({ kind: 'command', command: ['no-such-program'] }, 'x', { deps })).toBe('error')
  })

  it('runs by the hook where one is given', async () => {
    const asked: unknown[] = []
    const runCommand = async (command: readonly string[], input: string) => asked.push([command, input]) - 1
    const deps = { runner: null, runCommand }
    expect(await verdictOf(check, '<think>hm</think>42', { deps })).toBe('correct')
    expect(await verdictOf(check, '43', { deps })).toBe('wrong')
    expect(asked).toEqual([
      [check.command, '42'],
      [check.command, '43'],
    ])
    const broken = { runner: null, runCommand: () => Promise.reject(new Error('no shell')) }
    expect(await verdictOf(check, '42', { deps: broken })).toBe('error')
    expect(await verdictOf(check, '42')).toBe('error')
  })
})
