/** @file The paper's networks in vector instructions give what they give in plain loops, within 1e-5. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../core/index.ts'
import {
  createPaperExecutor,
  createPaperPlanner,
  initialise,
  type NetworkShapes,
  paperExecutorShapes,
  paperPlannerShapes,
} from './index.ts'
import { createLayers } from './layers.ts'
import { openSimdSpace, SimdSpace } from './simd/index.ts'

const normals = (count: number, seed: number) => {
  const random = createRandom(seed)
  return Float32Array.from({ length: count }, () => random.normal())
}
/** Starting parameters with noise on all of them, so that what starts at 0 takes part. */
const noisy = (shapes: NetworkShapes, seed: number) => {
  const random = createRandom(seed)
  return initialise(shapes, createRandom(seed)).map((value) => value + 0.1 * random.normal())
}
function expectClose(one: Float32Array, other: Float32Array): void {
  expect(one).toHaveLength(other.length)
  for (const [index, value] of one.entries())
    expect(Math.abs(value - (other[index] as number))).toBeLessThanOrEqual(1e-5)
}

it.each([{ models: 5 }, { models: 1, strategies: 2, embeddingSize: 7 }])("the paper's executor of %o", (config) => {
  const { embeddingSize = 384 } = config
  const options = { parameters: noisy(paperExecutorShapes(config), 1), roles: normals(3 * embeddingSize, 2) }
  const [plain, vector] = [createPaperExecutor(config, options, null), createPaperExecutor(config, options)]
  for (const seed of [1, 2, 3]) {
    const scene = { query: normals(embeddingSize, seed), role: seed % 3, load: normals(1 + 3 * config.models, seed) }
    expectClose(vector.score(scene), plain.score(scene))
    expect(vector.value()).toBeCloseTo(plain.value(), 5)
    expect(vector.score(scene).slice()).toEqual(createPaperExecutor(config, options).score(scene))
  }
})

it.each([
  { loadSize: 16, domains: 3 },
  { loadSize: 3, domains: 5, embeddingSize: 9 },
])("the paper's planner of %o", (config) => {
  const { embeddingSize = 384 } = config
  const texts = { topologies: normals(6 * embeddingSize, 1), roles: normals(13 * embeddingSize, 2) }
  const options = { parameters: noisy(paperPlannerShapes(config), 1), texts }
  const [plain, vector] = [createPaperPlanner(config, options, null), createPaperPlanner(config, options)]
  for (const noise of [null, normals(64, 7)]) {
    const [query, load] = [normals(embeddingSize, 3), normals(config.loadSize, 4)]
    for (const network of [plain, vector]) network.see(query, load, noise)
    expectClose(vector.topologyLogits(), plain.topologyLogits())
    expectClose(vector.countLogits(), plain.countLogits())
    expectClose(vector.domainLogits(), plain.domainLogits())
    for (const before of [[], [12], [3, 3, 0]]) expectClose(vector.roleLogits(5, before), plain.roleLogits(5, before))
  }
})

describe('layers', () => {
  const tensors = () =>
    new Map([
      ['wide.weight', normals(8, 1)],
      ['wide.bias', normals(4, 2)],
    ])

  it.each(['vector', 'plain'])(
    'in %s form keep their parameters, whatever becomes of those they were made from',
    (form) => {
      const given = tensors()
      const layers = createLayers(given, form === 'vector' ? openSimdSpace() : null)
      const [kernel, input, output] = [layers.linear('wide'), layers.room(2), layers.room(4)]
      input.numbers.set([1, 2])
      kernel(input, output)
      const before = output.numbers.slice()
      given.get('wide.weight')?.fill(9)
      kernel(input, output)
      expect(output.numbers).toEqual(before)
    },
  )

  it('keep what is in their rooms, and parts of them, when memory grows', () => {
    const layers = createLayers(tensors(), new SimdSpace())
    const room = layers.room(8)
    const part = room.part(4, 2)
    part.numbers.set([5, 6])
    layers.room(1e6)
    expect([...room.numbers]).toEqual([0, 0, 0, 0, 5, 6, 0, 0])
    part.numbers[0] = 7
    expect(room.numbers[4]).toBe(7)
  })
})
