/** @file The vector form of the candidate scorer gives what plain loops give, within 1e-5, and the same bits every time. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../core/index.ts'
import { candidateScorerShapes, createCandidateScorer, initialise, type NetworkShapes } from './index.ts'
import { createScalarCandidateScorer } from './scalar-candidate-scorer.ts'
import { hasSimd } from './simd/index.ts'
import { createSimdCandidateScorer } from './simd-candidate-scorer.ts'

const normals = (count: number, seed: number) => {
  const random = createRandom(seed)
  return Float32Array.from({ length: count }, () => random.normal())
}
/** Starting parameters with noise on all of them, so that what starts at 0 takes part. */
const noisy = (shapes: NetworkShapes, seed: number) => {
  const noise = normals(2e5, seed)
  return initialise(shapes, createRandom(seed)).map((value, index) => value + 0.1 * (noise[index] as number))
}
const furthest = (one: Float32Array, other: Float32Array) =>
  one.reduce((most, value, index) => Math.max(most, Math.abs(value - (other[index] as number))), 0)

it('runs on every platform that the project supports', () => {
  expect(hasSimd()).toBe(true)
})

describe.each([
  { contextSize: 1, candidateSize: 1, hidden: 4 },
  { contextSize: 7, candidateSize: 5, hidden: 12 },
  { contextSize: 40, candidateSize: 29, hidden: 24 },
  { contextSize: 63, candidateSize: 43 },
  { contextSize: 9, candidateSize: 6, hidden: 100 },
])('a candidate scorer of %o', (config) => {
  const shapes = candidateScorerShapes(config)
  const parameters = noisy(shapes, 1)
  const inputOf = (count: number) => ({
    context: normals(config.contextSize, count),
    candidates: normals(config.candidateSize * count, count + 1),
    count,
    base: normals(count, count + 2),
  })
  // Up and down again: memory grows in between, and what it held before must not show.
  const counts = [3, 1, 15, 16, 17, 80, 300, 0, 15]

  it('scores as plain loops do', () => {
    const [plain, vector] = [
      createScalarCandidateScorer(config, parameters),
      createSimdCandidateScorer(config, parameters),
    ]
    for (const count of counts) {
      const input = inputOf(count)
      const [expected, scored] = [plain.score(input), vector.score(input)]
      expect(scored).toHaveLength(count)
      expect(furthest(scored, expected)).toBeLessThanOrEqual(1e-5)
    }
  })

  it('gives the same bits again, from another instance and after other calls', () => {
    const [one, other] = [createSimdCandidateScorer(config, parameters), createCandidateScorer(config, parameters)]
    const first = counts.map((count) => one.score(inputOf(count)).slice())
    const again = [...counts].reverse().map((count) => other.score(inputOf(count)).slice())
    expect(again.reverse()).toEqual(first)
  })

  it('passes on what is not a number', () => {
    const input = inputOf(2)
    input.candidates[0] = Number.NaN
    expect(createSimdCandidateScorer(config, parameters).score(input)[0]).toBeNaN()
  })
})
