/**
 * @file The predictors' weights as one safetensors file: every tensor of both networks under its own name.
 *
 * A file whose names or shapes are not those of the networks is refused, so that weights of another version never serve.
 */
import { ConfigError, invariant } from '../../../core/index.ts'
import { type NetworkShapes, parameterCount, parseSafetensors, serialiseSafetensors, viewsOf } from '../../nn/index.ts'
import { latencyShapes, lengthShapes, type PredictorWeights } from './networks.ts'

/** The same weights and metadata give the same bytes. */
export function serialisePredictors(
  weights: PredictorWeights,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = (shapes: NetworkShapes, flat: Float32Array) => {
    const views = viewsOf(shapes, flat)
    return shapes.map(({ name, shape }) => {
      const values = views.get(name)
      invariant(values !== undefined, `no tensor is named ${name}`)
      return [name, { shape, values }] as const
    })
  }
  const tensors = new Map([...entries(latencyShapes, weights.latency), ...entries(lengthShapes, weights.length)])
  return serialiseSafetensors({ tensors, metadata })
}

/** Throws ConfigError for a broken file, and for one of other networks. `source` names the file. */
export function parsePredictors(bytes: Uint8Array, source: string): PredictorWeights {
  const { tensors } = parseSafetensors(bytes, source)
  const expected = latencyShapes.length + lengthShapes.length
  const refuse = (path: string, wanted: string, got: string): never => {
    const fix = 'Use predictor weights of this version, or train them anew.'
    throw new ConfigError([{ path, expected: wanted, got, fix }], source)
  }
  if (tensors.size !== expected) refuse('tensors', `${expected}`, `${tensors.size}`)
  const read = (shapes: NetworkShapes): Float32Array => {
    const flat = new Float32Array(parameterCount(shapes))
    const views = viewsOf(shapes, flat)
    for (const { name, shape } of shapes) {
      const stored = tensors.get(name)
      const got = stored ? `[${stored.shape.join(', ')}]` : 'nothing'
      if (got !== `[${shape.join(', ')}]`) refuse(name, `[${shape.join(', ')}]`, got)
      if (stored) views.get(name)?.set(stored.values)
    }
    return flat
  }
  return { latency: read(latencyShapes), length: read(lengthShapes) }
}
