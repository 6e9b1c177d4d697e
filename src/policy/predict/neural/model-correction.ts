/**
 * @file What a model's calls show the networks to be wrong by, while serving.
 *
 * Three running log-errors (first token, further tokens, length by depth) are added to the networks' quantiles; what then
 * remains in the whole latency goes to an `ErrorTracker`, as with the online predictor. Errors are cut to the spread that
 * was predicted, so that the medians are followed and not the tails. A fresh correction is as strong as `priorCalls` calls
 * that say "none", and no memory is longer than `memoryCalls`.
 */
import { clamp, type StepOutcome, type StrategyId, strategyIds } from '../../../core/index.ts'
import { ErrorTracker } from '../error-tracker.ts'

const priorCalls = 8
const memoryCalls = 60
/** Lengths scatter more and drift less. */
const lengthMemoryCalls = 200
/** Errors of times to the first token are cut here: under load waits scatter by this and more. */
const ttftSpread = 0.7
const tpotSpread = 0.3
const largest = 2
/** Below this a call's time per token is mostly noise. */
const fewestTokens = 8

/** A log-error that follows the median of its errors. */
class RunningError {
  readonly #memory: number
  #count = 0
  #value = 0

  constructor(memory: number) {
    this.#memory = memory
  }

  get value(): number {
    return this.#value
  }

  /** `error`: ln(actual / predicted), where the prediction had `value` in it; `spread`: what it is cut to. */
  observe(error: number, spread: number): void {
    this.#count += 1
    const rate = 1 / Math.min(this.#count + priorCalls, this.#memory)
    this.#value = clamp(this.#value + rate * clamp(error, -spread, spread), -largest, largest)
  }
}

export class ModelCorrection {
  readonly errors = new ErrorTracker()
  readonly #ttft = new RunningError(memoryCalls)
  readonly #tpot = new RunningError(memoryCalls)
  readonly #lengths = new Map(strategyIds.map((strategy) => [strategy, new RunningError(lengthMemoryCalls)]))

  /** To be added to the logs of the networks' quantiles. */
  get ttft(): number {
    return this.#ttft.value
  }

  get tpot(): number {
    return this.#tpot.value
  }

  length(strategy: StrategyId): number {
    return this.#lengths.get(strategy)!.value
  }

  /** A call that ended, for which this model's networks had made `outcome.estimate`. */
  observe({ arm, estimate, queueMs, result }: StepOutcome): void {
    const { outputTokens } = result.usage
    const serviceMs = result.finishedAtMs - result.sentAtMs
    this.errors.observe(estimate.latencyMs, queueMs + serviceMs)
    const medianTokens = estimate.outputTokens.quantile(0.5)
    const spread = Math.log(estimate.outputTokens.quantile(0.8) / medianTokens)
    this.#lengths.get(arm.strategy)!.observe(Math.log(outputTokens / medianTokens), spread)
    if (result.firstTokenAtMs === null) return
    const firstTokenMs = queueMs + result.firstTokenAtMs - result.sentAtMs
    const expectedMs = estimate.queueMs + estimate.ttftMs
    this.#ttft.observe(Math.log(Math.max(1, firstTokenMs) / Math.max(1, expectedMs)), ttftSpread)
    const decodingMs = result.finishedAtMs - result.firstTokenAtMs
    if (outputTokens < fewestTokens || decodingMs <= 0) return
    this.#tpot.observe(Math.log(decodingMs / (outputTokens - 1) / estimate.tpotMs), tpotSpread)
  }
}
