/** @file The compiled step: statistics against sums by hand, gradients against finite differences, padding, repeatability. */
import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import { entropyOf, initialise, logProbabilityOf, type ScoredDecision, softmax } from '../../../policy/index.ts'
import { candidateActorCritic, candidateScorer, startJax, type Trainable } from '../networks/index.ts'
import {
  type ActorCriticBatch,
  clearBatch,
  createActorCriticStep,
  createBatch,
  explainedVariance,
  type LossCoefficients,
  writeDecision,
} from './index.ts'

beforeAll(startJax)

const config = { contextSize: 3, candidateSize: 4, hidden: 6, places: 5 }
const withCritic = candidateActorCritic(config, { privilegedSize: 2, hidden: 8 })
const rows = 4
const all: LossCoefficients = { clipCoef: 0.2, vfCoef: 0.5, entCoef: 0.05, klCoef: 0.3, cloneCoef: 0.7 }
const none: LossCoefficients = { clipCoef: 0.2, vfCoef: 0, entCoef: 0, klCoef: 0, cloneCoef: 0 }

const normals = (count: number, seed: number) => {
  const random = createRandom(seed)
  return Float32Array.from({ length: count }, () => random.normal())
}
const parametersOf = (network: Trainable, seed = 1) => {
  const noise = normals(1e5, seed)
  return initialise(network.shapes, createRandom(seed)).map((value, index) => value + 0.2 * (noise[index] as number))
}
const decisionOf = (row: number, count: number): ScoredDecision => ({
  context: normals(3, 10 + row),
  candidates: normals(4 * count, 20 + row),
  count,
  base: normals(count, 30 + row),
  taken: row % count,
  logProbability: -Math.log(count) - 0.1 * row,
})
const labelsOf = (row: number, count: number) => {
  const clone = normals(count, 40 + row)
  softmax(clone, clone, count)
  return { advantage: row - 1.2, returns: 0.3 * row, weight: 1 + 0.5 * row, privileged: [0.1 * row, 1], clone }
}
const batchOf = (network: Trainable, size = rows): ActorCriticBatch => {
  const batch = createBatch(network, size)
  for (let row = 0; row < rows; row += 1) {
    const count = 2 + row
    writeDecision(batch, row, { decision: decisionOf(row, count), labels: labelsOf(row, count) })
  }
  return batch
}

/** Directional derivatives along random directions: the float32 loss is too coarse for one parameter at a time. */
const expectGradient = (gradient: Float32Array, lossAt: (shift: Float32Array) => number) => {
  for (let trial = 0; trial < 6; trial += 1) {
    const direction = normals(gradient.length, 100 + trial)
    const width = 2e-3
    const slope =
      (lossAt(direction.map((value) => value * width)) - lossAt(direction.map((value) => -value * width))) / (2 * width)
    const expected = gradient.reduce((sum, value, index) => sum + value * (direction[index] as number), 0)
    const scale = Math.hypot(...gradient)
    expect(Math.abs(slope - expected)).toBeLessThan(0.02 * scale + 2e-3)
  }
}

describe.each(['policy-gradient', 'clipped-surrogate'] as const)('the gradient of %s', (loss) => {
  const network = withCritic
  const parameters = parametersOf(network)
  const batch = batchOf(network)

  it.each([
    ['alone', none],
    ['with values', { ...none, vfCoef: 3 }],
    ['with entropy', { ...none, entCoef: 2 }],
    ['with divergence', { ...none, klCoef: 2 }],
    ['with cloning', { ...none, cloneCoef: 2 }],
    ['with all terms', all],
  ])('%s is that of finite differences', (_, coefficients) => {
    const step = createActorCriticStep({ network, rows, loss })
    const { gradientFlat } = step.step(parameters, batch, coefficients)
    expectGradient(
      gradientFlat,
      (shift) =>
        step.step(
          parameters.map((value, index) => value + (shift[index] as number)),
          batch,
          coefficients,
        ).stats.loss,
    )
  })
})

describe('the statistics', () => {
  const step = createActorCriticStep({ network: withCritic, rows, loss: 'clipped-surrogate' })
  const parameters = parametersOf(withCritic)
  const batch = batchOf(withCritic)
  const { stats } = step.step(parameters, batch, all)

  it('are the weighted means of their definitions', () => {
    const { logProbabilities, values } = step.evaluate(parameters, batch)
    const mean = (term: (row: number, logs: Float32Array) => number) => {
      let [sum, total] = [0, 0]
      for (let row = 0; row < rows; row += 1) {
        const weight = batch.weight[row] as number
        sum += weight * term(row, logProbabilities.subarray(row * 5, row * 5 + 2 + row))
        total += weight
      }
      return sum / total
    }
    const ratio = (row: number, logs: Float32Array) =>
      Math.exp((logs[batch.taken[row] as number] as number) - (batch.logProbability[row] as number))
    const advantage = (row: number) => batch.advantage[row] as number
    const clip = (value: number) => Math.min(1.2, Math.max(0.8, value))
    const expected = {
      policyLoss: mean((row, logs) => {
        const r = ratio(row, logs)
        return -Math.min(r * advantage(row), clip(r) * advantage(row))
      }),
      valueLoss: mean((row) => 0.5 * ((values[row] as number) - (batch.returns[row] as number)) ** 2),
      entropy: mean((_, logs) => entropyOf(logs)),
      kl: mean((row, logs) => ratio(row, logs) - 1 - Math.log(ratio(row, logs))),
      klToBase: mean((row, logs) => {
        const { base } = decisionOf(row, logs.length)
        return logs.reduce((sum, log, place) => sum + Math.exp(log) * (log - logProbabilityOf(base, place)), 0)
      }),
      cloneLoss: mean(
        (row, logs) => -logs.reduce((sum, log, place) => sum + (batch.clone[row * 5 + place] as number) * log, 0),
      ),
      clipFraction: mean((row, logs) => (Math.abs(ratio(row, logs) - 1) > 0.2 ? 1 : 0)),
    }
    for (const [name, value] of Object.entries(expected))
      expect(stats[name as keyof typeof stats], name).toBeCloseTo(value, 4)
    const { policyLoss, valueLoss, entropy, klToBase, cloneLoss } = stats
    const loss = policyLoss + 0.5 * valueLoss - 0.05 * entropy + 0.3 * klToBase + 0.7 * cloneLoss
    expect(stats.loss).toBeCloseTo(loss, 5)
    expect(stats.explainedVariance).toBeCloseTo(explainedVariance(values, batch), 6)
    expect(stats.clipFraction).toBeGreaterThan(0)
  })

  it('give REINFORCE the mean of -A ln p', () => {
    const reinforce = createActorCriticStep({ network: withCritic, rows, loss: 'policy-gradient' })
    const { logProbabilities } = step.evaluate(parameters, batch)
    let [sum, total] = [0, 0]
    for (let row = 0; row < rows; row += 1) {
      const log = logProbabilities[row * 5 + (batch.taken[row] as number)] as number
      sum -= (batch.weight[row] as number) * (batch.advantage[row] as number) * log
      total += batch.weight[row] as number
    }
    expect(reinforce.step(parameters, batch, none).stats.policyLoss).toBeCloseTo(sum / total, 5)
  })
})

describe('a step', () => {
  const step = createActorCriticStep({ network: withCritic, rows: 7, loss: 'clipped-surrogate' })
  const parameters = parametersOf(withCritic)

  it('is repeated bit for bit and changes nothing it is given', () => {
    const batch = batchOf(withCritic, 7)
    const before = parameters.slice()
    const [first, second] = [step.step(parameters, batch, all), step.step(parameters, batch, all)]
    const again = createActorCriticStep({ network: withCritic, rows: 7, loss: 'clipped-surrogate' })
    expect(second).toEqual(first)
    expect(again.step(parameters, batch, all)).toEqual(first)
    expect(parameters).toEqual(before)
  })

  it('takes nothing from rows of weight 0, whatever is in them', () => {
    const batch = batchOf(withCritic, 7)
    const small = createActorCriticStep({ network: withCritic, rows, loss: 'clipped-surrogate' })
    const expected = small.step(parameters, batchOf(withCritic), all)
    const padded = step.step(parameters, batch, all)
    padded.gradientFlat.forEach((slope, index) => {
      expect(slope).toBeCloseTo(expected.gradientFlat[index] as number, 5)
    })
    writeDecision(batch, 5, { decision: decisionOf(5, 3), labels: { advantage: 99, returns: 99, weight: 0 } })
    expect(step.step(parameters, batch, all).stats.loss).toBeCloseTo(padded.stats.loss, 5)
    clearBatch(batch)
    const empty = step.step(parameters, batch, all)
    expect(Math.hypot(...empty.gradientFlat)).toBe(0)
    expect(empty.stats.explainedVariance).toBe(0)
  })

  it('works without a critic', () => {
    const network = candidateScorer(config)
    const lone = createActorCriticStep({ network, rows, loss: 'clipped-surrogate' })
    const { stats, gradientFlat } = lone.step(parametersOf(network), batchOf(network), none)
    expect(Math.hypot(...gradientFlat)).toBeGreaterThan(0.01)
    expect(stats.policyLoss).toBe(stats.loss)
    expect([...lone.evaluate(parametersOf(network), batchOf(network)).values]).toEqual([0, 0, 0, 0])
  })

  it('keeps no memory: the device does not grow by a batch or a gradient per step', () => {
    const network = candidateActorCritic({ ...config, hidden: 64 }, { privilegedSize: 2 })
    const wide = createActorCriticStep({ network, rows, loss: 'clipped-surrogate' })
    const [weights, batch] = [parametersOf(network), batchOf(network)]
    const usedBytes = () => process.memoryUsage().arrayBuffers
    const run = (steps: number) => {
      for (let index = 0; index < steps; index += 1) {
        wide.step(weights, batch, all)
        wide.evaluate(weights, batch)
      }
    }
    run(20)
    const before = usedBytes()
    run(200)
    // One set of parameters more per step would be about 20 MB; what waits for the collector is less than 6.
    expect(usedBytes() - before).toBeLessThan(10e6)
  })

  it('refuses batches of another shape', () => {
    expect(() => step.step(parameters, batchOf(withCritic), all)).toThrow('a batch of 4 rows for a step of 7')
    const foreign = createBatch({ inputs: { mask: [5] }, places: 5 }, 7)
    expect(() => step.evaluate(parameters, foreign)).toThrow('numbers of inputs/context instead of 21')
  })
})

describe('a row of a batch', () => {
  it('is overwritten whole', () => {
    const batch = createBatch(withCritic, 2)
    writeDecision(batch, 1, { decision: decisionOf(3, 5), labels: labelsOf(3, 5) })
    writeDecision(batch, 1, { decision: decisionOf(1, 2), labels: { advantage: 1 } })
    const fresh = createBatch(withCritic, 2)
    writeDecision(fresh, 1, { decision: decisionOf(1, 2), labels: { advantage: 1 } })
    expect(batch).toEqual(fresh)
    expect([...(batch.inputs['mask'] as Float32Array)]).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0, 0])
  })

  it('refuses what does not fit', () => {
    const batch = createBatch(withCritic, 1)
    const write = (decision: ScoredDecision, row = 0) =>
      writeDecision(batch, row, { decision, labels: { advantage: 0 } })
    expect(() => write(decisionOf(0, 6))).toThrow('6 candidates for 5 places')
    expect(() => write({ ...decisionOf(0, 2), count: 0 })).toThrow('0 candidates')
    expect(() => write({ ...decisionOf(0, 2), taken: 2 })).toThrow('number 2 of 2')
    expect(() => write({ ...decisionOf(0, 2), context: new Float32Array(9) })).toThrow('9 numbers for 3')
    expect(() => write(decisionOf(0, 2), 1)).toThrow('row 1 of a batch of 1')
  })
})

describe('explained variance', () => {
  const weight = [1, 1, 1, 0]
  const returns = [1, 2, 3, 99]

  it('is 1 for a critic that is right but for a constant, 0 for the mean, less for worse', () => {
    expect(explainedVariance([2, 3, 4, 0], { returns, weight })).toBeCloseTo(1, 9)
    expect(explainedVariance([2, 2, 2, 0], { returns, weight })).toBeCloseTo(0, 9)
    expect(explainedVariance([3, 2, 1, 0], { returns, weight })).toBeCloseTo(-3, 9)
    expect(explainedVariance([3, 2, 1], { returns: [5, 5, 5], weight })).toBe(0)
  })
})
