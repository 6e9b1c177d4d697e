/**
 * @file Layers by the name of their tensors: shapes to be listed, kernels to be made, so that no network spells either out.
 *
 * `name.weight`, `name.bias` of an affine layer; a block, LN(relu(x W + b)), has `name.norm.scale` and `name.norm.shift` too.
 */
import { createLayerNorm } from './layer-norm.ts'
import { createLinear, type RowKernel } from './linear.ts'
import { type NetworkShapes, type TensorStart, type Tensors, tensorOf } from './tensors.ts'

export interface LayerSize {
  readonly inputs: number
  readonly outputs: number
  /** Of the weight: `he` unless told, as for what a rectifier follows. Biases start at 0. */
  readonly start?: TensorStart
}

export const linearShapes = (name: string, { inputs, outputs, start = 'he' }: LayerSize): NetworkShapes => [
  { name: `${name}.weight`, shape: [inputs, outputs], start },
  { name: `${name}.bias`, shape: [outputs], start: 'zeros' },
]

export const blockShapes = (name: string, size: LayerSize): NetworkShapes => [
  ...linearShapes(name, size),
  { name: `${name}.norm.scale`, shape: [size.outputs], start: 'ones' },
  { name: `${name}.norm.shift`, shape: [size.outputs], start: 'zeros' },
]

/** The affine layer `name` of a network, as it is or rectified. */
export function namedLinear(tensors: Tensors, name: string, activation?: 'relu'): RowKernel {
  const bias = tensorOf(tensors, `${name}.bias`)
  const weight = tensorOf(tensors, `${name}.weight`)
  return createLinear({ weight, bias, outputs: bias.length, ...(activation && { activation }) })
}

/** The layer norm of the block `name`. */
export const namedNorm = (tensors: Tensors, name: string): RowKernel =>
  createLayerNorm({
    scale: tensorOf(tensors, `${name}.norm.scale`),
    shift: tensorOf(tensors, `${name}.norm.shift`),
  })

/** LN(relu(x W + b)) of the block `name`. */
export function namedBlock(tensors: Tensors, name: string): RowKernel {
  const linear = namedLinear(tensors, name, 'relu')
  const norm = namedNorm(tensors, name)
  return (input, output, rows) => {
    linear(input, output, rows)
    norm(output, output, rows)
  }
}
