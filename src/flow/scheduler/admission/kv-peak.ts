/**
 * @file Admission by the peak of the KV cache: a call goes in only if the cache holds until the last of them has finished.
 *
 * Every running call adds a token per step and frees all of its tokens when it ends. The peak therefore lies at the end of
 * some call. With h tokens held and r still to come per call, sorted by r descending (i counts from 1):
 *
 *     peak = max over i of ( r_i * i + sum of h_j for j <= i )
 *
 * since at the end of call i exactly the calls 1..i still run and each has grown by r_i. The candidate counts with its prompt
 * as held and the 90 % quantile of its output as to come. Cost: O(n log n) in the calls on the engine, O(n) when all is roomy.
 *
 * Source: the peak formula of Past-Future scheduling (LightLLM). Ours differs: one quantile instead of draws per round, and an
 * idle engine always takes one call.
 */
import type { Admission } from '../../../core/index.ts'

/** One call on an engine: tokens it holds, and tokens it is still expected to add. */
export interface KvCall {
  readonly tokens: number
  readonly remaining: number
}

export interface KvPeakOptions {
  /** Share of the cache kept free, 0-1. Default 0.05. */
  readonly slackFraction?: number
  /** Tokens per KV block; every count is rounded up to whole blocks. Default 1. */
  readonly blockTokens?: number
}

/** Largest number of KV tokens that `calls` will hold together if each grows as expected. Never below the true peak. */
export function kvPeakTokens(calls: readonly KvCall[], blockTokens = 1): number {
  const wholeBlocks = (tokens: number) => Math.ceil(tokens / blockTokens) * blockTokens
  const longestFirst = [...calls].sort((a, b) => b.remaining - a.remaining)
  let peak = 0
  let held = 0
  longestFirst.forEach(({ tokens, remaining }, index) => {
    held += wholeBlocks(tokens)
    peak = Math.max(peak, wholeBlocks(remaining) * (index + 1) + held)
  })
  return peak
}

/** `hold` while the peak would not fit; an engine that does not say its KV size takes everything. */
export function createKvPeak({ slackFraction = 0.05, blockTokens = 1 }: KvPeakOptions = {}): Admission {
  return {
    decide: (call, engine) => {
      if (engine.kvTokens === null || engine.inFlight === 0) return 'send'
      const roomTokens = engine.kvTokens * (1 - slackFraction) - engine.foreignKvTokens
      const candidate = { tokens: call.promptTokens, remaining: Math.min(call.outputTokensP90, call.maxOutputTokens) }
      const calls = [...engine.held, candidate]
      // Never below the peak, and usually enough: spares the sort.
      const ceiling = calls.reduce((sum, { tokens, remaining }) => sum + tokens + remaining + 2 * blockTokens, 0)
      return ceiling <= roomTokens || kvPeakTokens(calls, blockTokens) <= roomTokens ? 'send' : 'hold'
    },
  }
}
