/**
 * @file Tensors of a network by name, and their shapes: the one definition that inference and training share.
 *
 * A network's parameters are one flat `Float32Array`, its tensors views of it in the order of the shapes. What serves and
 * what trains read the same shapes, so neither can drift from the other.
 */

/** How a tensor starts: `he` and `lecun` are normal with variance 2 / inputs and 1 / inputs, inputs being the first dimension. */
export type TensorStart = 'zeros' | 'ones' | 'he' | 'lecun'

export interface TensorShape {
  /** Unique within its network: `context.weight`, `film.gamma.bias` ... */
  readonly name: string
  /** Weights are [inputs, outputs], row by row. */
  readonly shape: readonly number[]
  readonly start: TensorStart
}

export type NetworkShapes = readonly TensorShape[]

/** Views of one flat array. */
export type Tensors = ReadonlyMap<string, Float32Array>

export const elementsOf = ({ shape }: TensorShape): number => shape.reduce((product, size) => product * size, 1)

/** Numbers in a whole network. */
export const parameterCount = (shapes: NetworkShapes): number =>
  shapes.reduce((sum, shape) => sum + elementsOf(shape), 0)
