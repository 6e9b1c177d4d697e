/** @file The assembled module: numbers of any size are encoded as WebAssembly has them, and kernels keep to their places. */
import { describe, expect, it } from 'vitest'
import { createLayerNorm } from '../layer-norm.ts'
import { createLinear } from '../linear.ts'
import { placeLinear } from './layers.ts'
import { SimdSpace } from './simd-space.ts'
import { i32, unsigned } from './wasm-code.ts'

const numbers = (count: number) => Float32Array.from({ length: count }, (_, index) => Math.sin(3 * index + count))

describe('numbers in code', () => {
  // The examples of the WebAssembly specification, and the borders of a group.
  it.each([
    [0, [0x00]],
    [63, [0x3f]],
    [64, [0xc0, 0x00]],
    [128, [0x80, 0x01]],
    [-1, [0x7f]],
    [-65, [0xbf, 0x7f]],
    [-123_456, [0xc0, 0xbb, 0x78]],
  ])('%i is signed LEB128', (value, bytes) => {
    expect(i32.const(value)).toEqual([0x41, ...bytes])
  })

  it('lengths are unsigned LEB128', () => {
    expect(unsigned(127)).toEqual([0x7f])
    expect(unsigned(624_485)).toEqual([0xe5, 0x8e, 0x26])
  })
})

describe('affine', () => {
  // 53, padded to 56, is 32 + 16 + 4 + 4: blocks of every width.
  it.each([1, 4, 15, 32, 53, 128])('gives %i outputs as plain loops do, padded with zeros', (outputs) => {
    const [inputs, rows] = [7, 3]
    const [weight, bias, input] = [numbers(inputs * outputs), numbers(outputs), numbers(inputs * rows)]
    const expected = new Float32Array(rows * outputs)
    createLinear({ weight, bias, outputs, activation: 'relu' })(input, expected, rows)
    const space = new SimdSpace()
    const layer = placeLinear(space, { weight, bias, outputs, activation: 'relu' })
    const width = 4 * Math.ceil(outputs / 4)
    const [from, to, behind] = [space.place(input), space.take(rows * width), space.place(Float32Array.of(5))]
    layer(from, to, rows)
    const output = space.view(to, rows * width)
    output.forEach((value, place) => {
      const [row, column] = [Math.floor(place / width), place % width]
      expect(value).toBeCloseTo(column < outputs ? (expected[row * outputs + column] as number) : 0, 5)
    })
    expect(space.view(behind, 1)[0]).toBe(5)
  })
})

describe('normalise', () => {
  it('treats rows one by one', () => {
    const [scale, shift, values] = [numbers(12), numbers(12), numbers(36)]
    const expected = new Float32Array(36)
    createLayerNorm({ scale, shift })(values, expected, 3)
    const space = new SimdSpace()
    const [at, scaleAt, shiftAt] = [space.place(values), space.place(scale), space.place(shift)]
    space.kernels.normalise(at, scaleAt, shiftAt, 3, 4 * 12)
    space.view(at, 36).forEach((value, place) => {
      expect(value).toBeCloseTo(expected[place] as number, 5)
    })
  })
})

describe('a space', () => {
  it('keeps what was placed when it grows', () => {
    const space = new SimdSpace()
    const at = space.place(numbers(9), 3)
    space.take(200_000)
    const [a, b, c] = numbers(9)
    expect([...space.view(at, 5)]).toEqual([a, b, c, 0, numbers(9)[3]])
  })
})
