/** @file Kernels against naive sums, and what softmax, categorical draws and pooling must keep to. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../core/index.ts'
import {
  argmax,
  createAttention,
  createFilm,
  createLayerNorm,
  createLinear,
  entropyOf,
  initialise,
  logProbabilityOf,
  logSumExp,
  type NetworkShapes,
  parameterCount,
  sampleCategorical,
  softmax,
  tensorOf,
  viewsOf,
} from './index.ts'

const normals = (count: number, seed = 1) => {
  const random = createRandom(seed)
  return Float32Array.from({ length: count }, () => random.normal())
}
const closeTo = (got: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5) => {
  expect(got.length).toBe(expected.length)
  for (let index = 0; index < expected.length; index += 1)
    expect(Math.abs((got[index] as number) - (expected[index] as number))).toBeLessThanOrEqual(tolerance)
}
const rowsOf = (values: Float32Array, size: number) =>
  Array.from({ length: values.length / size }, (_, row) => [...values.subarray(row * size, (row + 1) * size)])

const size = fc.integer({ min: 1, max: 11 })
const logits = fc
  .array(fc.float({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 20 })
  .map((values) => Float32Array.from(values))

describe('linear', () => {
  it('is the plain sum, for every size, with and without bias and rectifier', () => {
    fc.assert(
      fc.property(size, size, size, fc.boolean(), fc.boolean(), (inputs, outputs, rows, hasBias, isRectified) => {
        const [weight, bias, input] = [normals(inputs * outputs, 2), normals(outputs, 3), normals(inputs * rows, 4)]
        const output = new Float32Array(outputs * rows)
        const activation = isRectified ? { activation: 'relu' as const } : {}
        createLinear({ weight, bias: hasBias ? bias : null, outputs, ...activation })(input, output, rows)
        const expected = rowsOf(input, inputs).flatMap((row) =>
          Array.from({ length: outputs }, (_, column) => {
            const start = hasBias ? (bias[column] as number) : 0
            const sum = row.reduce((total, x, index) => total + x * (weight[index * outputs + column] as number), start)
            return isRectified ? Math.max(0, sum) : sum
          }),
        )
        closeTo(output, expected)
      }),
    )
  })

  it('writes no row beyond those asked for', () => {
    const output = new Float32Array(12).fill(7)
    createLinear({ weight: normals(12), bias: null, outputs: 4 })(normals(9), output, 2)
    expect([...output.subarray(8)]).toEqual([7, 7, 7, 7])
  })

  it('refuses weights and biases that do not fit its outputs', () => {
    expect(() => createLinear({ weight: normals(7), bias: null, outputs: 2 })).toThrow('cannot have 2 outputs')
    expect(() => createLinear({ weight: normals(6), bias: normals(3), outputs: 2 })).toThrow('bias of 3')
  })
})

describe('layer norm', () => {
  it('gives every row mean 0 and variance 1 before scale and shift', () => {
    const output = new Float32Array(32)
    createLayerNorm({ scale: new Float32Array(8).fill(1), shift: new Float32Array(8) })(normals(32), output, 4)
    for (const row of rowsOf(output, 8)) {
      expect(row.reduce((sum, value) => sum + value, 0) / 8).toBeCloseTo(0, 5)
      expect(row.reduce((sum, value) => sum + value * value, 0) / 8).toBeCloseTo(1, 3)
    }
  })

  it('scales and shifts by place, in the same array too', () => {
    const values = Float32Array.of(1, 3, -5, 5)
    createLayerNorm({ scale: Float32Array.of(2, 3), shift: Float32Array.of(10, 20) })(values, values, 2)
    closeTo(values, [8, 23, 8, 23], 1e-4)
  })

  it('keeps a row of equal numbers finite', () => {
    const values = new Float32Array(4).fill(3)
    createLayerNorm({ scale: new Float32Array(4).fill(1), shift: new Float32Array(4) })(values, values, 1)
    expect([...values]).toEqual([0, 0, 0, 0])
  })
})

describe('softmax', () => {
  it('sums to 1, keeps the order and does not overflow', () => {
    fc.assert(
      fc.property(logits, (values) => {
        const probabilities = new Float32Array(values.length)
        softmax(values, probabilities, values.length)
        expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
        expect(probabilities[argmax(values)]).toBe(Math.max(...probabilities))
      }),
    )
    const huge = Float32Array.of(1e30, 1e30, -1e9)
    softmax(huge, huge, 3)
    expect([...huge]).toEqual([0.5, 0.5, 0])
  })

  it('reads only the count given', () => {
    const values = Float32Array.of(0, 0, 99)
    softmax(values, values, 2)
    expect([...values]).toEqual([0.5, 0.5, 99])
    expect(logSumExp(Float32Array.of(0, 0, 99), 2)).toBeCloseTo(Math.LN2, 6)
    expect(logSumExp(values, 0)).toBe(Number.NEGATIVE_INFINITY)
  })
})

describe('categorical', () => {
  it('draws each place as often as its probability says', () => {
    const values = Float32Array.of(Math.log(0.5), Math.log(0.2), -1e9, Math.log(0.3))
    const counts = [0, 0, 0, 0]
    for (let draw = 0; draw < 1000; draw += 1) counts[sampleCategorical(values, (draw + 0.5) / 1000)]! += 1
    expect(counts).toEqual([500, 200, 0, 300])
  })

  it('never draws what is masked, not even at the end of the range', () => {
    fc.assert(
      fc.property(logits, fc.double({ min: 0, max: 1, noNaN: true }), (values, uniform) => {
        const masked = Float32Array.of(-1e9, ...values, -1e9, Number.NEGATIVE_INFINITY)
        const drawn = sampleCategorical(masked, uniform)
        expect(drawn).toBeGreaterThan(0)
        expect(drawn).toBeLessThanOrEqual(values.length)
      }),
    )
  })

  it('has log-probabilities of total 1 and the entropy of them', () => {
    fc.assert(
      fc.property(logits, (values) => {
        const logs = [...values].map((_, index) => logProbabilityOf(values, index))
        expect(logs.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 5)
        const entropy = -logs.reduce((sum, log) => sum + Math.exp(log) * log, 0)
        expect(entropyOf(values)).toBeCloseTo(entropy, 5)
      }),
    )
    expect(entropyOf(new Float32Array(4))).toBeCloseTo(Math.log(4), 6)
    expect(entropyOf(Float32Array.of(3, Number.NEGATIVE_INFINITY))).toBe(0)
  })

  it('takes the first of equals as the most likely', () => {
    expect(argmax(Float32Array.of(1, 2, 2, 0))).toBe(1)
  })
})

describe('film', () => {
  it('modulates every row alike', () => {
    const values = Float32Array.of(1, 2, 3, 4)
    createFilm({ gamma: Float32Array.of(2, 0), beta: Float32Array.of(1, -1) })(values, values, 2)
    expect([...values]).toEqual([3, -1, 7, -1])
  })
})

describe('attention', () => {
  const pool = (query: Float32Array, keys: Float32Array) => {
    const pooled = new Float32Array(query.length)
    createAttention({ query })(keys, pooled, keys.length / query.length)
    return pooled
  }

  it('is the softmax-weighted sum of the keys', () => {
    const query = Float32Array.of(2, 0, 0, 0)
    const pooled = pool(query, Float32Array.of(1, 1, 0, 0, -1, 0, 1, 0))
    const weight = Math.exp(1) / (Math.exp(1) + Math.exp(-1))
    closeTo(pooled, [2 * weight - 1, weight, 1 - weight, 0])
  })

  it('does not depend on the order of the keys, and grows with their number', () => {
    const [query, keys] = [normals(6, 5), normals(6 * 40, 6)]
    const reversed = Float32Array.from(rowsOf(keys, 6).reverse().flat())
    closeTo(pool(query, keys), pool(query, reversed))
    expect([...pool(query, new Float32Array(0))]).toEqual([0, 0, 0, 0, 0, 0])
  })
})

describe('tensors', () => {
  const shapes: NetworkShapes = [
    { name: 'a', shape: [400, 10], start: 'he' },
    { name: 'b', shape: [3], start: 'ones' },
    { name: 'c', shape: [400, 10], start: 'lecun' },
    { name: 'd', shape: [2, 1], start: 'zeros' },
  ]
  const varianceOf = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0) / values.length

  it('start as their shapes say, the same from the same seed', () => {
    const tensors = viewsOf(shapes, initialise(shapes, createRandom(7)))
    expect(varianceOf(tensorOf(tensors, 'a')) * 400).toBeCloseTo(2, 0)
    expect(varianceOf(tensorOf(tensors, 'c')) * 400).toBeCloseTo(1, 0)
    expect([...tensorOf(tensors, 'b'), ...tensorOf(tensors, 'd')]).toEqual([1, 1, 1, 0, 0])
    expect(initialise(shapes, createRandom(7))).toEqual(initialise(shapes, createRandom(7)))
  })

  it('are views, in order, of the whole array', () => {
    const flat = new Float32Array(parameterCount(shapes))
    tensorOf(viewsOf(shapes, flat), 'b').fill(5)
    expect(flat.indexOf(5)).toBe(4000)
    expect(flat.lastIndexOf(5)).toBe(4002)
  })

  it('refuse arrays of another length, names taken twice and names unknown', () => {
    expect(() => viewsOf(shapes, new Float32Array(5))).toThrow('expected 8005 parameters, got 5')
    expect(() => viewsOf([shapes[1]!, shapes[1]!], new Float32Array(6))).toThrow('two tensors are named b')
    expect(() => tensorOf(new Map(), 'e')).toThrow('no tensor is named e')
  })
})
