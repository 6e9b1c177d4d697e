import { beforeAll, describe, expect, it } from 'vitest'
import { anEpisode } from '../../../../../../test/an-episode.ts'
import { createRandom } from '../../../../../core/index.ts'
import { initialise } from '../../../../../policy/index.ts'
import { clearBatch, createActorCriticStep, createBatch, writeDecision } from '../../../losses/index.ts'
import { startJax } from '../../../networks/index.ts'
import { toDecisionRows } from '../../../rollouts/index.ts'
import { createLevelNetwork } from '../level-network.ts'
import { createDecisionTable } from './decision-table.ts'
import type { SliceThread } from './slice-thread.ts'
import { createSlicedStep } from './sliced-step.ts'

beforeAll(() => startJax())

const network = { scorer: { contextSize: 3, candidateSize: 2, hidden: 8 }, places: 4, privilegedSize: 1 }
const { network: trainable } = createLevelNetwork(network.scorer, network)
const coefficients = { clipCoef: 0.2, vfCoef: 0.5, entCoef: 0.01, klCoef: 0.01, cloneCoef: 0 }
const random = createRandom(3)
const numbers = (count: number) => Float32Array.from({ length: count }, () => random.normal())
const rows = toDecisionRows(
  Array.from({ length: 13 }, () => ({
    ...anEpisode({}),
    decisions: [
      {
        level: 'planner' as const,
        decision: {
          context: numbers(3),
          candidates: numbers(8),
          count: 4,
          base: numbers(4),
          taken: random.below(4),
          logProbability: -1 - random.uniform(),
        },
      },
    ],
  })),
  'planner',
  network.scorer,
)
const labels = { advantages: numbers(13), rewards: numbers(13), privileged: numbers(13) }
const parameters = initialise(trainable.shapes, random)
const whole = Int32Array.from({ length: 13 }, (_, index) => index)

describe('a minibatch in two slices', () => {
  it('has the gradient and values of the whole one', async () => {
    const step = createSlicedStep({ ...network, loss: 'clipped-surrogate', rows: 14 }, null)
    step.begin([rows], labels)
    const { gradientFlat, stats } = await step.gradient(parameters, whole, coefficients)
    const values = await step.evaluate(parameters, 13)

    const one = createActorCriticStep({ network: trainable, rows: 13, loss: 'clipped-surrogate' })
    const batch = createBatch(trainable, 13)
    const table = createDecisionTable([rows])
    clearBatch(batch)
    for (const index of whole)
      writeDecision(batch, index, {
        decision: table.decision(index),
        labels: {
          advantage: labels.advantages[index] as number,
          returns: labels.rewards[index] as number,
          privileged: labels.privileged.subarray(index, index + 1),
        },
      })
    const expected = one.step(parameters, batch, coefficients)
    for (const [index, slope] of expected.gradientFlat.entries()) expect(gradientFlat[index]).toBeCloseTo(slope, 5)
    expect(stats.policyLoss).toBeCloseTo(expected.stats.policyLoss, 5)
    expect(stats.kl).toBeCloseTo(expected.stats.kl, 5)
    const alone = one.evaluate(parameters, batch).values
    for (const [index, value] of values.entries()) expect(value).toBeCloseTo(alone[index] as number, 5)
  })

  it('may be smaller than one of them', async () => {
    const step = createSlicedStep({ ...network, loss: 'clipped-surrogate', rows: 14 }, null)
    step.begin([rows], labels)
    const { gradientFlat } = await step.gradient(parameters, whole.slice(0, 5), coefficients)
    expect(gradientFlat.every(Number.isFinite)).toBe(true)
  })

  it('tells the error of its own slice, also where the other one fails later, unheard', async () => {
    let failLater: (error: Error) => void = () => {}
    const thread: SliceThread = {
      open: () => ({
        begin: () => {},
        gradient: () => new Promise((_, reject) => (failLater = reject)),
        evaluate: () => new Promise((_, reject) => (failLater = reject)),
      }),
      close: async () => failLater(new Error('ended early')),
    }
    const tooFew = { ...network, places: 3 }
    const step = createSlicedStep({ ...tooFew, loss: 'clipped-surrogate', rows: 14 }, thread)
    step.begin([rows], labels)
    await expect(step.gradient(parameters, whole, coefficients)).rejects.toThrow('4 candidates for 3 places')
    await thread.close()
  })
})
