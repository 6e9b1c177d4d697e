/**
 * @file What a network must offer to be trained: the shapes it shares with inference, its inputs, and its forward pass.
 *
 * Losses and optimisers know no network; networks know no loss. Parameters are flat outside and a record of arrays by name
 * inside compiled functions, where `weights('name')` gives one more use of an array.
 */

import type { NetworkShapes } from '../../../policy/index.ts'
import { parameterCount, tensorOf, viewsOf } from '../../../policy/index.ts'
import { np, type Tensor } from './jax.ts'

/** One use of a tensor of the network, by its name. */
export type Weights = (name: string) => Tensor

/** Arrays by name, as compiled functions take them. */
export type TensorRecord = Record<string, Tensor>

export interface Outputs {
  /** [rows, places], before any mask. */
  readonly logits: Tensor
  /** [rows]: what the critic expects; null without one. */
  readonly values: Tensor | null
}

/** A policy over a fixed number of places, with or without a critic. */
export interface Trainable {
  readonly shapes: NetworkShapes
  /** Choices per row; fewer are allowed where `mask` says so. */
  readonly places: number
  /** Shape per row of each input by name. `mask` (1 allowed, 0 not) and `base` (logits of the base policy), [places], are among them. */
  readonly inputs: Readonly<Record<string, readonly number[]>>
  /** `inputs(name)`: [rows, ...shape], one use per call. */
  forward(weights: Weights, inputs: Weights): Outputs
}

/** Uses of the arrays of `record`, which stays the caller's to dispose of. */
export const usesOf =
  (record: TensorRecord): Weights =>
  (name) => {
    const tensor = record[name]
    if (tensor === undefined) throw new RangeError(`no array is named ${name}`)
    return tensor.ref
  }

/** The tensors of a flat array, copied to the device. */
export function toTensors(shapes: NetworkShapes, flat: Float32Array): TensorRecord {
  const views = viewsOf(shapes, flat)
  return Object.fromEntries(
    shapes.map(({ name, shape }) => [name, np.array(tensorOf(views, name).slice()).reshape([...shape])]),
  )
}

/** The reverse: reads and disposes of the arrays. */
export function toFlat(shapes: NetworkShapes, record: TensorRecord): Float32Array {
  const flat = new Float32Array(parameterCount(shapes))
  const views = viewsOf(shapes, flat)
  for (const { name } of shapes) tensorOf(views, name).set((record[name] as Tensor).dataSync() as Float32Array)
  return flat
}
