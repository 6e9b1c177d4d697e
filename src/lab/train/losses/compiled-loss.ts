/**
 * @file A loss with its gradient, compiled once for the shapes of its first call; flat parameters in, flat gradient out.
 *
 * Everything is disposed of after each call: nothing stays on the device. The same numbers in give the same numbers out, bit
 * for bit. Call `startJax` first.
 */
import type { NetworkShapes } from '../../../policy/index.ts'
import {
  jit,
  type Tensor,
  type TensorRecord,
  toFlat,
  toTensors,
  tree,
  usesOf,
  valueAndGrad,
  type Weights,
} from '../networks/index.ts'

/** A loss of one number, and further results by name. Both arguments give one use of an array per call. */
export type Loss = (weights: Weights, batch: Weights) => readonly [Tensor, TensorRecord]

export interface LossResult {
  readonly loss: number
  /** As the loss gave them, flat. */
  readonly further: Readonly<Record<string, Float32Array>>
  /** As the parameters. */
  readonly gradientFlat: Float32Array
}

const read = (tensor: Tensor): Float32Array => tensor.dataSync() as Float32Array

const readAll = (record: TensorRecord): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(record).map(([name, tensor]) => [name, read(tensor)]))

/** `batch` is used up. */
export function compileLoss(
  shapes: NetworkShapes,
  loss: Loss,
): (parametersFlat: Float32Array, batch: TensorRecord) => LossResult {
  const compiled = jit(
    valueAndGrad(
      (parameters: TensorRecord, batch: TensorRecord): [Tensor, TensorRecord] => {
        const [value, further] = loss(usesOf(parameters), usesOf(batch))
        tree.dispose([parameters, batch])
        return [value, further]
      },
      { hasAux: true },
    ),
  )
  return (parametersFlat, batch) => {
    const [[value, further], gradients] = compiled(toTensors(shapes, parametersFlat), batch)
    return {
      loss: read(value)[0] as number,
      further: readAll(further),
      gradientFlat: toFlat(shapes, gradients),
    }
  }
}

/** Results without a gradient; `batch` is used up. */
export function compileForward(
  shapes: NetworkShapes,
  forward: (weights: Weights, batch: Weights) => TensorRecord,
): (parametersFlat: Float32Array, batch: TensorRecord) => Readonly<Record<string, Float32Array>> {
  const compiled = jit((parameters: TensorRecord, batch: TensorRecord): TensorRecord => {
    const results = forward(usesOf(parameters), usesOf(batch))
    tree.dispose([parameters, batch])
    return results
  })
  return (parametersFlat, batch) => readAll(compiled(toTensors(shapes, parametersFlat), batch))
}
