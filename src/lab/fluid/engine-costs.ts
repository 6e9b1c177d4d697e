/**
 * @file What a call costs an engine at the least: its share of step times, and the KV cache it holds meanwhile.
 *
 * Work is engine time, in ms of an engine that has its GPU to itself. A step serves at most `slots` sequences and costs at
 * least the fixed part of a decode step, so each step of a call costs 1 / slots of that. Context read and prompts
 * prefilled are paid in full, since they lengthen the step for all of the batch; of a prefill step's time what it saves on
 * the fixed part is taken off again. So no schedule does the same calls in less work, in the twin's own step model.
 */
import type { ModelId, Profile } from '../../core/index.ts'
import { createStepTimer } from '../../twin/index.ts'

export interface EngineCosts {
  readonly apiMs: number
  /** From sending to the first token, alone on the engine. */
  firstTokenMs(promptTokens: number): number
  /** One decode step, alone, at this many tokens of context. */
  tokenMs(contextTokens: number): number
  /** Engine time taken by `outputTokens` (the first included) after a prompt; 0 tokens: its prefill alone. ms. */
  workMs(promptTokens: number, outputTokens: number): number
}

export function createEngineCosts(profile: Profile, model: ModelId): EngineCosts {
  const machine = profile.models[model]!
  const { decodeC0, decodeC3, b0, k1, k4 } = machine.step.value
  const timer = createStepTimer(machine)
  const apiMs = profile.apiOverheadMs.value
  const perStepMs = (decodeC0 + machine.host.value) / machine.slots.value
  const savedMs = Math.max(0, decodeC0 - b0)
  return {
    apiMs,
    firstTokenMs: (promptTokens) =>
      apiMs + timer.prefillMs({ decodeSequences: 0, kvTokens: 0, prefillTokens: promptTokens }),
    tokenMs: (contextTokens) => timer.decodeMs(contextTokens),
    workMs: (promptTokens, outputTokens) =>
      Math.max(0, k1 * promptTokens + k4 * promptTokens ** 2 - savedMs) +
      Math.max(1, outputTokens) * perStepMs +
      Math.max(0, outputTokens - 1) * decodeC3 * (promptTokens + outputTokens / 2),
  }
}
