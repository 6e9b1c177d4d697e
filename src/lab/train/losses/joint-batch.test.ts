/** @file The joint head in training: what a decision becomes in a batch, and that both sides give it the same probability. */
import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import {
  createPaperExecutor,
  initialise,
  logProbabilityOf,
  parameterCount,
  type ScoredDecision,
  teamTexts,
} from '../../../policy/index.ts'
import { type JointConfig, jointActorCritic, jointShapes, startJax } from '../networks/index.ts'
import { createActorCriticStep, createBatch, writeJointDecision } from './index.ts'

beforeAll(startJax)

const random = createRandom(5)
const normals = (count: number) => Float32Array.from({ length: count }, () => random.normal())
const texts = teamTexts()
const models = 2
const decisionOf = (): ScoredDecision => ({
  query: normals(384),
  context: Float32Array.of(3, 0.4, ...normals(3 * models)),
  candidates: Float32Array.of(5, 0, 2),
  count: 3,
  base: Float32Array.of(0.5, -0.25, 0),
  taken: 2,
  logProbability: -1,
})

describe.each<[string, JointConfig, number]>([
  ["the paper's critic", { models, hasBase: false }, 0],
  ['a base and a critic of its own', { models, hasBase: true }, 4],
])('the joint head with %s', (_, config, privilegedSize) => {
  const network = jointActorCritic(config, privilegedSize)
  const parameters = initialise(network.shapes, createRandom(1)).map((value) => value + 0.02 * random.normal())
  const batch = createBatch(network, 4)
  const decision = decisionOf()
  const labels = { advantage: 2, returns: 0.5, privileged: normals(privilegedSize) }
  for (const row of [0, 2]) writeJointDecision(batch, row, { decision, labels, texts })

  it('gives what was taken the probability that serving gives it, and nothing to masked places', () => {
    const policy = parameters.slice(0, parameterCount(jointShapes(config)))
    const scorer = createPaperExecutor(config, { parameters: policy, roles: texts.roles })
    const [role = 0] = decision.context
    const all = scorer.score({ query: decision.query as Float32Array, role, load: decision.context.subarray(1) })
    const logits = Float32Array.from(
      decision.candidates,
      (place, index) => (all[place] as number) + (decision.base[index] as number),
    )
    const step = createActorCriticStep({ network, rows: 4, loss: 'clipped-surrogate' })
    const { logProbabilities, values } = step.evaluate(parameters, batch)
    for (const row of [0, 2]) {
      const logs = logProbabilities.subarray(row * network.places, (row + 1) * network.places)
      for (const [index, place] of decision.candidates.entries())
        expect(logs[place]).toBeCloseTo(logProbabilityOf(logits, index), 4)
      for (const place of [1, 3, 4]) expect(logs[place]).toBeLessThan(-1e8)
    }
    expect(values[0]).toBe(values[2])
    const { gradientFlat, stats } = step.step(parameters, batch, {
      clipCoef: 0.2,
      vfCoef: 0.5,
      entCoef: 0.1,
      klCoef: 0.01,
      cloneCoef: 0,
    })
    expect(gradientFlat.every(Number.isFinite)).toBe(true)
    expect(gradientFlat.some((value) => value !== 0)).toBe(true)
    expect(Number.isFinite(stats.loss)).toBe(true)
  })

  it('starts as the base where there is one', () => {
    const fresh = initialise(network.shapes, createRandom(2))
    const step = createActorCriticStep({ network, rows: 4, loss: 'clipped-surrogate' })
    const { logProbabilities } = step.evaluate(fresh, batch)
    const isBase = Math.abs((logProbabilities[5] as number) - logProbabilityOf(decision.base, 0)) < 1e-5
    expect(isBase).toBe(config.hasBase)
  })

  it('refuses a decision without its question', () => {
    const { query: _query, ...without } = decision
    expect(() => writeJointDecision(batch, 1, { decision: without, labels, texts })).toThrow(/question/)
  })
})
