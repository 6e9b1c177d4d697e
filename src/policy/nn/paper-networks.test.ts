/** @file The paper's networks: their size, what they start from, and what they must and must not depend on. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../core/index.ts'
import {
  createPaperExecutor,
  createPaperPlanner,
  fillFixedLoad,
  fillPooledLoad,
  fixedLoadSize,
  initialise,
  paperExecutorShapes,
  paperExecutorSizes,
  paperPlannerShapes,
  parameterCount,
  pooledLoadSize,
  tensorOf,
  viewsOf,
} from './index.ts'

const normals = (count: number, seed: number) => {
  const random = createRandom(seed)
  return Float32Array.from({ length: count }, () => random.normal())
}

describe("the paper's executor", () => {
  it('has 127,984 parameters for five models, as the paper says', () => {
    expect(parameterCount(paperExecutorShapes({ models: 5 }))).toBe(127_984)
    expect(paperExecutorSizes({ models: 5 })).toEqual({ semantic: 768, metrics: 15, context: 784, places: 15 })
  })

  it('hears text, budget and metrics, each', () => {
    const config = { models: 2, embeddingSize: 5 }
    const parameters = normals(parameterCount(paperExecutorShapes(config)), 1)
    const executor = createPaperExecutor(config, { parameters, roles: normals(10, 3) })
    const [query, load] = [normals(5, 2), normals(7, 4)]
    const scene = { query, role: 1, load }
    const scores = [...executor.score(scene)]
    const value = executor.value()
    expect(scores).toHaveLength(6)
    const others = [
      ...[0, 4].map((place) => ({ ...scene, query: query.with(place, 3) })),
      { ...scene, role: 0 },
      ...[0, 1, 6].map((place) => ({ ...scene, load: load.with(place, 3) })),
    ]
    for (const other of others) {
      expect([...executor.score(other)]).not.toEqual(scores)
      expect(executor.value()).not.toBe(value)
    }
    expect([...executor.score(scene)]).toEqual(scores)
  })
})

describe("the paper's planner", () => {
  const config = { loadSize: 4, domains: 3, embeddingSize: 10 }
  const shapes = paperPlannerShapes(config)
  const texts = { topologies: normals(30, 1), roles: normals(50, 2) }
  const [query, load, noise] = [normals(10, 3), normals(4, 4), normals(64, 5)]
  const fresh = () => initialise(shapes, createRandom(1))
  const planner = (parameters: Float32Array) => createPaperPlanner(config, { parameters, texts })

  it('gives scores for each topology, 1 to 6 agents, each domain and each role', () => {
    const one = planner(fresh())
    one.see(query, load, null)
    expect(one.topologyLogits()).toHaveLength(3)
    expect(one.countLogits()).toHaveLength(6)
    expect(one.domainLogits()).toHaveLength(3)
    expect(one.roleLogits(0, [])).toHaveLength(5)
  })

  it('keeps cosines within their temperatures: 1 / 0.8 for topologies until learned otherwise, 1 / 0.5 for roles', () => {
    const parameters = fresh()
    const self = planner(parameters)
    self.see(query, load, null)
    const before = [...self.topologyLogits()]
    for (const score of before) expect(Math.abs(score)).toBeLessThanOrEqual(1.25)
    for (const score of self.roleLogits(1, [0])) expect(Math.abs(score)).toBeLessThanOrEqual(2)
    tensorOf(viewsOf(shapes, parameters), 'topology.scale')[0] = Math.log(10)
    const scaled = planner(parameters)
    scaled.see(query, load, null)
    scaled.topologyLogits().forEach((score, index) => {
      expect(score).toBeCloseTo(10 * (before[index] as number), 4)
    })
  })

  it('starts blind to load and learns to hear it through FiLM', () => {
    const parameters = fresh()
    const scoresUnder = (state: Float32Array) => {
      const one = planner(parameters)
      one.see(query, state, null)
      return [...one.topologyLogits(), ...one.countLogits()]
    }
    expect(scoresUnder(load)).toEqual(scoresUnder(normals(4, 9)))
    tensorOf(viewsOf(shapes, parameters), 'film.gamma.weight').set(normals(32 * 64, 6))
    expect(scoresUnder(load)).not.toEqual(scoresUnder(normals(4, 9)))
  })

  it('moves the query by a tenth of the noise, and tells the same with the same noise', () => {
    const one = planner(fresh())
    const countsWith = (values: Float32Array | null) => {
      one.see(query, load, values)
      return [...one.countLogits()]
    }
    const mean = countsWith(null)
    const noisy = countsWith(noise)
    expect(countsWith(new Float32Array(64))).toEqual(mean)
    expect(countsWith(noise)).toEqual(noisy)
    expect(noisy).not.toEqual(mean)
    countsWith(noise.map((value) => 2 * value)).forEach((count, index) => {
      expect(count - (mean[index] as number)).toBeCloseTo(2 * ((noisy[index] as number) - (mean[index] as number)), 4)
    })
  })

  it('chooses the next role by topology and by the roles before, in whatever order these came', () => {
    const one = planner(fresh())
    one.see(query, load, null)
    const nextRole = (topology: number, before: number[]) => [...one.roleLogits(topology, before)]
    expect(nextRole(0, [])).not.toEqual(nextRole(1, []))
    expect(nextRole(0, [1])).not.toEqual(nextRole(0, [2]))
    nextRole(0, [1, 2, 4]).forEach((score, index) => {
      expect(score).toBeCloseTo(nextRole(0, [4, 1, 2])[index] as number, 5)
    })
  })
})

describe('load', () => {
  const load = { budget: 0.5, queue: [1, 3], latency: [0.2, 0.6], kv: [0, 1], capability: [3, 1] }

  it('lies side by side for one pool', () => {
    const output = new Float32Array(fixedLoadSize(2))
    fillFixedLoad(load, output)
    expect([...output]).toEqual([0.5, 1, 3, 0.2, 0.6, 0, 1].map(Math.fround))
  })

  it('is pooled for any: mean, least, greatest, weighted by capability', () => {
    const output = new Float32Array(pooledLoadSize)
    fillPooledLoad(load, output)
    const expected = [0.5, 2, 1, 3, 1.5, 0.4, 0.2, 0.6, 0.3, 0.5, 0, 1, 0.25]
    output.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] as number, 6)
    })
  })

  it('does not depend on the order of the models, nor on weights where none are known', () => {
    const [one, other] = [new Float32Array(13), new Float32Array(13)]
    fillPooledLoad({ budget: 0, queue: [1, 3], latency: [2, 4], kv: [0, 1], capability: [0, 0] }, one)
    fillPooledLoad({ budget: 0, queue: [3, 1], latency: [4, 2], kv: [1, 0], capability: [5, 5] }, other)
    expect(other).toEqual(one)
  })
})
