/**
 * @file Who runs: slots, KV blocks, preemption and chunked prefill, as vLLM's scheduler decides them before each step.
 *
 * At a step boundary, in this order: given-up sequences leave; decoding ones take the block that their next token needs,
 * and when none is free the latest-admitted one is preempted; running prefills share the chunk budget in order of
 * admission; then waiting sequences are admitted while a slot, their blocks and some budget are left, but not in a step
 * that had to preempt. The first that does not fit holds back those behind it. Knows no durations: see `batch.ts`.
 *
 * Progress: the longest-admitted sequence is preempted only when alone, and alone every sequence fits the cache.
 * Source: vLLM V1 scheduler; there the chunk budget counts decode tokens too, which at our slots is below 1 %.
 */
import { invariant } from '../../core/index.ts'
import type { KvLedger } from './kv-ledger.ts'
import type { PrefixCache } from './prefix-cache.ts'
import type { Sequence } from './sequence.ts'
import type { StepLoad } from './step-time.ts'
import { WaitingQueue } from './waiting-queue.ts'

export interface StepSchedulerOptions {
  readonly slots: number
  readonly prefillChunkTokens: number
  readonly ledger: KvLedger
  /** Null: every prompt is prefilled whole. */
  readonly prefixes: PrefixCache | null
}

/** Totals since the start. */
export interface SchedulerCounts {
  readonly preemptions: number
  /** Of prompts whose prefill ended; recomputed tokens count once. */
  readonly promptTokens: number
  /** Not prefilled, since they were found in the prefix cache; of recomputed prompts too. */
  readonly cachedTokens: number
  readonly producedTokens: number
  readonly peakRunning: number
}

/** Whom the end of steps concerns. */
export interface StepEnd {
  /** Got their first token. */
  readonly started: readonly Sequence[]
  /** Got their last token. */
  readonly ended: readonly Sequence[]
}

// Most steps concern nobody, and then cost no lists.
const nobody: StepEnd = { started: [], ended: [] }
const withStarted = ({ started, ended }: StepEnd, sequence: Sequence) => ({ started: [...started, sequence], ended })
const withEnded = ({ started, ended }: StepEnd, sequence: Sequence) => ({ started, ended: [...ended, sequence] })

export class StepScheduler {
  readonly #options: StepSchedulerOptions
  readonly #waiting = new WaitingQueue()
  /** In order of admission; those that decode stand before those that prefill. */
  readonly #running: Sequence[] = []
  /** Running sequences that were given up. */
  #leaving = 0
  #hasPreempted = false
  /** Of the step under way: written anew by each, since most steps of a simulation are laid out here. */
  readonly #load = { decodeSequences: 0, kvTokens: 0, prefillTokens: 0 }
  readonly #counts = { preemptions: 0, promptTokens: 0, cachedTokens: 0, producedTokens: 0, peakRunning: 0 }

  constructor(options: StepSchedulerOptions) {
    this.#options = options
  }

  get counts(): SchedulerCounts {
    return this.#counts
  }

  get running(): number {
    return this.#running.length
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Whether the next boundary may admit someone; false is certain. */
  get mayAdmit(): boolean {
    return this.#waiting.size > 0 && this.#running.length < this.#options.slots
  }

  add(sequence: Sequence): void {
    invariant(
      this.#options.ledger.blocksFor(sequence.promptTokens + sequence.outputTokens - 1) <=
        this.#options.ledger.totalBlocks,
      'a sequence must fit the KV cache when alone',
    )
    this.#waiting.add(sequence)
  }

  /** Gives up a sequence: a waiting one leaves now, a running one at the next boundary. */
  giveUp(sequence: Sequence): void {
    if (sequence.phase === 'waiting') {
      this.#waiting.remove(sequence)
      sequence.phase = 'ended'
    } else if (sequence.phase === 'running' && !sequence.isLeaving) {
      sequence.isLeaving = true
      this.#leaving++
    }
  }

  /** Drops everything at once: the engine died. */
  clear(): void {
    for (const sequence of this.#running) this.#end(sequence)
    this.#running.length = 0
    this.#leaving = 0
    for (let next = this.#waiting.take(); next; next = this.#waiting.take()) next.phase = 'ended'
    this.#options.prefixes?.clear()
  }

  /** Lays out the step that starts at `atMs`; null when nobody is left to run. The load holds until the next step. */
  beginStep(atMs: number): StepLoad | null {
    if (this.#leaving > 0) this.#dropLeaving()
    this.#growBlocks()
    this.#load.prefillTokens = this.#isPrefilling || this.mayAdmit ? this.#fillPrefill(atMs) : 0
    const running = this.#running.length
    if (running === 0) return null
    if (running > this.#counts.peakRunning) this.#counts.peakRunning = running
    return this.#load
  }

  /**
   * How many steps, from the one under way on, nobody joins, leaves, finishes or is preempted in: the last of them may
   * finish a sequence. For decode-only steps.
   */
  identicalSteps(): number {
    if (this.#hasPreempted) return 1
    let steps = Infinity
    for (const { outputTokens, producedTokens } of this.#running) steps = Math.min(steps, outputTokens - producedTokens)
    const { free, blockTokens } = this.#options.ledger
    // No sequence can need more blocks than all its new tokens would fill.
    if (this.#running.length * Math.ceil(steps / blockTokens) <= free) return steps
    if (this.#blocksToGrow(steps - 1) <= free) return steps
    // Demand grows with the steps: bisect for the last step that the free blocks allow. One step always is: it has its blocks.
    let [fits, fails] = [1, steps]
    while (fails - fits > 1) {
      const middle = (fits + fails) >> 1
      if (this.#blocksToGrow(middle - 1) <= free) fits = middle
      else fails = middle
    }
    return fits
  }

  /** `steps` decode-only steps have passed, the last at `endMs`, within a run of identical ones; the next has begun. */
  passSteps(steps: number, endMs: number): void {
    for (const sequence of this.#running) {
      this.#decode(sequence, steps, endMs)
      this.#holdBlocks(sequence, sequence.promptTokens + sequence.producedTokens)
    }
    this.#load.kvTokens += steps * this.#load.decodeSequences
  }

  /** `steps` steps have passed, the last at `endMs`. */
  completeSteps(steps: number, endMs: number): StepEnd {
    let end = nobody
    for (const sequence of this.#running) {
      if (sequence.prefillLeft === 0) this.#decode(sequence, steps, endMs)
      else if (sequence.chunkTokens > 0 && this.#prefill(sequence, endMs)) end = withStarted(end, sequence)
      if (sequence.producedTokens === sequence.outputTokens && !sequence.isLeaving) end = withEnded(end, sequence)
    }
    if (end.ended.length > 0) {
      for (const sequence of end.ended) this.#end(sequence)
      this.#closeRanks()
    }
    return end
  }

  /** The step's share of a prefill is done. Returns whether it gave the sequence's first token. */
  #prefill(sequence: Sequence, endMs: number): boolean {
    sequence.prefillLeft -= sequence.chunkTokens
    sequence.chunkTokens = 0
    if (sequence.prefillLeft > 0 || sequence.isLeaving) return false
    this.#options.prefixes?.publish(sequence)
    sequence.producedTokens++
    this.#counts.producedTokens++
    sequence.lastTokenAtMs = endMs
    if (sequence.firstTokenAtMs !== null) return false
    sequence.firstTokenAtMs = endMs
    this.#counts.promptTokens += sequence.promptTokens
    return true
  }

  /** A step writes the KV of the newest token and gives one more; so the last step's context is one short of the tokens. */
  #decode(sequence: Sequence, steps: number, endMs: number): void {
    if (sequence.isLeaving) return
    sequence.producedTokens += steps
    this.#counts.producedTokens += steps
    sequence.lastTokenAtMs = endMs
    this.#holdBlocks(sequence, sequence.promptTokens + sequence.producedTokens - 1)
  }

  #holdBlocks(sequence: Sequence, tokens: number): void {
    if (tokens <= sequence.roomTokens) return
    const { ledger, prefixes } = this.#options
    const blocks = ledger.blocksFor(tokens)
    ledger.take(blocks - sequence.blocks)
    prefixes?.evict()
    sequence.blocks = blocks
    sequence.roomTokens = blocks * ledger.blockTokens
  }

  /** Blocks to be taken so that `steps` more steps can follow the one under way. */
  #blocksToGrow(steps: number): number {
    const { ledger } = this.#options
    let blocks = 0
    for (const sequence of this.#running) {
      blocks += ledger.blocksFor(sequence.promptTokens + sequence.producedTokens + steps) - sequence.blocks
    }
    return blocks
  }

  #dropLeaving(): void {
    for (const sequence of this.#running) if (sequence.isLeaving) this.#end(sequence)
    this.#leaving = 0
    this.#closeRanks()
  }

  /** Takes those that have ended out of the running. */
  #closeRanks(): void {
    const running = this.#running
    let kept = 0
    for (const sequence of running) if (sequence.phase === 'running') running[kept++] = sequence
    running.length = kept
  }

  get #isPrefilling(): boolean {
    const last = this.#running.at(-1)
    return last !== undefined && last.prefillLeft > 0
  }

  /**
   * Every decoding sequence takes the block that its next token needs, at the cost of the latest-admitted ones. Counts
   * the decoding ones and their context on the way.
   */
  #growBlocks(): void {
    const running = this.#running
    this.#hasPreempted = false
    let kvTokens = 0
    let index = 0
    for (; index < running.length; index++) {
      const sequence = running[index] as Sequence
      if (sequence.prefillLeft > 0) break
      const tokens = sequence.promptTokens + sequence.producedTokens
      if (tokens > sequence.roomTokens && !this.#makeRoom(sequence, tokens)) break
      kvTokens += tokens
    }
    this.#load.decodeSequences = index
    this.#load.kvTokens = kvTokens
  }

  /** Preempts until `sequence` has blocks for its tokens. False: it was the latest admitted, and preempted itself. */
  #makeRoom(sequence: Sequence, tokens: number): boolean {
    const { ledger } = this.#options
    while (ledger.blocksFor(tokens) - sequence.blocks > ledger.free) {
      const latest = this.#running.pop() as Sequence
      this.#preempt(latest)
      if (latest === sequence) return false
    }
    this.#holdBlocks(sequence, tokens)
    return true
  }

  #preempt(sequence: Sequence): void {
    this.#release(sequence)
    sequence.phase = 'waiting'
    sequence.prefillLeft = sequence.promptTokens + sequence.producedTokens
    this.#waiting.add(sequence)
    this.#hasPreempted = true
    this.#counts.preemptions++
  }

  /** Running prefills take their chunks, in order of admission, and waiting sequences are admitted. Returns the tokens taken in. */
  #fillPrefill(atMs: number): number {
    let left = this.#options.prefillChunkTokens
    for (const sequence of this.#running) {
      sequence.chunkTokens = Math.min(sequence.prefillLeft, left)
      left -= sequence.chunkTokens
    }
    return this.#options.prefillChunkTokens - this.#admit(left, atMs)
  }

  /** Admits waiting sequences into free slots. Returns the budget left. */
  #admit(budget: number, atMs: number): number {
    const { slots } = this.#options
    let left = budget
    while (left > 0 && this.#running.length < slots && !this.#hasPreempted) {
      const next = this.#waiting.peek()
      if (!next || !this.#giveBlocks(next)) break
      this.#waiting.take()
      next.phase = 'running'
      next.admittedAtMs ??= atMs
      next.chunkTokens = Math.min(next.prefillLeft, left)
      left -= next.chunkTokens
      this.#running.push(next)
    }
    return left
  }

  /** Gives a waiting sequence the blocks of its prefill, cached ones first. False: they are not free. */
  #giveBlocks(sequence: Sequence): boolean {
    const { ledger, prefixes } = this.#options
    const tokens = sequence.prefillLeft
    const cached = prefixes?.find(sequence)
    const blocks = ledger.blocksFor(tokens)
    if (prefixes && cached) {
      if (blocks - cached.blocks + prefixes.blocksToJoin(cached) > ledger.free) return false
      prefixes.join(sequence, cached)
      this.#counts.cachedTokens += tokens - sequence.prefillLeft
    } else if (blocks > ledger.free) return false
    this.#holdBlocks(sequence, tokens)
    return true
  }

  #release(sequence: Sequence): void {
    const { ledger, prefixes } = this.#options
    ledger.give(sequence.blocks - (sequence.shared?.blocks ?? 0))
    prefixes?.leave(sequence)
    sequence.blocks = 0
    sequence.roomTokens = 0
    sequence.chunkTokens = 0
  }

  #end(sequence: Sequence): void {
    this.#release(sequence)
    sequence.phase = 'ended'
  }
}
