/**
 * @file Refuses a call that an engine could not run even with nothing else on it.
 *
 * Only what is certain refuses: the prompt and one token beyond the context or the whole KV cache. A long *predicted* answer
 * does not, since predictions err and the engine would cut it at its own limit.
 */
import type { Admission } from '../../../core/index.ts'

export const fitsAlone: Admission = {
  decide: (call, engine) => {
    const leastTokens = call.promptTokens + 1
    const limit = Math.min(engine.contextTokens ?? Infinity, engine.kvTokens ?? Infinity)
    return leastTokens > limit ? 'reject' : 'send'
  },
}
