/**
 * @file How long one engine step takes: the hinge form of the calibration plus host overhead.
 *
 * A step without prefill is bound by reading weights and KV; with prefill, compute takes over smoothly: the fourth-power
 * mean of a floor `w0` and the work `k1 (P + D)`. Fitted to summed kernel timings; see `StepTime` in the profile schema.
 */
import type { MachineProfile } from '../../core/index.ts'

/** What one step works on. */
export interface StepLoad {
  readonly decodeSequences: number
  /** Context tokens of the decoding sequences, summed. */
  readonly kvTokens: number
  /** Prompt tokens, or tokens to recompute, that this step prefills. 0: a decode-only step. */
  readonly prefillTokens: number
}

export interface StepTimer {
  /** Duration of a step that only decodes, in ms. */
  decodeMs(kvTokens: number): number
  /** Duration of a step with prefill, in ms. */
  prefillMs(load: StepLoad): number
}

export function createStepTimer(machine: Pick<MachineProfile, 'step' | 'host'>): StepTimer {
  const { decodeC0, decodeC3, b0, w0, k1, k2, k3, k4 } = machine.step.value
  const hostMs = machine.host.value
  const decodeBaseMs = decodeC0 + hostMs
  const prefillBaseMs = b0 + hostMs
  const floor = w0 ** 4
  return {
    decodeMs: (kvTokens) => decodeBaseMs + decodeC3 * kvTokens,
    prefillMs: ({ decodeSequences, kvTokens, prefillTokens }) =>
      prefillBaseMs +
      Math.sqrt(Math.sqrt(floor + (k1 * (prefillTokens + decodeSequences)) ** 4)) +
      k2 * decodeSequences +
      k3 * kvTokens +
      k4 * prefillTokens * prefillTokens,
  }
}
