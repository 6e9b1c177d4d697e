/** @file Effects that add up: data moves a cell, kin lends to cells without any, and the prior holds the rest. */
import { describe, expect, it } from 'vitest'
import { type CellObservation, fitAdditive } from './additive-model.ts'

const deviationOf = (key: string) => (key.startsWith('model') ? 1 : 0.3)
const cell = (model: string, depth: string, offset: number, precision = 400): CellObservation => ({
  keys: [`model|${model}`, `depth|${model}|${depth}`],
  offset,
  precision,
})

describe('fitAdditive', () => {
  it('gives a well observed cell what was observed', () => {
    const { offset, deviation } = fitAdditive([cell('a', 'Flash', 0.8, 1e6)], deviationOf).of([
      'model|a',
      'depth|a|Flash',
    ])
    expect(offset).toBeCloseTo(0.8, 4)
    expect(deviation).toBeLessThan(0.002)
  })

  it('splits an offset by the priors, and lends the model’s part to cells never observed', () => {
    const fit = fitAdditive([cell('a', 'Flash', 1.09, 1e6)], deviationOf)
    // 1 of 1.09 of the prior variance is the model's.
    expect(fit.of(['model|a', 'depth|a|Concise']).offset).toBeCloseTo(1, 3)
    expect(fit.of(['model|b', 'depth|b|Flash'])).toEqual({ offset: 0, deviation: Math.sqrt(1.09) })
  })

  it('is less sure of a cell that was not observed than of one that was', () => {
    const fit = fitAdditive([cell('a', 'Flash', 0.5), cell('a', 'Concise', 0.4)], deviationOf)
    const [seen, unseen] = ['Flash', 'DeepThink'].map((depth) => fit.of(['model|a', `depth|a|${depth}`]).deviation)
    expect(seen!).toBeLessThan(unseen!)
    expect(unseen!).toBeLessThan(Math.sqrt(1.09))
  })

  it('pulls what rests on little towards nothing', () => {
    const [little, much] = [1, 1000].map(
      (precision) =>
        fitAdditive([cell('a', 'Flash', 1, precision)], deviationOf).of(['model|a', 'depth|a|Flash']).offset,
    )
    // Posterior mean of one normal: variance x precision / (1 + variance x precision).
    expect(little).toBeCloseTo(1.09 / 2.09, 6)
    expect(much).toBeCloseTo(1090 / 1091, 6)
  })
})
