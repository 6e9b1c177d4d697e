/** @file The paper's networks in training: parity with serving, gradients against finite differences, REINFORCE's direction. */
import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import {
  createPaperExecutor,
  createPaperPlanner,
  entropyOf,
  initialise,
  logProbabilityOf,
  type NetworkShapes,
  paperExecutorShapes,
  paperExecutorSizes,
  paperPlannerShapes,
} from '../../../policy/index.ts'
import { np, paperExecutor, startJax, toTensors, usesOf } from '../networks/index.ts'
import { createPlannerBatch, createPlannerStep, type PlannerBatch, type TeamTaken, writeTeam } from './index.ts'

beforeAll(startJax)

const normals = (count: number, seed: number) => {
  const random = createRandom(seed)
  return Float32Array.from({ length: count }, () => random.normal())
}
const noisy = (shapes: NetworkShapes, seed: number) => {
  const noise = normals(2e5, seed)
  return initialise(shapes, createRandom(seed)).map((value, index) => value + 0.1 * (noise[index] as number))
}

describe.each([{ models: 5 }, { models: 1, strategies: 2, embeddingSize: 7 }])(
  "the paper's executor of %o",
  (config) => {
    it('is the same in training and in serving', () => {
      const parameters = noisy(paperExecutorShapes(config), 1)
      const network = paperExecutor(config)
      const size = (network.inputs['context'] as readonly [number])[0]
      const context = normals(3 * size, 2)
      const inputs = { context: np.array(context.slice()).reshape([3, size]) }
      const { logits, values } = network.forward(usesOf(toTensors(network.shapes, parameters)), usesOf(inputs))
      const [scores, worths] = [logits.dataSync(), values?.dataSync()]
      const { semantic } = paperExecutorSizes(config)
      for (let row = 0; row < 3; row += 1) {
        const [query, roles, load] = [0, semantic / 2, semantic].map((from, part) =>
          context.subarray(row * size + from, row * size + [semantic / 2, semantic, size][part]!),
        ) as [Float32Array, Float32Array, Float32Array]
        const serving = createPaperExecutor(config, { parameters, roles })
        serving.score({ query, role: 0, load }).forEach((score, place) => {
          expect(Math.abs(score - (scores[row * network.places + place] as number))).toBeLessThanOrEqual(1e-5)
        })
        expect(Math.abs(serving.value() - (worths?.[row] as number))).toBeLessThanOrEqual(1e-5)
      }
    })
  },
)

describe("the paper's planner", () => {
  const config = { loadSize: 4, domains: 3, embeddingSize: 10 }
  const texts = { topologies: normals(30, 1), roles: normals(50, 2) }
  const parameters = noisy(paperPlannerShapes(config), 3)
  const teamOf = (row: number): TeamTaken => ({
    query: normals(10, 10 + row),
    load: normals(4, 20 + row),
    noise: row === 0 ? null : normals(64, 30 + row),
    topology: row % 3,
    roles: [[1], [4, 0, 1, 1, 0, 4], [3, 2]][row] as number[],
    allowedRoles: [
      [0, 1, 4],
      [0, 1, 4],
      [2, 3],
    ][row] as number[],
    domain: row,
    advantage: [1, -0.5, 2][row] as number,
    weight: 1 + row,
  })
  const rows = 4
  const stepConfig = { ...config, rows, texts }
  const batchOf = (): PlannerBatch => {
    const batch = createPlannerBatch(stepConfig)
    for (let row = 0; row < 3; row += 1) writeTeam(batch, row, teamOf(row))
    return batch
  }
  const coefficients = { entCoef: 0.1, vaeCoef: 0.001, domainCoef: 0.3 }

  it('gives a team the log-probability that serving gives it', () => {
    const planner = createPaperPlanner(config, { parameters, texts })
    const { logProbabilities, stats } = createPlannerStep(stepConfig).step(parameters, batchOf(), coefficients)
    let [entropy, domainLoss] = [0, 0]
    for (let row = 0; row < 3; row += 1) {
      const { query, load, noise, topology, roles, allowedRoles, domain } = teamOf(row)
      planner.see(query, load, noise)
      let expected = logProbabilityOf(planner.topologyLogits(), topology)
      expected += logProbabilityOf(planner.countLogits(), roles.length - 1)
      for (const [step, role] of roles.entries()) {
        const logits = planner.roleLogits(topology, roles.slice(0, step))
        const allowed = Float32Array.from(allowedRoles, (place) => logits[place] as number)
        expected += logProbabilityOf(allowed, allowedRoles.indexOf(role))
      }
      expect(Math.abs((logProbabilities[row] as number) - expected)).toBeLessThanOrEqual(2e-5)
      entropy += ((1 + row) / 6) * (entropyOf(planner.topologyLogits()) + entropyOf(planner.countLogits()))
      domainLoss -= ((1 + row) / 6) * logProbabilityOf(planner.domainLogits(), domain)
    }
    expect(stats.entropy).toBeCloseTo(entropy, 4)
    expect(stats.domainLoss).toBeCloseTo(domainLoss, 4)
  })

  it.each([
    ['REINFORCE', { entCoef: 0, vaeCoef: 0, domainCoef: 0 }],
    ['entropy', { entCoef: 5, vaeCoef: 0, domainCoef: 0 }],
    ['encoders', { entCoef: 0, vaeCoef: 0.01, domainCoef: 0 }],
    ['domain', { entCoef: 0, vaeCoef: 0, domainCoef: 5 }],
    ['all', coefficients],
  ])('has the gradient of finite differences: %s', (_, chosen) => {
    const step = createPlannerStep(stepConfig)
    const batch = batchOf()
    const { gradientFlat } = step.step(parameters, batch, chosen)
    const scale = Math.hypot(...gradientFlat)
    for (let trial = 0; trial < 4; trial += 1) {
      const noise = normals(parameters.length, 50 + trial)
      const length = Math.hypot(...noise)
      // Half along the gradient, so that the slope stands out of the rounding of 32 bits.
      const direction = noise.map((value, index) => value / length + (gradientFlat[index] as number) / scale)
      const lossAt = (width: number) =>
        step.step(
          parameters.map((value, index) => value + width * (direction[index] as number)),
          batch,
          chosen,
        ).stats.loss
      const slope = (lossAt(4e-3) - lossAt(-4e-3)) / 8e-3
      const expected = gradientFlat.reduce((sum, value, index) => sum + value * (direction[index] as number), 0)
      expect(Math.abs(slope - expected)).toBeLessThan(0.02 * scale + 1e-3)
    }
  })

  it('makes a praised team likelier and a blamed one less likely', () => {
    const step = createPlannerStep(stepConfig)
    const batch = batchOf()
    const only = { entCoef: 0, vaeCoef: 0, domainCoef: 0 }
    const before = step.step(parameters, batch, only)
    const moved = parameters.map((value, index) => value - 0.01 * (before.gradientFlat[index] as number))
    const after = step.step(moved, batch, only)
    expect(after.stats.policyLoss).toBeLessThan(before.stats.policyLoss)
    expect(step.step(parameters, batch, only)).toEqual(before)
  })

  it('refuses teams that cannot have been formed', () => {
    const batch = createPlannerBatch(stepConfig)
    expect(() => writeTeam(batch, 4, teamOf(0))).toThrow('row 4 of a batch of 4')
    expect(() => writeTeam(batch, 0, { ...teamOf(0), roles: [] })).toThrow('a team of 0')
    expect(() => writeTeam(batch, 0, { ...teamOf(0), roles: [2] })).toThrow("role 2 is not of the query's domain")
    const other = createPlannerBatch({ ...stepConfig, rows: 2 })
    expect(() => createPlannerStep(stepConfig).step(parameters, other, coefficients)).toThrow('2 rows for a step of 4')
  })
})
