/**
 * @file The loops of a network, four numbers at a time: affine layers, layer norms, modulation, dot products.
 *
 * Arguments are addresses and lengths in bytes, and numbers of rows. Rows lie one after the other; those that are read or
 * written four numbers at a time are multiples of 16 bytes long. Sums are in single precision and always in the same order:
 * the same numbers in give the same bits out, on every machine.
 */
import { layerNormEpsilon } from '../layer-norm.ts'
import { type Code, f32, f32x4, i32, seq, whileTrue } from './wasm-code.ts'
import { type Local, wasmFunction, wasmModule } from './wasm-module.ts'

/** The exports of `kernelModule`. */
export interface SimdKernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  affine(
    input: number,
    weight: number,
    bias: number,
    output: number,
    rows: number,
    inputBytes: number,
    outputBytes: number,
    least: number,
  ): void
  normalise(values: number, scale: number, shift: number, rows: number, rowBytes: number): void
  modulate(values: number, gamma: number, beta: number, rows: number, rowBytes: number): void
  products(values: number, vector: number, output: number, rows: number, rowBytes: number, factor: number): void
}

const vectorBytes = 16

/** `body` for each of `rows`, which is counted down. */
const forRows = (rows: Local, ...body: readonly Code[]): Code =>
  whileTrue(rows.get, ...body, rows.increase(i32.const(-1)))

/** `body` for each vector from `at` on to `end`; each of `along` moves with `at`. */
const forVectors = (at: Local, end: Local, along: readonly Local[], ...body: readonly Code[]): Code =>
  whileTrue(
    i32.isLess(at.get, end.get),
    ...body,
    ...[at, ...along].map((address) => address.increase(i32.const(vectorBytes))),
  )

/** Sum of a vector's four numbers. */
const sumOf = (vector: Code): Code =>
  f32.add(f32.add(f32x4.lane(vector, 0), f32x4.lane(vector, 1)), f32.add(f32x4.lane(vector, 2), f32x4.lane(vector, 3)))

const zeros = f32x4.splat(f32.const(0))

/** Vectors of outputs that are summed side by side, widest first: each input that is read serves them all. */
const widths = [8, 4, 1]

/** output = max(least, input W + b). W: [inputs, outputs], outputs a multiple of 4. */
const affine = wasmFunction('affine', ({ parameter, local }) => {
  const input = parameter('i32')
  const weight = parameter('i32')
  const bias = parameter('i32')
  const output = parameter('i32')
  const rows = parameter('i32')
  const inputBytes = parameter('i32')
  const outputBytes = parameter('i32')
  const least = parameter('f32')
  const column = local('i32')
  const row = local('i32')
  const from = local('i32')
  const end = local('i32')
  const at = local('i32')
  const to = local('i32')
  const value = local('v128')
  const floor = local('v128')
  const sums = Array.from({ length: Math.max(...widths) }, () => local('v128'))
  const each = (width: number, code: (sum: Local, offset: number) => Code): Code =>
    seq(...sums.slice(0, width).map((sum, index) => code(sum, vectorBytes * index)))
  const oneRow = (width: number): Code =>
    seq(
      at.set(i32.add(bias.get, column.get)),
      each(width, (sum, offset) => sum.set(f32x4.load(at.get, offset))),
      at.set(i32.add(weight.get, column.get)),
      end.set(i32.add(from.get, inputBytes.get)),
      whileTrue(
        i32.isLess(from.get, end.get),
        value.set(f32x4.loadSplat(from.get)),
        each(width, (sum, offset) => sum.set(f32x4.add(sum.get, f32x4.mul(value.get, f32x4.load(at.get, offset))))),
        from.increase(i32.const(4)),
        at.increase(outputBytes.get),
      ),
      each(width, (sum, offset) => f32x4.store(to.get, offset, f32x4.max(sum.get, floor.get))),
      to.increase(outputBytes.get),
    )
  /** So many columns of all rows, then the next, as often as they fit. */
  const columns = (width: number): Code =>
    whileTrue(
      i32.isAtMost(i32.add(column.get, i32.const(vectorBytes * width)), outputBytes.get),
      from.set(input.get),
      to.set(i32.add(output.get, column.get)),
      row.set(rows.get),
      forRows(row, oneRow(width)),
      column.increase(i32.const(vectorBytes * width)),
    )
  return seq(floor.set(f32x4.splat(least.get)), ...widths.map(columns))
})

/** In place, of each row: (x - mean) / sqrt(variance + 1e-5) * scale + shift. */
const normalise = wasmFunction('normalise', ({ parameter, local }) => {
  const values = parameter('i32')
  const scale = parameter('i32')
  const shift = parameter('i32')
  const rows = parameter('i32')
  const rowBytes = parameter('i32')
  const at = local('i32')
  const end = local('i32')
  const scaleAt = local('i32')
  const shiftAt = local('i32')
  const sum = local('v128')
  const mean = local('v128')
  const factor = local('v128')
  const distance = f32x4.sub(f32x4.load(at.get), mean.get)
  const count = f32.fromI32(i32.shiftRight(rowBytes.get, i32.const(2)))
  const meanOfSum = f32.div(sumOf(sum.get), count)
  const scaled = f32x4.mul(f32x4.mul(distance, factor.get), f32x4.load(scaleAt.get))
  return forRows(
    rows,
    end.set(i32.add(values.get, rowBytes.get)),
    sum.set(zeros),
    at.set(values.get),
    forVectors(at, end, [], sum.set(f32x4.add(sum.get, f32x4.load(at.get)))),
    mean.set(f32x4.splat(meanOfSum)),
    sum.set(zeros),
    at.set(values.get),
    forVectors(at, end, [], sum.set(f32x4.add(sum.get, f32x4.mul(distance, distance)))),
    factor.set(f32x4.splat(f32.div(f32.const(1), f32.sqrt(f32.add(meanOfSum, f32.const(layerNormEpsilon)))))),
    at.set(values.get),
    scaleAt.set(scale.get),
    shiftAt.set(shift.get),
    forVectors(at, end, [scaleAt, shiftAt], f32x4.store(at.get, 0, f32x4.add(scaled, f32x4.load(shiftAt.get)))),
    values.set(end.get),
  )
})

/** In place, of each row: gamma * x + beta. */
const modulate = wasmFunction('modulate', ({ parameter, local }) => {
  const values = parameter('i32')
  const gamma = parameter('i32')
  const beta = parameter('i32')
  const rows = parameter('i32')
  const rowBytes = parameter('i32')
  const end = local('i32')
  const gammaAt = local('i32')
  const betaAt = local('i32')
  const scaled = f32x4.mul(f32x4.load(gammaAt.get), f32x4.load(values.get))
  return forRows(
    rows,
    end.set(i32.add(values.get, rowBytes.get)),
    gammaAt.set(gamma.get),
    betaAt.set(beta.get),
    forVectors(values, end, [gammaAt, betaAt], f32x4.store(values.get, 0, f32x4.add(scaled, f32x4.load(betaAt.get)))),
  )
})

/** One number for each row: factor * (row . vector). */
const products = wasmFunction('products', ({ parameter, local }) => {
  const values = parameter('i32')
  const vector = parameter('i32')
  const output = parameter('i32')
  const rows = parameter('i32')
  const rowBytes = parameter('i32')
  const factor = parameter('f32')
  const end = local('i32')
  const vectorAt = local('i32')
  const sum = local('v128')
  const product = f32x4.mul(f32x4.load(values.get), f32x4.load(vectorAt.get))
  return forRows(
    rows,
    end.set(i32.add(values.get, rowBytes.get)),
    vectorAt.set(vector.get),
    sum.set(zeros),
    forVectors(values, end, [vectorAt], sum.set(f32x4.add(sum.get, product))),
    f32.store(output.get, 0, f32.mul(factor.get, sumOf(sum.get))),
    output.increase(i32.const(4)),
  )
})

/** Bytes of the module whose exports are `SimdKernels`. */
export const kernelModule = (): Uint8Array<ArrayBuffer> => wasmModule([affine, normalise, modulate, products])
