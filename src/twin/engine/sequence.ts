/**
 * @file A sequence: one request as the batch sees it, in numbers only.
 *
 * Its prompt is prefilled, in chunks; the step that ends the prefill gives the first token; every further step gives one
 * more. Preempted, it loses its KV blocks but keeps its tokens, and prefills prompt and tokens together once more.
 */

import type { CachedPrefix, PromptPrefix } from './prompt-prefix.ts'

export interface SequenceListener {
  /** The first token came, at `sequence.firstTokenAtMs`. */
  firstToken(sequence: Sequence): void
  /** The last token came, at `sequence.lastTokenAtMs`. Slot and blocks are free. */
  finished(sequence: Sequence): void
}

export interface Sequence {
  readonly promptTokens: number
  /** Tokens to produce. >= 1. */
  readonly outputTokens: number
  /** Waiting sequences go by urgency, smallest first, then by rank. */
  readonly urgency: number
  /** Rank of arrival: unique in a batch. */
  readonly rank: number
  readonly listener: SequenceListener
  /** The part of its prompt that others may begin with too; null: none. */
  readonly prefix: PromptPrefix | null
  phase: 'waiting' | 'running' | 'ended'
  /** Given up while running: leaves at the next step boundary, and its tokens count no more. */
  isLeaving: boolean
  producedTokens: number
  /** Tokens still to prefill before it decodes. */
  prefillLeft: number
  /** Part of `prefillLeft` in the step under way. */
  chunkTokens: number
  /** KV blocks held, those of `shared` included. */
  blocks: number
  /** Blocks of the prefix cache among them; null: none. */
  shared: CachedPrefix | null
  /** Tokens that those blocks hold. */
  roomTokens: number
  /** When it was first given a slot; null: not yet. */
  admittedAtMs: number | null
  firstTokenAtMs: number | null
  /** Instant of its newest token; NaN before the first: written by every step, and a number that is always one costs no memory. */
  lastTokenAtMs: number
}

export function createSequence(
  parts: Pick<Sequence, 'promptTokens' | 'outputTokens' | 'urgency' | 'rank' | 'listener' | 'prefix'>,
): Sequence {
  const { promptTokens, outputTokens, urgency, rank, listener, prefix } = parts
  return {
    promptTokens,
    outputTokens,
    urgency,
    rank,
    listener,
    prefix,
    phase: 'waiting',
    isLeaving: false,
    producedTokens: 0,
    prefillLeft: promptTokens,
    chunkTokens: 0,
    blocks: 0,
    shared: null,
    roomTokens: 0,
    admittedAtMs: null,
    firstTokenAtMs: null,
    lastTokenAtMs: Number.NaN,
  }
}
