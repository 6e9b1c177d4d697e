import { describe, expect, it } from 'vitest'
import { minimise, type Parameter } from './minimise.ts'

const parameter = (change: Partial<Parameter> = {}): Parameter => ({
  start: 0,
  spread: 1e6,
  low: -10,
  high: 10,
  ...change,
})

describe('least squares with a pull', () => {
  it('finds the bottom of a curved valley', () => {
    // Rosenbrock's function as residuals.
    const { values, cost } = minimise([parameter({ start: -1.2 }), parameter({ start: 1 })], ([x = 0, y = 0]) => [
      10 * (y - x * x),
      1 - x,
    ])
    expect(values[0]).toBeCloseTo(1, 2)
    expect(values[1]).toBeCloseTo(1, 2)
    expect(cost).toBeLessThan(1e-4)
  })

  it('weighs the assumption against the evidence: two measurements of 1 and a spread of 1 around 0 give 2 / 3', () => {
    const { values } = minimise([parameter({ spread: 1 })], ([x = 0]) => [x - 1, x - 1])
    expect(values[0]).toBeCloseTo(2 / 3, 6)
  })

  it('stays where nothing speaks against the assumption', () => {
    expect(minimise([parameter({ start: 0.3, spread: 0.1 })], () => [1]).values).toEqual([0.3])
  })

  it('stops at its bounds, starting from them too', () => {
    const push = ([x = 0]: readonly number[]) => [x - 5]
    expect(minimise([parameter({ high: 2 })], push).values).toEqual([2])
    expect(minimise([parameter({ start: 2, high: 2 })], push).values).toEqual([2])
  })
})
