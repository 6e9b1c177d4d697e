/**
 * @file The neural predictor: the two-stage form of the design notes, on top of the online predictor.
 *
 *   latency of an arm = time to the first token (waiting in it) + output length x time per token
 * Two networks give the quantiles of the three parts; calls correct them per model; the sum becomes a line of the price list.
 * What the networks do not speak of (quality, cut answers, congestion price, room) comes from the online predictor, which
 * learns from the same calls. Its line stands wherever the networks cannot speak: the model has no prior of its own or
 * cannot be called, no engine of it was ever read, the text was not read, or the outcome is not finite.
 *
 * Source: the design notes' latency and length predictors. Ours differ: quantiles instead of means, ratios to the prior
 * instead of a model's name, and a tracked error.
 */
import type { Arm, ArmEstimate, ClusterState, ModelId, ModelState, StepOutcome } from '../../../core/index.ts'
import type { Coverage } from '../error-tracker.ts'
import { createPredictor, type PoolPredictor, type PredictorOptions, type PriceShape } from '../predictor.ts'
import { type PricedArm, type PriceList, toEstimate } from '../priced-arm.ts'
import { isReasoningModelName } from '../reasoning-model.ts'
import { type FeatureShape, hasTextFeatures, querySize, writeQueryFeatures } from './features.ts'
import { createNetworks, ModelNetworks } from './model-networks.ts'
import { hiddenSize, type PredictorWeights } from './networks.ts'
import { type ArmQuantiles, emptyQuantiles, lineOf } from './neural-line.ts'

/** Why a line of the online predictor stands instead. */
export type FallbackReason = 'no-prior' | 'not-usable' | 'never-read' | 'no-text' | 'not-finite'

export interface NeuralPredictorOptions extends PredictorOptions {
  readonly weights: PredictorWeights
  /** Whether what calls show is corrected for. Default true; false to see the networks bare. */
  readonly isCorrected?: boolean
}

export interface NeuralPredictor extends PoolPredictor {
  /** Quantiles of the parts of an arm's latency, in logs; null where the online predictor's line stands. */
  quantiles(arm: Arm, shape: PriceShape, state: ClusterState): ArmQuantiles | null
  /** Lines that the online predictor had to give, by reason. */
  fallbacks(): Readonly<Partial<Record<FallbackReason, number>>>
}

interface Priced {
  readonly shape: PriceShape
  readonly state: ClusterState
  readonly lines: PriceList
}

/** Lists kept: one for each kind of step that a planner weighs. */
const mostPriced = 4

const isSame = (a: Priced, shape: PriceShape, state: ClusterState): boolean =>
  a.state === state &&
  a.shape.kind === shape.kind &&
  a.shape.promptTokens === shape.promptTokens &&
  a.shape.query === shape.query &&
  a.shape.importance === shape.importance &&
  (a.shape.maxOutputTokens ?? null) === (shape.maxOutputTokens ?? null)

const isRead = (state: ModelState): boolean => state.replicas.some(({ readingAgeMs }) => readingAgeMs !== null)

const toFeatureShape = (shape: PriceShape): FeatureShape => ({
  kind: shape.kind,
  domain: shape.query.domain,
  promptTokens: shape.promptTokens,
  importance: shape.importance ?? null,
})

class Pricing implements NeuralPredictor {
  readonly #options: NeuralPredictorOptions
  readonly #online: PoolPredictor
  readonly #networks: ReturnType<typeof createNetworks>
  readonly #models = new Map<ModelId, ModelNetworks | null>()
  readonly #priced: Priced[] = []
  readonly #fallbacks: Partial<Record<FallbackReason, number>> = {}
  readonly #queryFeatures = new Float32Array(querySize)
  readonly #queryPart = new Float32Array(hiddenSize)

  constructor(options: NeuralPredictorOptions) {
    this.#options = options
    this.#online = createPredictor(options)
    this.#networks = createNetworks(options.weights)
  }

  priceList(shape: PriceShape, state: ClusterState): PriceList {
    const known = this.#priced.find((entry) => isSame(entry, shape, state))
    if (known) return known.lines
    const lines = this.#price(shape, state)
    if (this.#priced.length >= mostPriced) this.#priced.shift()
    this.#priced.push({ shape, state, lines })
    return lines
  }

  predict(arm: Arm, shape: PriceShape, state: ClusterState): ArmEstimate {
    const line = this.priceList(shape, state).find(
      (one) => one.arm.model === arm.model && one.arm.strategy === arm.strategy,
    )
    return line ? toEstimate(line) : this.#online.predict(arm, shape, state)
  }

  observe(outcome: StepOutcome): void {
    this.#priced.length = 0
    const { basis } = outcome.estimate
    this.#online.observe(basis ? { ...outcome, estimate: basis } : outcome)
    if (basis && isSound(outcome)) this.#modelOf(outcome.arm.model)?.correction.observe(outcome)
  }

  error(model: ModelId): ReturnType<PoolPredictor['error']> {
    return this.#models.get(model)?.correction.errors.error ?? this.#online.error(model)
  }

  coverage(model: ModelId): Coverage | null {
    return this.#models.get(model)?.correction.errors.coverage ?? this.#online.coverage(model)
  }

  quantiles(arm: Arm, shape: PriceShape, state: ClusterState): ArmQuantiles | null {
    const model = state.model(arm.model)
    if (!model || this.#reasonAgainst(model, shape) !== null) return null
    const networks = this.#modelOf(arm.model) as ModelNetworks
    const features = toFeatureShape(shape)
    this.#readQuery(shape, features)
    networks.readLatency(model, state, features)
    networks.readLength(arm.strategy, this.#queryPart, capOf(shape))
    const copy = emptyQuantiles()
    for (const part of ['ttft', 'tpot', 'length'] as const) copy[part].set(networks.quantiles[part])
    return copy
  }

  fallbacks(): Readonly<Partial<Record<FallbackReason, number>>> {
    return { ...this.#fallbacks }
  }

  #price(shape: PriceShape, state: ClusterState): PriceList {
    const features = toFeatureShape(shape)
    if (hasTextFeatures(shape.query.features)) this.#readQuery(shape, features)
    let model: ModelState | undefined
    let networks: ModelNetworks | null = null
    return this.#online.priceList(shape, state).map((basis): PricedArm => {
      if (model?.model !== basis.arm.model) {
        model = state.model(basis.arm.model) as ModelState
        networks = this.#networksFor(model, shape)
        networks?.readLatency(model, state, features)
      }
      return networks ? this.#line(basis, networks, shape) : basis
    })
  }

  #line(basis: PricedArm, networks: ModelNetworks, shape: PriceShape): PricedArm {
    const capTokens = networks.readLength(basis.arm.strategy, this.#queryPart, capOf(shape))
    const { offset, scale } = networks.correction.whole
    const { isCorrected = true } = this.#options
    const line = lineOf({
      basis,
      quantiles: networks.quantiles,
      capTokens,
      offset: isCorrected ? offset : 0,
      scale: isCorrected ? scale : 1,
    })
    return line ?? this.#fallBack('not-finite', basis)
  }

  /** The networks of a model that they can speak of now; else null, and its lines are counted as fallen back. */
  #networksFor(model: ModelState, shape: PriceShape): ModelNetworks | null {
    const reason = this.#reasonAgainst(model, shape)
    if (reason === null) return this.#modelOf(model.model)
    this.#fallBack(reason, null)
    return null
  }

  #reasonAgainst(model: ModelState, shape: PriceShape): FallbackReason | null {
    if (!hasTextFeatures(shape.query.features)) return 'no-text'
    if (this.#modelOf(model.model) === null) return 'no-prior'
    if (!model.isUsable || model.slots <= 0) return 'not-usable'
    return isRead(model) ? null : 'never-read'
  }

  #fallBack<T>(reason: FallbackReason, line: T): T {
    this.#fallbacks[reason] = (this.#fallbacks[reason] ?? 0) + 1
    return line
  }

  #readQuery({ query }: PriceShape, features: FeatureShape): void {
    writeQueryFeatures(this.#queryFeatures, query.features, features)
    this.#networks.length.queryPart(query.features.embedding, this.#queryFeatures, this.#queryPart)
  }

  #modelOf(model: ModelId): ModelNetworks | null {
    const known = this.#models.get(model)
    if (known !== undefined) return known
    const { isReasoningModel = isReasoningModelName, isCorrected = true, prior } = this.#options
    const modelPrior = prior.models[model]
    const made = modelPrior
      ? new ModelNetworks({
          prior: modelPrior,
          isReasoningModel: isReasoningModel(model),
          networks: this.#networks,
          isCorrected,
        })
      : null
    this.#models.set(model, made)
    return made
  }
}

const capOf = (shape: PriceShape) => ({
  domain: shape.query.domain,
  maxOutputTokens: shape.maxOutputTokens ?? null,
})

/** One absurd instant must not spoil what the memories hold. */
function isSound({ result, queueMs }: StepOutcome): boolean {
  if (result.status !== 'done' && result.status !== 'cut') return false
  const totalMs = queueMs + result.finishedAtMs - result.sentAtMs
  return result.usage.outputTokens > 0 && totalMs > 0 && Number.isFinite(totalMs)
}

/** Throws `INVARIANT_VIOLATED` where the weights do not fit the networks. */
export const createNeuralPredictor = (options: NeuralPredictorOptions): NeuralPredictor => new Pricing(options)
