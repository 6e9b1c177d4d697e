/**
 * @file Layers by the name of their tensors, as in blocks.ts, their weights copied into a space once.
 *
 * Rows of `input` are as long as the layer's inputs, rows of `output` as long as its outputs, padded to a multiple of 4.
 */
import { invariant } from '../../../core/index.ts'
import type { LinearOptions } from '../linear.ts'
import { type Tensors, tensorOf } from '../tensors.ts'
import { paddedTo4, type SimdSpace } from './simd-space.ts'

/** Reads so many rows at the address `input`, writes as many at `output`. */
export type PlacedKernel = (input: number, output: number, rows: number) => void

/** An affine layer: `createLinear` in a space. */
export function placeLinear(space: SimdSpace, { weight, bias, outputs, activation }: LinearOptions): PlacedKernel {
  const inputBytes = 4 * (weight.length / outputs)
  const outputBytes = 4 * paddedTo4(outputs)
  const weightAt = space.place(weight, outputs)
  const biasAt = bias ? space.place(bias) : space.take(outputs)
  const least = activation === 'relu' ? 0 : Number.NEGATIVE_INFINITY
  const { affine } = space.kernels
  return (input, output, rows) => affine(input, weightAt, biasAt, output, rows, inputBytes, outputBytes, least)
}

/** The affine layer `name` of a network, as it is or rectified. */
export function placeNamedLinear(
  { space, tensors }: PlacedNetwork,
  name: string,
  activation?: LinearOptions['activation'],
): PlacedKernel {
  const bias = tensorOf(tensors, `${name}.bias`)
  const weight = tensorOf(tensors, `${name}.weight`)
  return placeLinear(space, { weight, bias, outputs: bias.length, ...(activation && { activation }) })
}

export interface PlacedNetwork {
  readonly space: SimdSpace
  readonly tensors: Tensors
}

/** LN(relu(x W + b)) of the block `name`. */
export function placeNamedBlock(network: PlacedNetwork, name: string): PlacedKernel {
  const linear = placeNamedLinear(network, name, 'relu')
  const normalise = placeNamedNorm(network, name)
  return (input, output, rows) => {
    linear(input, output, rows)
    normalise(output, rows)
  }
}

/** The layer norm of the block `name`, in place. A multiple of 4 numbers: padding would count in mean and variance. */
export function placeNamedNorm({ space, tensors }: PlacedNetwork, name: string) {
  const scale = tensorOf(tensors, `${name}.norm.scale`)
  invariant(scale.length % 4 === 0, `a block of ${scale.length} outputs has no vector form: not a multiple of 4`)
  const scaleAt = space.place(scale)
  const shiftAt = space.place(tensorOf(tensors, `${name}.norm.shift`))
  const { normalise } = space.kernels
  return (values: number, rows: number): void => normalise(values, scaleAt, shiftAt, rows, 4 * scale.length)
}
