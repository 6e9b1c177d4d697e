/** @file Ledger of KV-cache blocks: how many are taken. Never negative, never beyond the cache; anything else is a bug. */
import { InframindError, invariant } from '../../core/index.ts'

export class KvLedger {
  readonly totalBlocks: number
  readonly blockTokens: number
  #inUse = 0

  /** The cache is cut into whole blocks; tokens beyond the last whole one are not used. */
  constructor(kvTokens: number, blockTokens: number) {
    this.blockTokens = blockTokens
    this.totalBlocks = Math.floor(kvTokens / blockTokens)
    invariant(this.totalBlocks >= 1, `a KV cache of ${kvTokens} tokens holds no block of ${blockTokens}`)
  }

  get inUse(): number {
    return this.#inUse
  }

  get free(): number {
    return this.totalBlocks - this.#inUse
  }

  /** Blocks that hold `tokens` tokens of context. */
  blocksFor(tokens: number): number {
    return Math.ceil(tokens / this.blockTokens)
  }

  /** Throws INVARIANT_VIOLATED when fewer are free. */
  take(blocks: number): void {
    this.#inUse += blocks
    if (this.#inUse > this.totalBlocks) this.#fail()
  }

  /** Throws INVARIANT_VIOLATED when fewer are taken. */
  give(blocks: number): void {
    this.#inUse -= blocks
    if (this.#inUse < 0) this.#fail()
  }

  // Apart, so that the message is not composed on every step.
  #fail(): never {
    throw new InframindError('INVARIANT_VIOLATED', `${this.#inUse} of ${this.totalBlocks} KV blocks in use`)
  }
}
