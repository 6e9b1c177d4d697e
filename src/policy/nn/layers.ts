/**
 * @file The layers of a network by name, one row at a time: in vector instructions, or in plain loops where there are none.
 *
 * A network is written once over these. Numbers lie in rooms, each at a place of its own in the network's memory; parts of
 * a room are rooms too, so that two layers can write side by side what a third reads as one. Both forms agree to 1e-5, and
 * each gives the same bits every time. Parameters are copied.
 */
import { invariant } from '../../core/index.ts'
import { namedLinear, namedNorm } from './blocks.ts'
import { createLinear, type LinearOptions } from './linear.ts'
import { placeLinear, placeNamedLinear, placeNamedNorm, type SimdSpace } from './simd/index.ts'
import type { Tensors } from './tensors.ts'

export interface Room {
  /** To be read and written in place. Asked for anew each time: memory may have moved. */
  readonly numbers: Float32Array
  /** So many numbers of it, from the given one on. Throws `INVARIANT_VIOLATED` where it has fewer. */
  part(from: number, count: number): Room
}

export type RoomKernel = (input: Room, output: Room) => void

export interface Layers {
  room(count: number): Room
  /** The affine layer `name`, as it is or rectified; it may write up to three numbers behind its outputs. */
  linear(name: string, activation?: 'relu'): RoomKernel
  /** An affine layer of other numbers than a whole tensor's. */
  affine(options: LinearOptions): RoomKernel
  /** The layer norm `name`, in place. */
  norm(name: string): (values: Room) => void
  /** Products of a vector with each of `rows`, which are `width` numbers long, a multiple of 4. */
  rows(rows: Float32Array, width: number): RoomKernel
}

/** Over the tensors of one network. `space`: its own; null for plain loops. */
export const createLayers = (tensors: Tensors, space: SimdSpace | null): Layers =>
  space ? createSimdLayers(tensors, space) : createPlainLayers(tensors)

class SimdRoom implements Room {
  readonly address: number
  readonly #space: SimdSpace
  readonly #count: number
  #view: Float32Array

  constructor(space: SimdSpace, address: number, count: number) {
    this.address = address
    this.#space = space
    this.#count = count
    this.#view = space.view(address, count)
  }

  get numbers(): Float32Array {
    // A view of memory that has grown since is empty.
    if (this.#view.length !== this.#count) this.#view = this.#space.view(this.address, this.#count)
    return this.#view
  }

  part(from: number, count: number): SimdRoom {
    requireWithin(this.#count, from, count)
    return new SimdRoom(this.#space, this.address + 4 * from, count)
  }
}

/** Numbers behind a room are another's. */
const requireWithin = (size: number, from: number, count: number): void =>
  invariant(from >= 0 && from + count <= size, `a room of ${size} has no ${count} numbers from ${from} on`)

const addressOf = (room: Room): number => (room as SimdRoom).address

function createSimdLayers(tensors: Tensors, space: SimdSpace): Layers {
  const network = { space, tensors }
  return {
    room: (count) => new SimdRoom(space, space.take(count), count),
    linear(name, activation) {
      const kernel = placeNamedLinear(network, name, activation)
      return (input, output) => kernel(addressOf(input), addressOf(output), 1)
    },
    affine(options) {
      const kernel = placeLinear(space, options)
      return (input, output) => kernel(addressOf(input), addressOf(output), 1)
    },
    norm(name) {
      const kernel = placeNamedNorm(network, name)
      return (values) => kernel(addressOf(values), 1)
    },
    rows(rows, width) {
      const [at, count] = [space.place(rows), rows.length / width]
      const { products } = space.kernels
      return (vector, output) => products(at, addressOf(vector), addressOf(output), count, 4 * width, 1)
    },
  }
}

const plainRoom = (numbers: Float32Array): Room => ({
  numbers,
  part(from, count) {
    requireWithin(numbers.length, from, count)
    return plainRoom(numbers.subarray(from, from + count))
  },
})

function createPlainLayers(shared: Tensors): Layers {
  const tensors = new Map([...shared].map(([name, tensor]) => [name, tensor.slice()]))
  return {
    room: (count) => plainRoom(new Float32Array(count)),
    linear(name, activation) {
      const kernel = namedLinear(tensors, name, activation)
      return (input, output) => kernel(input.numbers, output.numbers, 1)
    },
    affine({ weight, bias, ...rest }) {
      const kernel = createLinear({ weight: weight.slice(), bias: bias?.slice() ?? null, ...rest })
      return (input, output) => kernel(input.numbers, output.numbers, 1)
    },
    norm(name) {
      const kernel = namedNorm(tensors, name)
      return ({ numbers }) => kernel(numbers, numbers, 1)
    },
    rows(given, width) {
      const [rows, count] = [given.slice(), given.length / width]
      return (vector, output) => productsOf({ rows, width, count }, vector.numbers, output.numbers)
    },
  }
}

function productsOf(
  { rows, width, count }: { readonly rows: Float32Array; readonly width: number; readonly count: number },
  vector: Float32Array,
  output: Float32Array,
): void {
  for (let row = 0; row < count; row += 1) {
    let product = 0
    for (let index = 0; index < width; index += 1) product += rows[row * width + index]! * vector[index]!
    output[row] = product
  }
}
