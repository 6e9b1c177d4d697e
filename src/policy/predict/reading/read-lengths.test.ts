import { describe, expect, it } from 'vitest'
import { coder, paperPrior } from '../../../../test/policy/paper-pool.ts'
import { createRandom } from '../../../core/index.ts'
import { LengthBook } from '../length-book.ts'
import { ReadLengths } from './read-lengths.ts'

const key = { strategy: 'Concise', kind: 'solve', domain: 'math' } as const
const read = (tokens: number, cutShare = 0) => ({ mu: Math.log(tokens), sigma: 0.5, cutShare })

/** Lengths after `calls` calls that came `factor` times as long as read, whatever was read. */
function lengthsAfter(calls: number, factor: number, isCut = (_call: number) => false) {
  const lengths = new ReadLengths()
  const random = createRandom(3)
  for (let call = 0; call < calls; call += 1) {
    const tokens = 100 + 400 * random.uniform()
    const outputTokens = tokens * factor * Math.exp(0.3 * random.normal())
    lengths.observe(key, { outputTokens, isCut: isCut(call) }, read(tokens))
  }
  return lengths
}

describe('read lengths', () => {
  it('are as read until a call has ended', () => {
    expect(new ReadLengths().length(key, read(200))).toMatchObject(read(200))
  })

  it('are corrected by one factor for short and long questions alike', () => {
    const lengths = lengthsAfter(300, 2)
    for (const tokens of [50, 200, 900]) {
      const { mu, sigma } = lengths.length(key, read(tokens))
      expect(Math.exp(mu) / tokens).toBeGreaterThan(1.75)
      expect(Math.exp(mu) / tokens).toBeLessThan(2.1)
      expect(sigma).toBeCloseTo(0.3, 1)
    }
  })

  it('are not misled by which questions an arm was given', () => {
    const lengths = new ReadLengths()
    // Only short questions came: as short as they were read, so a long one stays as long as it is read.
    for (let call = 0; call < 100; call += 1) lengths.observe(key, { outputTokens: 50, isCut: false }, read(50))
    expect(Math.exp(lengths.length(key, read(800)).mu)).toBeCloseTo(800, 0)
  })

  it('shrink other kinds of step to what solutions show, and keep other arms apart', () => {
    const lengths = lengthsAfter(300, 2)
    const revise = { ...key, kind: 'revise' } as const
    expect(lengths.length(revise, read(200)).mu).toBeCloseTo(lengths.length(key, read(200)).mu, 12)
    for (let call = 0; call < 50; call += 1) lengths.observe(revise, { outputTokens: 200, isCut: false }, read(200))
    expect(lengths.length(revise, read(200)).mu).toBeLessThan(lengths.length(key, read(200)).mu - 0.4)
    expect(lengths.length({ ...key, strategy: 'Flash' }, read(200))).toMatchObject(read(200))
    expect(lengths.length({ ...key, domain: 'code' }, read(200))).toMatchObject(read(200))
  })

  it('correct the share of cut answers, within 0 to 1', () => {
    const half = lengthsAfter(300, 1, (call) => call % 2 === 0)
    expect(half.length(key, read(200)).cutShare).toBeCloseTo(0.5, 1)
    expect(half.length(key, read(200, 0.9)).cutShare).toBe(0.99)
    const never = new ReadLengths()
    for (let call = 0; call < 200; call += 1) never.observe(key, { outputTokens: 200, isCut: false }, read(200, 0.3))
    expect(never.length(key, read(200, 0.1)).cutShare).toBe(0)
  })

  it('come to the same as the length book where all questions read alike', () => {
    const book = new LengthBook(paperPrior.models[coder]!, () => 1_000_000)
    const lengths = new ReadLengths()
    const start = book.length(key)
    const random = createRandom(9)
    for (let call = 0; call < 40; call += 1) {
      const seen = { outputTokens: 150 * Math.exp(0.4 * random.normal()), isCut: call % 7 === 0 }
      book.observe(key, seen)
      lengths.observe(key, seen, start)
    }
    for (const name of ['mu', 'sigma', 'mean', 'cutShare'] as const)
      expect(lengths.length(key, start)[name]).toBeCloseTo(book.length(key)[name], 9)
  })
})
