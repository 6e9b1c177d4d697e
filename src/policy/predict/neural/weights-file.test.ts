import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import { parseSafetensors, serialiseSafetensors } from '../../nn/index.ts'
import { initialWeights } from './networks.ts'
import { parsePredictors, serialisePredictors } from './weights-file.ts'

const weights = initialWeights(createRandom(1))
const bytes = serialisePredictors(weights, { seed: '1' })

/** The file with its tensors changed. */
function changed(change: (tensors: Map<string, { shape: readonly number[]; values: Float32Array }>) => void) {
  const { tensors, metadata } = parseSafetensors(bytes, 'test')
  const copy = new Map(tensors)
  change(copy)
  return serialiseSafetensors({ tensors: copy, metadata })
}

describe('predictor weights on disk', () => {
  it('come back bit for bit, and are the same bytes again', () => {
    expect(parsePredictors(bytes, 'test')).toEqual(weights)
    expect(serialisePredictors(weights, { seed: '1' })).toEqual(bytes)
  })

  it('are refused where a tensor is missing, foreign, of another shape, or cut off', () => {
    const bias = { shape: [32], values: new Float32Array(32) }
    expect(() =>
      parsePredictors(
        changed((all) => all.delete('length.text.bias')),
        'test',
      ),
    ).toThrow('tensors')
    const renamed = changed((all) => {
      all.delete('length.arm.bias')
      all.set('another', bias)
    })
    expect(() => parsePredictors(renamed, 'test')).toThrow('length.arm.bias')
    const reshaped = changed((all) => all.set('length.arm.bias', { ...bias, shape: [4, 8] }))
    expect(() => parsePredictors(reshaped, 'test')).toThrow('[4, 8]')
    expect(() => parsePredictors(bytes.subarray(0, bytes.length - 4), 'test')).toThrow('test')
  })
})
