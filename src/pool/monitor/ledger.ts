/**
 * @file Our own calls in flight on one replica, and the tokens they hold: what is true between two polls, and all there is
 * where an engine publishes nothing.
 *
 * A call holds its prompt from the moment it is sent, and one token more per `tpotMs` from its first token on (where that was
 * not told: from when the replica's mean time to first token has passed), up to the 90 % quantile of its length. Without a
 * known `tpotMs` only the prompt counts as held and the whole output as still to come. An estimate, repeatable: it depends
 * on nothing but what was told and the instant.
 */

/** What a call is expected to take. */
export interface CallTokens {
  readonly promptTokens: number
  /** Expected output. */
  readonly outputTokens: number
  /** 90 % quantile of the output. */
  readonly outputTokensP90: number
}

/** The replica's pace, from its readings; null: not known. */
export interface Pace {
  readonly ttftMs: number | null
  readonly tpotMs: number | null
}

export interface HeldTokens {
  /** Held now. */
  readonly tokens: number
  /** Still expected to be added. */
  readonly remaining: number
}

interface Entry extends CallTokens {
  readonly startedAtMs: number
  firstTokenAtMs: number | null
  /** Tokens of it that the KV reading, as corrected, contains. */
  countedTokens: number
}

export class Ledger {
  readonly #calls = new Map<string, Entry>()
  #plannedTokens = 0
  #sinceReadingTokens = 0

  get inFlight(): number {
    return this.#calls.size
  }

  /** Prompt and expected output of all calls in flight: what they hold, or will at their peak. */
  get plannedTokens(): number {
    return this.#plannedTokens
  }

  /** Tokens taken less tokens freed by our calls since the last reading. */
  get sinceReadingTokens(): number {
    return this.#sinceReadingTokens
  }

  /** A call was sent. An id that is in flight already changes nothing: false. */
  begin(callId: string, call: CallTokens, nowMs: number): boolean {
    if (this.#calls.has(callId)) return false
    const { promptTokens, outputTokens, outputTokensP90 } = call
    this.#calls.set(callId, {
      promptTokens,
      outputTokens,
      outputTokensP90,
      startedAtMs: nowMs,
      firstTokenAtMs: null,
      countedTokens: promptTokens,
    })
    this.#plannedTokens += promptTokens + outputTokens
    this.#sinceReadingTokens += promptTokens
    return true
  }

  firstToken(callId: string, nowMs: number): void {
    const entry = this.#calls.get(callId)
    if (entry !== undefined) entry.firstTokenAtMs ??= nowMs
  }

  /** A call has settled. False: it was not in flight. */
  end(callId: string): boolean {
    const entry = this.#calls.get(callId)
    if (entry === undefined) return false
    this.#calls.delete(callId)
    this.#sinceReadingTokens -= entry.countedTokens
    // Starting again from zero keeps rounding from adding up.
    const left = this.#plannedTokens - entry.promptTokens - entry.outputTokens
    this.#plannedTokens = this.#calls.size === 0 ? 0 : Math.max(0, left)
    return true
  }

  /** A reading was taken: it contains what our calls hold now. Gives that sum. */
  noteReading(nowMs: number, pace: Pace): number {
    let heldTokens = 0
    for (const entry of this.#calls.values()) {
      entry.countedTokens = entry.promptTokens + generatedTokens(entry, nowMs, pace)
      heldTokens += entry.countedTokens
    }
    this.#sinceReadingTokens = 0
    return heldTokens
  }

  /** Per call in flight, oldest first. */
  held(nowMs: number, pace: Pace): HeldTokens[] {
    const held: HeldTokens[] = []
    for (const entry of this.#calls.values()) {
      const generated = generatedTokens(entry, nowMs, pace)
      held.push({ tokens: entry.promptTokens + generated, remaining: entry.outputTokensP90 - generated })
    }
    return held
  }

  /** Sum of tokens held now. */
  heldTokens(nowMs: number, pace: Pace): number {
    let sum = 0
    for (const entry of this.#calls.values()) sum += entry.promptTokens + generatedTokens(entry, nowMs, pace)
    return sum
  }
}

function generatedTokens(entry: Entry, nowMs: number, { ttftMs, tpotMs }: Pace): number {
  if (tpotMs === null || tpotMs <= 0) return 0
  const decodesFromMs = entry.firstTokenAtMs ?? (ttftMs === null ? null : entry.startedAtMs + ttftMs)
  if (decodesFromMs === null || nowMs < decodesFromMs) return 0
  return Math.min(entry.outputTokensP90, 1 + Math.floor((nowMs - decodesFromMs) / tpotMs))
}
