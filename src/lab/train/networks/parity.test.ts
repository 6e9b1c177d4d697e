/** @file The same parameters give the same numbers in training and in serving: every layer and network, within 1e-5. */
import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import {
  blockShapes,
  createAttention,
  createCandidateScorer,
  createFilm,
  createLayerNorm,
  createLinear,
  initialise,
  type NetworkShapes,
  namedBlock,
  viewsOf,
} from '../../../policy/index.ts'
import {
  attention,
  block,
  candidateScorer,
  film,
  layerNorm,
  masked,
  nn,
  np,
  project,
  startJax,
  type Tensor,
  toFlat,
  toTensors,
  tree,
  usesOf,
} from './index.ts'

beforeAll(startJax)

const normals = (count: number, seed: number) => {
  const random = createRandom(seed)
  return Float32Array.from({ length: count }, () => random.normal())
}
const tensor = (values: Float32Array, ...shape: number[]) => np.array(values.slice()).reshape(shape)
const expectSame = (got: Tensor, expected: ArrayLike<number>) => {
  const values = got.dataSync()
  expect(values.length).toBe(expected.length)
  let furthest = 0
  for (let index = 0; index < values.length; index += 1)
    furthest = Math.max(furthest, Math.abs((values[index] as number) - (expected[index] as number)))
  expect(furthest).toBeLessThanOrEqual(1e-5)
}
/** Starting parameters with noise on all of them, so that what starts at 0 takes part. */
const noisy = (shapes: NetworkShapes, seed: number) => {
  const noise = normals(1e5, seed)
  return initialise(shapes, createRandom(seed)).map((value, index) => value + 0.1 * (noise[index] as number))
}

describe.each([
  [1, 1, 1],
  [3, 5, 2],
  [40, 32, 15],
  [7, 33, 4],
])('layers of %i inputs, %i outputs and %i rows', (inputs, outputs, rows) => {
  const x = normals(inputs * rows, 1)
  const h = normals(outputs * rows, 2)
  const [scale, shift] = [normals(outputs, 3), normals(outputs, 4)]

  it('project alike', () => {
    const weight = normals(inputs * outputs, 5)
    const output = new Float32Array(outputs * rows)
    createLinear({ weight, bias: null, outputs })(x, output, rows)
    expectSame(project(tensor(x, rows, inputs), tensor(weight, inputs, outputs)), output)
  })

  it('normalise alike', () => {
    const output = new Float32Array(outputs * rows)
    createLayerNorm({ scale, shift })(h, output, rows)
    expectSame(
      layerNorm(tensor(h, rows, outputs), { scale: tensor(scale, outputs), shift: tensor(shift, outputs) }),
      output,
    )
  })

  it('modulate alike', () => {
    const output = new Float32Array(outputs * rows)
    createFilm({ gamma: scale, beta: shift })(h, output, rows)
    const [gamma, beta] = [tensor(scale, 1, outputs), tensor(shift, 1, outputs)]
    expectSame(film(tensor(h, 1, rows, outputs), { gamma, beta }), output)
  })

  it('pool alike, and ignore what is masked', () => {
    const pooled = new Float32Array(outputs)
    createAttention({ query: scale })(h, pooled, rows)
    const keys = tensor(Float32Array.of(...h, ...normals(outputs, 9)), 1, rows + 1, outputs)
    const mask = tensor(Float32Array.of(...new Float32Array(rows).fill(1), 0), 1, rows + 1)
    expectSame(attention(tensor(scale, 1, outputs), { keys, mask }), pooled)
  })

  it('chain into blocks alike', () => {
    const shapes = blockShapes('b', { inputs, outputs })
    const parameters = noisy(shapes, 6)
    const output = new Float32Array(outputs * rows)
    namedBlock(viewsOf(shapes, parameters), 'b')(x, output, rows)
    expectSame(block(usesOf(toTensors(shapes, parameters)), 'b', tensor(x, rows, inputs)), output)
  })
})

describe.each([
  { contextSize: 1, candidateSize: 1, hidden: 4, places: 1 },
  { contextSize: 9, candidateSize: 6, hidden: 16, places: 5 },
  { contextSize: 40, candidateSize: 32, places: 20 },
])('candidate scorer of %o', (config) => {
  it('scores rows of different counts as serving scores them one by one', () => {
    const { contextSize: C, candidateSize: F, places } = config
    const network = candidateScorer(config)
    const parameters = noisy(network.shapes, 7)
    const scorer = createCandidateScorer(config, parameters)
    const rows = 6
    const counts = Array.from({ length: rows }, (_, row) => 1 + ((row * 7) % places))
    const [context, candidates, base] = [normals(rows * C, 1), normals(rows * places * F, 2), normals(rows * places, 3)]
    const mask = Float32Array.from({ length: rows * places }, (_, place) =>
      place % places < (counts[Math.floor(place / places)] as number) ? 1 : 0,
    )
    const expected = counts.flatMap((count, row) => {
      const scores = scorer.score({
        context: context.subarray(row * C, (row + 1) * C),
        candidates: candidates.subarray(row * places * F),
        base: base.subarray(row * places),
        count,
      })
      return Array.from({ length: places }, (_, place) => (place < count ? (scores[place] as number) : -1e9))
    })
    const inputs = {
      context: tensor(context, rows, C),
      candidates: tensor(candidates, rows, places, F),
      base: tensor(base, rows, places),
      mask: tensor(mask, rows, places),
    }
    const { logits, values } = network.forward(usesOf(toTensors(network.shapes, parameters)), usesOf(inputs))
    expectSame(masked(logits, inputs.mask), expected)
    expect(values).toBeNull()
  })
})

describe('parameters', () => {
  it('go to the device and back unchanged', () => {
    const { shapes } = candidateScorer({ contextSize: 3, candidateSize: 2, hidden: 4, places: 2 })
    const parameters = noisy(shapes, 8)
    expect(toFlat(shapes, toTensors(shapes, parameters))).toEqual(parameters)
  })

  it('that are not there are named', () => {
    expect(() => usesOf({})('x')).toThrow('no array is named x')
  })

  it('are not used up by uses', () => {
    const record = { x: np.array([1, 2]) }
    expect(nn.relu(usesOf(record)('x')).js()).toEqual([1, 2])
    expect(record.x.refCount).toBe(1)
    tree.dispose(record)
  })
})
