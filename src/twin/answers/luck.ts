/** @file The luck of one call: all that is drawn for it, keyed by (seed, question, model, call id). */
import { keyedRandom } from '../../core/index.ts'

export interface CallLuck {
  readonly right: number
  readonly wrong: number
  /** Whether the instruction is followed: below the depth's share. */
  readonly complies: number
  /** Where a simulated text begins, 0-15. */
  readonly start: number
  /** Standard normal. */
  readonly length: number
}

/** All draws of a call, in a fixed order: none depends on what another came to. */
export function drawLuck(callId: string, seed: number): CallLuck {
  const random = keyedRandom(seed, callId)
  const right = random.uniform()
  const wrong = random.uniform()
  const complies = random.uniform()
  const start = random.below(16)
  return { right, wrong, complies, start, length: random.normal() }
}
