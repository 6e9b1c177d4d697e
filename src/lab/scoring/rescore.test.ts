import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Rescored, rescore } from './rescore.ts'

const questions = new Map([
  ['a', { dataset: 'gsm8k', format: 'number', key: '12' } as const],
  ['b', { dataset: 'mmlu-pro', format: 'choice', key: 'C' } as const],
])
const all = async (lines: readonly string[]) => {
  const results: Rescored[] = []
  for await (const result of rescore(lines, { questions, runner: null })) results.push(result)
  return results
}
const kept = (questionId: string, reply: string) => JSON.stringify({ questionId, reply, more: 1 })

describe('scoring kept replies again', () => {
  it('gives each line its result, in order, and loses none', async () => {
    const lines = [
      `\uFEFF${kept('a', 'The answer is 12')}`,
      '',
      kept('b', 'The answer is (D)'),
      '{"questionId": "a", "rep',
      kept('unknown', 'x'),
      '{"questionId": "a"}',
      'null',
      kept('a', ''),
    ]
    const results = await all(lines)
    expect(results.map(({ line }) => line)).toEqual([1, 3, 4, 5, 6, 7, 8])
    expect(results.map((result) => ('score' in result ? result.score.verdict : result.problem))).toEqual([
      'correct',
      'wrong',
      expect.stringContaining('not JSON'),
      'no question "unknown"',
      expect.stringContaining('expected { questionId, reply }'),
      expect.stringContaining('expected { questionId, reply }'),
      'unparsed',
    ])
    expect(results.map(({ questionId }) => questionId)).toEqual(['a', 'b', null, 'unknown', null, null, 'a'])
  })

  it('gives the same scores every time', async () => {
    const line = fc.oneof(
      fc.string(),
      fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.string()).map(([id, reply]) => kept(id, reply)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line), async (lines) => {
        const results = await all(lines)
        expect(results).toHaveLength(lines.filter((text) => text.trim() !== '').length)
        expect(await all(lines)).toEqual(results)
      }),
      { numRuns: 50 },
    )
  })
})
