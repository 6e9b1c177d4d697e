/**
 * @file What a model's calls show the networks to be wrong by, while serving.
 *
 * For each part (first token, further tokens, length by depth) an offset follows the median of the log-errors, and a scale
 * widens or narrows the spread until half of the calls fall into the central half and 95 % into the 95 % interval, as in
 * `ErrorTracker`. The whole latency is followed likewise, for what its parts leave. Errors are cut to a part of the predicted
 * spread, so that the median is followed and not the tail: following the mean, as the tracker does, cost 2 % of pinball loss. A fresh
 * offset is as strong as `priorCalls` calls that say "none", and no memory is longer than `memoryCalls`.
 */
import { clamp, type Distribution, type StepOutcome, type StrategyId, strategyIds } from '../../../core/index.ts'
import { ErrorTracker } from '../error-tracker.ts'

interface Memory {
  readonly priorCalls: number
  readonly memoryCalls: number
  /** Part of the predicted spread that errors are cut to: the smaller, the nearer to the median, and the slower. */
  readonly heardSpread: number
}

/** Waits are skewed; the pace is not. */
const ttftMemory: Memory = { priorCalls: 8, memoryCalls: 150, heardSpread: 0.5 }
const tpotMemory: Memory = { priorCalls: 8, memoryCalls: 150, heardSpread: 1 }
/** Lengths, and with them whole latencies, scatter more and drift less. */
const lengthMemory: Memory = { priorCalls: 30, memoryCalls: 400, heardSpread: 0.4 }
const scaleRate = 0.025
const largestOffset = 2
/** A spread may shrink to a twentieth, where a pool is far steadier than what was learnt from, and double. */
const [leastLogScale, largestLogScale] = [-3, 0.7]
const halfWidth50 = 0.6745
const halfWidth95 = 1.96
/** Below this a call's time per token is mostly noise. */
const fewestTokens = 8

/** Offset and scale of a logarithm. */
export class PartCorrection {
  readonly #memory: Memory
  #count = 0
  #offset = 0
  #scale = 1

  constructor(memory: Memory) {
    this.#memory = memory
  }

  /** Added to every log-quantile. */
  get offset(): number {
    return this.#offset
  }

  /** Factor on the log-quantiles' distances from the median. */
  get scale(): number {
    return this.#scale
  }

  /** `predicted` had the present correction in it, or one not much older. `actual` > 0. */
  observe(predicted: Distribution, actual: number): void {
    const median = predicted.quantile(0.5)
    const spread = Math.log(predicted.quantile(0.84134) / median)
    const error = Math.log(actual / median)
    const { priorCalls, memoryCalls, heardSpread } = this.#memory
    this.#count += 1
    const rate = 1 / Math.min(this.#count + priorCalls, memoryCalls)
    const heard = clamp(error, -heardSpread * spread, heardSpread * spread)
    this.#offset = clamp(this.#offset + rate * heard, -largestOffset, largestOffset)
    const z = Math.abs(error / spread)
    // A tail miss is ten times rarer than a core miss: it weighs more, so that both levels are heard.
    const pull = (z > halfWidth50 ? 1 : 0) - 0.5 + 4 * ((z > halfWidth95 ? 1 : 0) - 0.05)
    const logScale = Math.log(this.#scale) + scaleRate * pull
    this.#scale = Math.exp(clamp(logScale, leastLogScale, largestLogScale))
  }
}

export class ModelCorrection {
  /** Of the whole latency, for who asks; nothing is corrected by it. */
  readonly errors = new ErrorTracker()
  readonly whole = new PartCorrection(lengthMemory)
  readonly ttft = new PartCorrection(ttftMemory)
  readonly tpot = new PartCorrection(tpotMemory)
  readonly #lengths = new Map(strategyIds.map((strategy) => [strategy, new PartCorrection(lengthMemory)]))

  length(strategy: StrategyId): PartCorrection {
    return this.#lengths.get(strategy)!
  }

  /** A call that ended, for which this model's networks had made `outcome.estimate`. */
  observe({ arm, estimate, queueMs, result }: StepOutcome): void {
    const { outputTokens } = result.usage
    const { sentAtMs, firstTokenAtMs, finishedAtMs } = result
    const totalMs = queueMs + finishedAtMs - sentAtMs
    this.errors.observe(estimate.latencyMs, totalMs)
    this.whole.observe(estimate.latencyMs, totalMs)
    this.length(arm.strategy).observe(estimate.outputTokens, outputTokens)
    if (firstTokenAtMs === null || estimate.parts === undefined) return
    this.ttft.observe(estimate.parts.ttftMs, Math.max(1, queueMs + firstTokenAtMs - sentAtMs))
    const decodingMs = finishedAtMs - firstTokenAtMs
    if (outputTokens >= fewestTokens && decodingMs > 0)
      this.tpot.observe(estimate.parts.tpotMs, decodingMs / (outputTokens - 1))
  }
}
