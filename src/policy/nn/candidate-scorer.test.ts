/** @file The candidate scorer: what a fresh one gives, and what must not matter to a trained one. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../core/index.ts'
import { candidateScorerShapes, createCandidateScorer, initialise, parameterCount } from './index.ts'

const config = { contextSize: 7, candidateSize: 5, hidden: 12 }
const shapes = candidateScorerShapes(config)
const normals = (count: number, seed: number) => {
  const random = createRandom(seed)
  return Float32Array.from({ length: count }, () => random.normal())
}
const inputOf = (count: number) => ({
  context: normals(7, 1),
  candidates: normals(5 * count, 2),
  count,
  base: normals(count, 3),
})
const trained = () => createCandidateScorer(config, normals(parameterCount(shapes), 4))

describe('candidate scorer', () => {
  it('starts by giving the base back, bit for bit', () => {
    const fresh = createCandidateScorer(config, initialise(shapes, createRandom(1)))
    const input = inputOf(9)
    expect([...fresh.score(input)]).toEqual([...input.base])
  })

  it('is 32 wide unless told', () => {
    const wide = candidateScorerShapes({ contextSize: 40, candidateSize: 32 })
    expect(parameterCount(wide)).toBe(40 * 32 + 3 * 32 + 32 * 32 + 3 * 32 + 32 * 32 + 2 * (64 * 32 + 32) + 33 * 32 + 33)
  })

  it('gives the same scores to the same candidates in another order', () => {
    const { context, candidates, base } = inputOf(6)
    const order = [3, 0, 5, 1, 4, 2]
    const scores = trained().score({ context, candidates, count: 6, base }).slice()
    const shuffled = trained().score({
      context,
      candidates: Float32Array.from(order.flatMap((place) => [...candidates.subarray(5 * place, 5 * place + 5)])),
      count: 6,
      base: Float32Array.from(order, (place) => base[place]!),
    })
    order.forEach((place, index) => {
      expect(shuffled[index]).toBeCloseTo(scores[place]!, 4)
    })
  })

  it('lets a candidate feel the others and the context', () => {
    const input = inputOf(3)
    const scores = trained().score(input).slice()
    const withoutLast = trained().score({ ...input, count: 2 })
    const elsewhere = trained().score({ ...input, context: normals(7, 9) })
    expect(withoutLast).toHaveLength(2)
    expect(withoutLast[0]).not.toBeCloseTo(scores[0]!, 3)
    expect(elsewhere[0]).not.toBeCloseTo(scores[0]!, 3)
  })

  it('does not depend on the calls before: counts up, down, none', () => {
    const scorer = trained()
    const first = scorer.score(inputOf(4)).slice()
    expect(scorer.score(inputOf(100))).toHaveLength(100)
    expect(scorer.score(inputOf(0))).toHaveLength(0)
    expect([...scorer.score(inputOf(4))]).toEqual([...first])
  })

  it('keeps the parameters that it was made with', () => {
    for (const hidden of [12, 10]) {
      const odd = { ...config, hidden }
      const parameters = normals(parameterCount(candidateScorerShapes(odd)), 4)
      const scorer = createCandidateScorer(odd, parameters)
      const before = scorer.score(inputOf(3)).slice()
      parameters.fill(0)
      expect(scorer.score(inputOf(3))).toEqual(before)
    }
  })

  it('writes the logits of one count into one array, so that nothing is allocated', () => {
    const scorer = trained()
    expect(scorer.score(inputOf(4))).toBe(scorer.score(inputOf(4)))
  })

  it('refuses parameters of another size', () => {
    expect(() => createCandidateScorer(config, new Float32Array(3))).toThrow('parameters, got 3')
  })
})
