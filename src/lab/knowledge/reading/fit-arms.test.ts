import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, logistic, mean } from '../../../core/index.ts'
import { type LevelName, scaleLevels } from './arm-levels.ts'
import { choosePenalties } from './choose-penalties.ts'
import { createDesign } from './design.ts'
import { type ArmFit, type FitTerms, fitArms, weigh } from './fit-arms.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

const table = { models: 3, strategies: 2 }
const arms = 6
const features = 4
const free = { shared: 0, model: 0, strategy: 0, arm: 0 }
const none = { shared: Infinity, model: Infinity, strategy: Infinity, arm: Infinity }

function randomRows(count: number, seed: number): readonly Float64Array[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => {
    const common = random.normal()
    // Correlated and off centre, as features of texts are.
    return Float64Array.from({ length: features }, (_, k) => 0.3 * k + random.normal() + 0.6 * common)
  })
}

/** What every arm does on `rows` when its logits are `intercepts + weights . x`: shares of `answers` right ones. */
function answersTo(rows: readonly Float64Array[], { intercepts, weights }: ArmFit, answers: number, seed = 5) {
  const random = createRandom(seed)
  return Float64Array.from(
    rows.flatMap((row) =>
      Array.from({ length: arms }, (_, arm) => {
        const p = logistic(intercepts[arm]! + weigh(weights, arm, row))
        return mean(Array.from({ length: answers }, () => (random.uniform() < p ? 1 : 0)))
      }),
    ),
  )
}

const planted: ArmFit = {
  intercepts: Float64Array.of(0.2, -0.5, 1, 0.4, -1, 0),
  weights: Float64Array.from({ length: arms * features }, (_, place) => {
    const [arm, feature] = [Math.floor(place / features), place % features]
    return [0.8, -0.5, 0, 0.2][feature]! + (feature === 2 ? 0.4 * (arm % 2) : 0) + (feature === 3 && arm > 3 ? 0.5 : 0)
  }),
}

const sizeOf = (values: Float64Array) => Math.hypot(...values)
const fitTo = (
  rows: readonly Float64Array[],
  targets: Float64Array,
  terms: Partial<FitTerms> & Pick<FitTerms, 'penalties'>,
) => fitArms(createDesign(rows), targets, { table, kind: 'logistic', ...terms })

describe('fitting arms', () => {
  it('finds a planted logistic effect of each arm', () => {
    const rows = randomRows(6000, 1)
    const found = fitTo(rows, answersTo(rows, planted, 3), { penalties: free })
    for (const [place, weight] of planted.weights.entries())
      expect(Math.abs(found.weights[place]! - weight), String(place)).toBeLessThan(0.12)
    for (const [arm, intercept] of planted.intercepts.entries())
      expect(Math.abs(found.intercepts[arm]! - intercept)).toBeLessThan(0.12)
  })

  it('finds a linear one exactly where there is no noise', () => {
    const rows = randomRows(50, 2)
    const { intercepts, weights } = planted
    const targets = Float64Array.from(
      rows.flatMap((row) => Array.from(intercepts, (start, arm) => start + weigh(weights, arm, row))),
    )
    const found = fitTo(rows, targets, { penalties: free, kind: 'linear' })
    for (const [place, weight] of weights.entries()) expect(found.weights[place]).toBeCloseTo(weight, 9)
    for (const [arm, intercept] of intercepts.entries()) expect(found.intercepts[arm]).toBeCloseTo(intercept, 9)
  })

  it('shrinks weights the more, the larger the penalty', () => {
    const rows = randomRows(150, 3)
    const targets = answersTo(rows, planted, 3)
    for (const kind of ['linear', 'logistic'] as const) {
      const sizes = [0, 1, 10, 100, 1000, Infinity].map((penalty) => {
        const penalties = { shared: penalty, model: penalty, strategy: penalty, arm: penalty }
        return sizeOf(fitTo(rows, targets, { penalties, kind }).weights)
      })
      for (const [place, size] of sizes.slice(1).entries()) expect(size).toBeLessThan(sizes[place]!)
      expect(sizes.at(-1)).toBe(0)
    }
  })

  it('gives all arms the same weights where only what they share is let in', () => {
    const rows = randomRows(150, 4)
    const { weights } = fitTo(rows, answersTo(rows, planted, 3), { penalties: { ...none, shared: 1 } })
    expect(sizeOf(weights)).toBeGreaterThan(0.3)
    for (const [place, weight] of weights.entries()) expect(weight).toBeCloseTo(weights[place % features]!, 9)
  })

  it('without weights says the mean of each arm, whatever it is', () => {
    const rows = randomRows(40, 5)
    const targets = answersTo(rows, planted, 3)
    const { intercepts, weights } = fitTo(rows, targets, { penalties: none })
    expect(sizeOf(weights)).toBe(0)
    for (let arm = 0; arm < arms; arm += 1) {
      const share = mean(rows.map((_, q) => targets[q * arms + arm]!))
      expect(logistic(intercepts[arm]!)).toBeCloseTo(share, 3)
    }
    const always = fitTo(rows, new Float64Array(40 * arms).fill(1), { penalties: free })
    expect([...always.intercepts, ...always.weights].every(Number.isFinite)).toBe(true)
  })
})

describe('penalties', () => {
  it('leave nothing in where the features tell nothing', () => {
    for (const seed of [1, 2, 3]) {
      const rows = randomRows(120, seed)
      const targets = answersTo(rows, { ...planted, weights: new Float64Array(arms * features) }, 3, seed)
      expect(choosePenalties(rows, targets, { table, kind: 'logistic' })).toEqual(none)
    }
  })

  it('let in what tells, and tell left-out questions better than the mean', () => {
    const rows = randomRows(150, 7)
    const targets = answersTo(rows, planted, 3)
    const penalties = choosePenalties(rows, targets, { table, kind: 'logistic' })
    expect(penalties.shared).toBeLessThan(100)
    const fresh = randomRows(400, 8)
    const loss = (given: ArmFit) =>
      mean(
        fresh.flatMap((row) =>
          Array.from({ length: arms }, (_, arm) => {
            const p = logistic(planted.intercepts[arm]! + weigh(planted.weights, arm, row))
            return (p - logistic(given.intercepts[arm]! + weigh(given.weights, arm, row))) ** 2
          }),
        ),
      )
    const read = loss(fitTo(rows, targets, { penalties }))
    expect(read).toBeLessThan(0.5 * loss(fitTo(rows, targets, { penalties: none })))
  })
})

describe('levels of arms', () => {
  const tables = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: arms, maxLength: arms })
  const kept = (values: readonly number[], levels: readonly LevelName[]) => {
    const scaled = Float64Array.from(values)
    scaleLevels(scaled, table, (level) => (levels.includes(level) ? 1 : 0))
    return scaled
  }

  it('add up to the whole, and are orthogonal', () => {
    fc.assert(
      fc.property(tables, (values) => {
        const parts = (['shared', 'model', 'strategy', 'arm'] as const).map((level) => kept(values, [level]))
        for (const [place, value] of values.entries())
          expect(parts.reduce((sum, part) => sum + part[place]!, 0)).toBeCloseTo(value, 9)
        for (const [a, one] of parts.entries())
          for (const other of parts.slice(a + 1))
            expect(one.reduce((sum, value, place) => sum + value * other[place]!, 0)).toBeCloseTo(0, 9)
      }),
    )
  })

  it('part by model and by depth', () => {
    const rows = kept([1, 2, 3, 4, 5, 9], ['shared', 'model'])
    expect([...rows]).toEqual([1.5, 1.5, 3.5, 3.5, 7, 7].map((value) => expect.closeTo(value, 9)))
    const columns = kept([1, 2, 3, 4, 5, 9], ['shared', 'strategy'])
    expect([...columns]).toEqual([3, 5, 3, 5, 3, 5].map((value) => expect.closeTo(value, 9)))
  })
})

describe('eigenvectors', () => {
  it('rebuild any symmetric matrix, and are orthonormal', () => {
    const size = 5
    const entries = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 25, maxLength: 25 })
    fc.assert(
      fc.property(entries, (given) => {
        const matrix = Float64Array.from(given, (_, p) => given[p]! + given[(p % size) * size + Math.floor(p / size)]!)
        const { values, vectors } = symmetricEigen(matrix, size)
        for (let a = 0; a < size; a += 1) {
          for (let b = 0; b < size; b += 1) {
            let [rebuilt, product] = [0, 0]
            for (let k = 0; k < size; k += 1) {
              rebuilt += vectors[a * size + k]! * values[k]! * vectors[b * size + k]!
              product += vectors[k * size + a]! * vectors[k * size + b]!
            }
            expect(rebuilt).toBeCloseTo(matrix[a * size + b]!, 8)
            expect(product).toBeCloseTo(a === b ? 1 : 0, 8)
          }
        }
      }),
    )
  })
})
