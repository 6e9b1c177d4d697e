/**
 * @file A categorical distribution by its logits: draw, log-probability, entropy, most likely. Natural logarithms.
 *
 * Everything works on logits as they are, without a second array. Logits of -1e9 or minus infinity are never drawn.
 */
import { logSumExp } from './softmax.ts'

/** The place that `uniform`, in [0, 1), falls on. */
export function sampleCategorical(logits: Float32Array, uniform: number): number {
  const logTotal = logSumExp(logits, logits.length)
  let left = uniform
  let last = 0
  for (let index = 0; index < logits.length; index += 1) {
    const probability = Math.exp(logits[index]! - logTotal)
    if (probability === 0) continue
    left -= probability
    if (left < 0) return index
    last = index
  }
  // The probabilities summed to just under `uniform`: the last possible one.
  return last
}

/** ln p(index); minus infinity for what cannot be drawn. */
export const logProbabilityOf = (logits: Float32Array, index: number): number =>
  logits[index]! - logSumExp(logits, logits.length)

/** -sum p ln p, in nats: 0 to ln(count). */
export function entropyOf(logits: Float32Array): number {
  const logTotal = logSumExp(logits, logits.length)
  let entropy = 0
  for (let index = 0; index < logits.length; index += 1) {
    const logProbability = logits[index]! - logTotal
    const probability = Math.exp(logProbability)
    if (probability > 0) entropy -= probability * logProbability
  }
  return entropy
}

/** Place of the greatest; the first of equals. */
export function argmax(values: Float32Array): number {
  let best = 0
  for (let index = 1; index < values.length; index += 1) if (values[index]! > values[best]!) best = index
  return best
}
