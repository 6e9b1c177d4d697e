/**
 * @file All that is expected of one model: lengths, pace, waiting, error and price, put together into lines of the list.
 *
 *   latency = first token + (wait + tokens * time per token)
 * The first part is sure, the second a lognormal with the moments of its sum, shifted and scaled by the tracked error.
 */
import {
  type Arm,
  type Domain,
  type ModelId,
  type ModelPrior,
  type ModelState,
  type StepKind,
  type StepOutcome,
  type StrategyId,
  strategyIds,
} from '../../core/index.ts'
import { outputCapTokens } from '../../team/index.ts'
import { logNormalOf } from './clipped-lognormal.ts'
import { ErrorTracker } from './error-tracker.ts'
import { LengthBook } from './length-book.ts'
import { Pace } from './pace.ts'
import type { PriceSource } from './price-source.ts'
import type { PricedArm } from './priced-arm.ts'
import { type ReadArm, ReadLengths, type ReadQuestion } from './reading/index.ts'
import { roomTokens } from './room-tokens.ts'
import { unreachableMs, WaitBook } from './wait-book.ts'

/** Relative standard deviation of a wait that is not zero, and of the pace during a call: assumed. */
const waitSpread = 0.7
const paceSpread = 0.12
/** Below this a call's time per token is mostly noise. */
const fewestTokens = 8

/** What a line depends on beside the model's state. */
export interface LineShape {
  readonly kind: StepKind
  readonly domain: Domain
  readonly promptTokens: number
  /** The caller's own cap on this step; null: none. */
  readonly maxOutputTokens: number | null
  /** What was read of the question; null: the prior's figures for all of its domain stand. */
  readonly read: ReadQuestion | null
}

/** What all lines of a model share at one instant. */
interface Terms {
  readonly tpotMs: number
  readonly ttftMs: number
  readonly roomTokens: number
  readonly pricePerSlotMs: number
}

/** What lines were priced for. */
interface PricedFor {
  readonly shape: LineShape
  readonly state: ModelState
  readonly atMs: number
}

/** Lines kept: one entry for each kind of step that a planner weighs. */
const mostPriced = 4

/** A model's state is a new object whenever anything in it has changed. */
const isSame = (a: PricedFor, b: PricedFor): boolean =>
  a.atMs === b.atMs &&
  a.state === b.state &&
  a.shape.kind === b.shape.kind &&
  a.shape.promptTokens === b.shape.promptTokens &&
  a.shape.domain === b.shape.domain &&
  a.shape.read === b.shape.read &&
  a.shape.maxOutputTokens === b.shape.maxOutputTokens

export class ModelOutlook {
  readonly #prior: ModelPrior
  readonly #isReasoningModel: boolean
  readonly #arms: readonly Arm[]
  readonly #lengths: LengthBook
  readonly #readLengths = new ReadLengths()
  readonly #pace: Pace
  readonly #waits: WaitBook
  readonly errors = new ErrorTracker()
  readonly #priced: (PricedFor & { readonly lines: readonly PricedArm[] })[] = []
  readonly #slotPrice: PriceSource

  constructor(
    model: ModelId,
    prior: ModelPrior,
    { isReasoningModel, slotPrice }: { readonly isReasoningModel: boolean; readonly slotPrice: PriceSource },
  ) {
    this.#prior = prior
    this.#isReasoningModel = isReasoningModel
    this.#slotPrice = slotPrice
    this.#arms = strategyIds.map((strategy) => ({ model, strategy }))
    this.#lengths = new LengthBook(prior, (strategy, domain) => this.#cap(strategy, domain))
    this.#pace = new Pace(prior)
    const ordinary = this.#lengths.length({ strategy: 'Concise', kind: 'solve', domain: 'math' })
    this.#waits = new WaitBook(prior.ttft.value.fixedMs + ordinary.mean * prior.tpot.value.idleMs)
  }

  /** Lines for all depths, appended to `lines`. */
  appendLines(lines: PricedArm[], shape: LineShape, state: ModelState, atMs: number): void {
    for (const line of this.#linesOf(shape, state, atMs)) lines.push(line)
  }

  line(strategy: StrategyId, shape: LineShape, state: ModelState, atMs: number): PricedArm {
    return this.#linesOf(shape, state, atMs)[strategyIds.indexOf(strategy)] as PricedArm
  }

  /** Planner, executor and insurance ask at the same instant for the same lines: they are priced once. */
  #linesOf(shape: LineShape, state: ModelState, atMs: number): readonly PricedArm[] {
    const known = this.#priced.find((entry) => isSame(entry, { shape, state, atMs }))
    if (known) return known.lines
    const terms = this.#terms(shape, state, atMs)
    const lines = this.#arms.map((arm) => this.#line(arm, { shape, state, terms }))
    if (this.#priced.length >= mostPriced) this.#priced.shift()
    this.#priced.push({ shape, state, atMs, lines })
    return lines
  }

  /** `read`: of the question that the call was made for; null: nothing. */
  observe(outcome: StepOutcome, read: ReadQuestion | null): void {
    this.#priced.length = 0
    const { result, arm, stepKind, domain, promptTokens, estimate } = outcome
    if (result.status !== 'done' && result.status !== 'cut') return
    const outputTokens = result.usage.outputTokens
    const serviceMs = result.finishedAtMs - result.sentAtMs
    // One absurd instant must not spoil what the memories hold.
    if (!(outputTokens > 0 && serviceMs > 0 && Number.isFinite(serviceMs + outcome.queueMs))) return
    const key = { strategy: arm.strategy, kind: stepKind, domain }
    const seen = { outputTokens, isCut: result.status === 'cut' }
    this.#lengths.observe(key, seen)
    const readArm = readOf(read, arm)
    if (readArm) this.#readLengths.observe(key, seen, readArm.length)
    if (result.firstTokenAtMs !== null) {
      const decodingMs = result.finishedAtMs - result.firstTokenAtMs
      this.#pace.observe({
        promptTokens,
        ttftMs: result.firstTokenAtMs - result.sentAtMs,
        tpotMs: outputTokens >= fewestTokens && decodingMs > 0 ? decodingMs / (outputTokens - 1) : null,
        atMs: result.finishedAtMs,
      })
    }
    this.#waits.observe({ predictedMs: estimate.queueMs, actualMs: outcome.queueMs, serviceMs })
    this.errors.observe(estimate.latencyMs, outcome.queueMs + serviceMs)
  }

  #cap(strategy: StrategyId, domain: Domain): number {
    return outputCapTokens({ strategy, domain, isReasoningModel: this.#isReasoningModel })
  }

  #terms(shape: LineShape, state: ModelState, atMs: number): Terms {
    return {
      tpotMs: this.#pace.tpotMs(state, atMs),
      ttftMs: this.#pace.idleTtftMs(shape.promptTokens) * this.#pace.ttftFactor(atMs),
      roomTokens: roomTokens(state),
      pricePerSlotMs: this.#slotPrice.update(state, atMs, this.#waits.serviceMs) / 1_000,
    }
  }

  #line(arm: Arm, at: { readonly shape: LineShape; readonly state: ModelState; readonly terms: Terms }): PricedArm {
    const { shape, state, terms } = at
    const { tpotMs, ttftMs } = terms
    const capTokens = Math.min(this.#cap(arm.strategy, shape.domain), shape.maxOutputTokens ?? Infinity)
    const key = { strategy: arm.strategy, kind: shape.kind, domain: shape.domain }
    const read = readOf(shape.read, arm)
    const length = read ? this.#readLengths.length(key, read.length) : this.#lengths.length(key)
    const quality = read ? read.quality : this.#prior.quality.value[shape.domain][arm.strategy]
    const tokens = Math.min(length.mean, capTokens)
    const decodingMs = tokens * tpotMs
    const queueMs = state.isUsable ? this.#waits.waitMs(state, shape.promptTokens + tokens) : unreachableMs
    const lengthVariance = length.relativeVariance + paceSpread * paceSpread
    const uncertainMs = queueMs + decodingMs
    const deviationMs = Math.sqrt((queueMs * waitSpread) ** 2 + decodingMs * decodingMs * lengthVariance)
    const free = logNormalOf(uncertainMs, deviationMs / uncertainMs)
    const sigma = free.sigma * this.errors.scale
    const mu = free.mu + this.errors.offset
    const serviceMs = ttftMs + decodingMs
    return {
      arm,
      isUsable: state.isUsable,
      fitsContext: shape.promptTokens + capTokens <= terms.roomTokens,
      // The prior speaks of answers that were let finish; one that the cap cuts off counts as wrong.
      quality: quality * (1 - length.cutShare),
      queueMs,
      ttftMs,
      tpotMs,
      serviceMs,
      // The mean keeps the untracked spread: a wider interval must not make the centre look slower.
      meanMs: ttftMs + Math.exp(mu + (free.sigma * free.sigma) / 2),
      longestServiceMs: ttftMs + capTokens * tpotMs,
      length,
      shiftMs: ttftMs,
      mu,
      sigma,
      price: serviceMs * terms.pricePerSlotMs,
    }
  }
}

const readOf = (read: ReadQuestion | null, { model, strategy }: Arm): ReadArm | null =>
  read?.get(model)?.[strategyIds.indexOf(strategy)] ?? null
