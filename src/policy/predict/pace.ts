/**
 * @file How fast one model runs now: time to its first token and per output token.
 *
 * The profile says what an idle engine does. Real engines share a GPU, run bigger batches or other versions, so the
 * pace is that figure times a factor, averaged in logs over three witnesses: the profile with the monitor's `slowdown`,
 * our own recent calls (older ones fade with calls and with time), and the engine's published inter-token latency.
 */
import { clamp, type ModelPrior, type ModelState } from '../../core/index.ts'

/** Weights of the witnesses, in calls. */
const priorCalls = 2
const publishedCalls = 4
const memoryCalls = 12
/** Our own calls lose half of their weight in this time. */
const halfLifeMs = 30_000
/** Older published readings say nothing of now. */
const freshReadingMs = 15_000

/** A fading mean of log-ratios observed / expected on an idle engine. */
class RatioMemory {
  #count = 0
  #logMean = 0
  #atMs = 0

  observe(ratio: number, atMs: number): void {
    this.#count = Math.min(this.#count * this.#fade(atMs) + 1, memoryCalls)
    this.#logMean += (Math.log(clamp(ratio, 0.05, 50)) - this.#logMean) / this.#count
    this.#atMs = atMs
  }

  weight(atMs: number): number {
    return this.#count * this.#fade(atMs)
  }

  get logMean(): number {
    return this.#logMean
  }

  #fade(atMs: number): number {
    return 2 ** (-Math.max(0, atMs - this.#atMs) / halfLifeMs)
  }
}

/** Tokens in the KV caches of the model's usable replicas, per replica; 0 where unknown. */
function kvTokensInUse(state: ModelState): number {
  let tokens = 0
  let replicas = 0
  for (const replica of state.replicas) {
    if (!replica.isUsable) continue
    replicas += 1
    const reported = replica.kvUsage !== null && replica.kvTokens !== null ? replica.kvUsage * replica.kvTokens : 0
    tokens += Math.max(reported, replica.ownKvTokens)
  }
  return replicas === 0 ? 0 : tokens / replicas
}

/** Age of the freshest reading; infinite when there is none. ms. */
function readingAgeMs(state: ModelState): number {
  let age = Infinity
  for (const replica of state.replicas) if (replica.readingAgeMs !== null) age = Math.min(age, replica.readingAgeMs)
  return age
}

export class Pace {
  readonly #ttft: ModelPrior['ttft']['value']
  readonly #tpot: ModelPrior['tpot']['value']
  readonly #tpotSeen = new RatioMemory()
  readonly #ttftSeen = new RatioMemory()

  constructor(prior: ModelPrior) {
    this.#ttft = prior.ttft.value
    this.#tpot = prior.tpot.value
  }

  /** A call as it went: prompt length, time to first token and per further token, in ms; null: not seen. */
  observe(call: {
    readonly promptTokens: number
    readonly ttftMs: number
    readonly tpotMs: number | null
    readonly atMs: number
  }): void {
    this.#ttftSeen.observe(call.ttftMs / this.idleTtftMs(call.promptTokens), call.atMs)
    if (call.tpotMs !== null) this.#tpotSeen.observe(call.tpotMs / this.#tpot.idleMs, call.atMs)
  }

  /** Expected ms per output token now. */
  tpotMs(state: ModelState, atMs: number): number {
    const { idleMs, perKvTokenMs } = this.#tpot
    const profileLog = Math.log(
      ((idleMs + perKvTokenMs * kvTokensInUse(state)) / idleMs) * Math.max(state.slowdown, 0.1),
    )
    const seenWeight = this.#tpotSeen.weight(atMs)
    let sum = priorCalls * profileLog + seenWeight * this.#tpotSeen.logMean
    let weight = priorCalls + seenWeight
    if (state.interTokenMs !== null && state.interTokenMs > 0 && readingAgeMs(state) < freshReadingMs) {
      sum += publishedCalls * Math.log(clamp(state.interTokenMs / idleMs, 0.2, 50))
      weight += publishedCalls
    }
    return idleMs * Math.exp(sum / weight)
  }

  /** Factor on the idle time to first token, now. */
  ttftFactor(atMs: number): number {
    const weight = this.#ttftSeen.weight(atMs)
    return Math.exp((weight * this.#ttftSeen.logMean) / (weight + priorCalls))
  }

  /** Expected ms from sending to the first token, before `ttftFactor`. */
  idleTtftMs(promptTokens: number): number {
    return Math.max(1, this.#ttft.fixedMs + this.#ttft.perTokenMs * promptTokens)
  }
}
