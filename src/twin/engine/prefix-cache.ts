/**
 * @file Prefix cache: KV blocks of a prompt's start that outlive their call, for the next call of the same run.
 *
 * A run's calls share the beginning of their prompts, the caller's own text. When the first of them has been prefilled,
 * the whole blocks of that beginning become an entry. A later call that finds it is given these blocks and prefills only
 * the rest. An entry in use counts once among the blocks in use; one that nobody uses lives in free blocks, and gives them
 * up from its end, the entry longest out of use first. Eviction depends only on how many blocks are in use, so it comes
 * to the same whether steps are taken one by one or skipped.
 *
 * Simpler than vLLM's cache by hashed blocks: runs with equal text do not meet, replies are not kept as part of a
 * history, and an entry appears when the whole prompt is done.
 */
import type { KvLedger } from './kv-ledger.ts'
import type { CachedPrefix } from './prompt-prefix.ts'
import type { Sequence } from './sequence.ts'

export class PrefixCache {
  readonly #ledger: KvLedger
  /** Those without users in the order in which they lost their last one. */
  readonly #entries = new Map<string, CachedPrefix>()
  #idleBlocks = 0

  constructor(ledger: KvLedger) {
    this.#ledger = ledger
  }

  /** The entry that `sequence` can start from; undefined: none. */
  find({ prefix }: Sequence): CachedPrefix | undefined {
    const entry = prefix === null ? undefined : this.#entries.get(prefix.key)
    return entry && prefix && entry.blocks <= prefix.blocks ? entry : undefined
  }

  /** Blocks to be free so that `entry` can be used: its own, where nobody uses it. */
  blocksToJoin({ users, blocks }: CachedPrefix): number {
    return users === 0 ? blocks : 0
  }

  /** `sequence` starts from `entry`. It holds no other blocks yet. */
  join(sequence: Sequence, entry: CachedPrefix): void {
    if (entry.users === 0) {
      this.#idleBlocks -= entry.blocks
      this.#ledger.take(entry.blocks)
    }
    entry.users++
    sequence.shared = entry
    sequence.blocks = entry.blocks
    sequence.roomTokens = entry.blocks * this.#ledger.blockTokens
    sequence.prefillLeft -= sequence.roomTokens
  }

  /** The prompt of `sequence` is in its blocks: those of its prefix become an entry, unless there is one. */
  publish(sequence: Sequence): void {
    const { prefix } = sequence
    if (prefix === null || sequence.shared !== null || this.#entries.has(prefix.key)) return
    const entry = { key: prefix.key, blocks: prefix.blocks, users: 1 }
    this.#entries.set(prefix.key, entry)
    sequence.shared = entry
  }

  /** `sequence` gives up what it shares. */
  leave(sequence: Sequence): void {
    const entry = sequence.shared
    if (entry === null) return
    sequence.shared = null
    entry.users--
    if (entry.users > 0) return
    this.#ledger.give(entry.blocks)
    this.#idleBlocks += entry.blocks
    this.#entries.delete(entry.key)
    this.#entries.set(entry.key, entry)
  }

  /** Gives up cached blocks until the rest fits into the free ones. */
  evict(): void {
    if (this.#idleBlocks <= this.#ledger.free) return
    for (const entry of this.#entries.values()) {
      if (entry.users > 0) continue
      const blocks = Math.min(entry.blocks, this.#idleBlocks - this.#ledger.free)
      entry.blocks -= blocks
      this.#idleBlocks -= blocks
      if (entry.blocks > 0) return
      this.#entries.delete(entry.key)
    }
  }

  /** Forgets everything; nobody may be using it. */
  clear(): void {
    this.#entries.clear()
    this.#idleBlocks = 0
  }
}
