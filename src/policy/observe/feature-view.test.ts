import { describe, expect, it } from 'vitest'
import { armCandidateNames, stepContextNames } from '../executor/index.ts'
import { planContextNames, teamCandidateNames } from '../planner/index.ts'
import { createFeatureMask, type FeatureView } from './feature-view.ts'

function hidden(names: readonly string[], view: FeatureView): readonly string[] {
  const numbers = new Float32Array(2 * names.length).fill(1)
  createFeatureMask(names, view)(numbers, 1)
  expect(numbers.subarray(names.length).every((value) => value === 1)).toBe(true)
  return names.filter((_, place) => numbers[place] === 0)
}
const pooled = (measure: string) =>
  ['mean', 'smallest', 'largest', 'weighted'].map((pooling) => `pool.${measure}.${pooling}`)

describe('a view of the features', () => {
  it('of both sides hides nothing', () => {
    for (const names of [armCandidateNames, stepContextNames, planContextNames, teamCandidateNames])
      expect(hidden(names, 'both')).toEqual([])
  })

  it('as reported hides what is predicted of times, and what is made of it', () => {
    for (const names of [planContextNames, stepContextNames]) expect(hidden(names, 'raw')).toEqual(pooled('latency'))
    expect(hidden(armCandidateNames, 'raw')).toEqual(
      expect.arrayContaining(['price', 'score', 'chanceInTime', 'latency', 'queue', 'service']),
    )
    expect(hidden(teamCandidateNames, 'raw')).toEqual([
      ...['price', 'score', 'behindBestScore', 'predicted', 'predictedOfLeft'],
    ])
  })

  it('as predicted hides what engines report', () => {
    const context = ['pool.load', ...pooled('pressure'), ...pooled('kv')]
    for (const names of [planContextNames, stepContextNames]) expect(hidden(names, 'estimates')).toEqual(context)
    expect(hidden(armCandidateNames, 'estimates')).toEqual([
      ...['pressure', 'running', 'waiting', 'kv', 'slowdown', 'readingAge'],
    ])
    expect(hidden(teamCandidateNames, 'estimates')).toEqual(['bottleneckPressure'])
  })

  it('never hides what an arm is and is worth, nor what was asked', () => {
    for (const view of ['raw', 'estimates'] as const) {
      const kept = armCandidateNames.filter((name) => !hidden(armCandidateNames, view).includes(name))
      expect(kept).toEqual(expect.arrayContaining(['stop', 'strategy.Flash', 'quality', 'odds', 'outputTokens']))
      for (const names of [planContextNames, stepContextNames])
        expect(hidden(names, view).filter((name) => !name.startsWith('pool.'))).toEqual([])
    }
  })
})
