/** @file Names for runs: unique within a gateway, repeatable from a seed. */
import { hashText, type RunId } from '../core/index.ts'

/** `run_` + 8 digits of the seed's hash + a counter. Two gateways with different seeds do not clash. */
export function createRunIds(seed: number): () => RunId {
  const prefix = hashText('run', seed).toString(16).padStart(8, '0')
  let count = 0
  return () => {
    count += 1
    return `run_${prefix}${count.toString(36).padStart(6, '0')}`
  }
}
