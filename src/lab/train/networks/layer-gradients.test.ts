/** @file The gradient of every layer, with respect to all that it reads, against central differences. */
import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import {
  attention,
  block,
  cosine,
  film,
  layerNorm,
  linear,
  masked,
  nn,
  np,
  project,
  rectify,
  startJax,
  type Tensor,
  type TensorRecord,
  tree,
  usesOf,
  valueAndGrad,
  type Weights,
} from './index.ts'

beforeAll(startJax)

const normals = (count: number, seed: number) => {
  const random = createRandom(seed)
  return Float32Array.from({ length: count }, () => random.normal())
}
type Shapes = Readonly<Record<string, readonly number[]>>

const cases: readonly [string, Shapes, (get: Weights) => Tensor][] = [
  ['projection', { x: [2, 3, 4], w: [4, 5] }, (get) => project(get('x'), get('w'))],
  ['linear', { x: [3, 4], 'a.weight': [4, 5], 'a.bias': [5] }, (get) => linear(get, 'a', get('x'))],
  ['rectifier', { x: [3, 7] }, (get) => rectify(get('x'))],
  [
    'layer norm',
    { x: [3, 6], scale: [6], shift: [6] },
    (get) => layerNorm(get('x'), { scale: get('scale'), shift: get('shift') }),
  ],
  [
    'block',
    { x: [3, 4], 'a.weight': [4, 8], 'a.bias': [8], 'a.norm.scale': [8], 'a.norm.shift': [8] },
    (get) => block(get, 'a', get('x')),
  ],
  [
    'film',
    { x: [2, 3, 4], gamma: [2, 4], beta: [2, 4] },
    (get) => film(get('x'), { gamma: get('gamma'), beta: get('beta') }),
  ],
  [
    'attention',
    { query: [2, 4], keys: [2, 3, 4] },
    (get) => attention(get('query'), { keys: get('keys'), mask: np.array([1, 1, 0, 1, 0, 1]).reshape([2, 3]) }),
  ],
  ['softmax', { x: [3, 5] }, (get) => nn.softmax(get('x'), -1)],
  [
    'masked log-softmax',
    { x: [2, 3] },
    (get) => {
      const mask = np.array([1, 1, 0, 1, 1, 1]).reshape([2, 3])
      return nn.logSoftmax(masked(get('x'), mask.ref), -1).mul(mask)
    },
  ],
  ['cosine', { x: [2, 3, 4], y: [5, 4] }, (get) => cosine(get('x'), get('y'))],
]

describe('the gradient of', () => {
  it.each(cases)('%s', (_, shapes, layer) => {
    const names = Object.keys(shapes)
    const sizes = names.map((name) => (shapes[name] as readonly number[]).reduce((product, size) => product * size, 1))
    const values = sizes.map((size, index) => normals(size, 7 + index))
    /** Outputs against fixed numbers, so that every one of them counts for something else. */
    const loss = (record: TensorRecord) => {
      const output = layer(usesOf(record)).reshape([-1])
      tree.dispose(record)
      const weights = np.array(normals((output.shape as [number])[0], 99))
      return np.sum(output.mul(weights))
    }
    const recordOf = (parts: readonly Float32Array[]): TensorRecord =>
      Object.fromEntries(
        names.map((name, index) => [
          name,
          np.array((parts[index] as Float32Array).slice()).reshape([...(shapes[name] ?? [])]),
        ]),
      )
    const [, gradients] = valueAndGrad(loss)(recordOf(values))
    for (const [part, name] of names.entries()) {
      const slopes = (gradients as TensorRecord)[name]?.dataSync() as Float32Array
      for (let place = 0; place < slopes.length; place += 1) {
        const lossAt = (shift: number) => {
          const parts = values.map((value) => value.slice())
          ;(parts[part] as Float32Array)[place]! += shift
          return loss(recordOf(parts)).item()
        }
        const slope = (lossAt(5e-3) - lossAt(-5e-3)) / 1e-2
        expect(Math.abs(slope - (slopes[place] as number)), `${name}[${place}]`).toBeLessThan(
          5e-3 * (1 + Math.abs(slope)),
        )
      }
    }
  })
})
