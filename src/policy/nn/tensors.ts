/**
 * @file Tensors of a network by name, and their shapes: the one definition that inference and training share.
 *
 * A network's parameters are one flat `Float32Array`, its tensors views of it in the order of the shapes. What serves and
 * what trains read the same shapes, so neither can drift from the other.
 */
import { invariant, type Random } from '../../core/index.ts'

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

/** The tensors of `flat`: views, so a change of either shows in the other. Throws `INVARIANT_VIOLATED` if the sizes differ. */
export function viewsOf(shapes: NetworkShapes, flat: Float32Array): Tensors {
  const expected = parameterCount(shapes)
  invariant(flat.length === expected, `expected ${expected} parameters, got ${flat.length}`)
  const views = new Map<string, Float32Array>()
  let offset = 0
  for (const shape of shapes) {
    invariant(!views.has(shape.name), `two tensors are named ${shape.name}`)
    views.set(shape.name, flat.subarray(offset, offset + elementsOf(shape)))
    offset += elementsOf(shape)
  }
  return views
}

/** Throws `INVARIANT_VIOLATED` if there is no tensor of that name. */
export function tensorOf(tensors: Tensors, name: string): Float32Array {
  const tensor = tensors.get(name)
  invariant(tensor !== undefined, `no tensor is named ${name}`)
  return tensor
}

/** Fresh parameters; the same draws give the same ones. */
export function initialise(shapes: NetworkShapes, random: Random): Float32Array {
  const flat = new Float32Array(parameterCount(shapes))
  const tensors = viewsOf(shapes, flat)
  for (const { name, shape, start } of shapes) {
    const tensor = tensorOf(tensors, name)
    if (start === 'ones') tensor.fill(1)
    if (start === 'zeros' || start === 'ones') continue
    const deviation = Math.sqrt((start === 'he' ? 2 : 1) / (shape[0] ?? 1))
    for (let index = 0; index < tensor.length; index += 1) tensor[index] = deviation * random.normal()
  }
  return flat
}
