/**
 * @file The predictor: prices actions. For every model and depth, a latency distribution, a length and a quality.
 *
 * It starts from the profile's prior (or an assumed one) and follows what calls show: lengths per (model, strategy, kind
 * of step, domain), pace and waits per model, and the error that remains. Nothing is random and nothing reads a clock:
 * the same calls in the same order give the same predictions. Pricing all fifteen arms of five models costs a few
 * microseconds; terms that a model's arms share are computed once.
 */
import type {
  Arm,
  ArmEstimate,
  ClusterState,
  ModelId,
  Predictor,
  ProfilePrior,
  Query,
  RoleImportance,
  StepOutcome,
  StepShape,
} from '../../core/index.ts'
import { outputCapTokens } from '../../team/index.ts'
import { assumePrior, type ModelTier } from './assumed-prior.ts'
import type { Coverage } from './error-tracker.ts'
import { type LineShape, ModelOutlook } from './model-outlook.ts'
import { createPrices, type PriceSpec } from './price-source.ts'
import { type PricedArm, type PriceList, toEstimate } from './priced-arm.ts'
import { createReader, type Reader } from './reading/index.ts'
import { isReasoningModelName } from './reasoning-model.ts'

export interface PriceShape extends StepShape {
  /** The caller's own output cap, where this step is the one it applies to; absent or null: none. */
  readonly maxOutputTokens?: number | null
  /** Of the step's role, where it is known; it tells the neural predictor something of the length. */
  readonly importance?: RoleImportance
}

/** The predictor as planner and executor use it: the whole list at once. */
export interface PoolPredictor extends Predictor {
  /** Every arm of the state's models, priced. */
  priceList(shape: PriceShape, state: ClusterState): PriceList
  /** Share of recent calls inside the intervals predicted for them; null before enough calls. */
  coverage(model: ModelId): Coverage | null
}

export interface PredictorOptions {
  /** Only this part of a profile may reach a policy. */
  readonly prior: ProfilePrior
  /** Models of the pool; one that `prior` lacks gets an assumed prior. Others are added when a state names them. */
  readonly models: readonly ModelId[]
  /** Tier of models without a prior, from the config. */
  readonly tiers?: Readonly<Partial<Record<ModelId, ModelTier>>>
  /** Models that think at length at any depth. Default: by name. */
  readonly isReasoningModel?: (model: ModelId) => boolean
  /** Factor on congestion prices, >= 0. Default 1; 0: selfish, for ablation. */
  readonly congestionFactor?: number
  /** Where prices come from. Default: from the models' pressure alone. */
  readonly prices?: PriceSpec
  /** Whether quality and length are read per question, where `prior` holds a reading of its domain. Default false. */
  readonly readsQuestions?: boolean
}

/** Prompts are priced in steps of so many tokens: less than a millisecond of prefill, and lines can be shared. */
const promptGrain = 64

const toLineShape = (shape: PriceShape, reader: Reader | null): LineShape => ({
  kind: shape.kind,
  domain: shape.query.domain,
  promptTokens: Math.ceil(shape.promptTokens / promptGrain) * promptGrain,
  maxOutputTokens: shape.maxOutputTokens ?? null,
  read: reader?.read(shape.query) ?? null,
})

function readerOf({ prior, readsQuestions, isReasoningModel = isReasoningModelName }: PredictorOptions): Reader | null {
  if (!readsQuestions || prior.reading === undefined) return null
  return createReader(prior.reading.value, (model, strategy, domain) =>
    outputCapTokens({ strategy, domain, isReasoningModel: isReasoningModel(model) }),
  )
}

export function createPredictor(options: PredictorOptions): PoolPredictor {
  const { prior, models, tiers = {}, isReasoningModel = isReasoningModelName, congestionFactor = 1 } = options
  const reader = readerOf(options)
  const prices = createPrices(options.prices, congestionFactor)
  let lastArrivalMs = -Infinity
  /** A query is priced many times; it arrives once. */
  const hearOf = ({ arrivedAtMs }: Query): void => {
    if (arrivedAtMs <= lastArrivalMs) return
    lastArrivalMs = arrivedAtMs
    prices.arrived(arrivedAtMs)
  }
  const outlooks = new Map<ModelId, ModelOutlook>()
  const outlookOf = (model: ModelId): ModelOutlook => {
    const known = outlooks.get(model)
    if (known) return known
    const modelPrior = prior.models[model] ?? assumePrior(model, tiers[model])
    const slotPrice = prices.of(model)
    const outlook = new ModelOutlook(model, modelPrior, { isReasoningModel: isReasoningModel(model), slotPrice })
    outlooks.set(model, outlook)
    return outlook
  }
  for (const model of models) outlookOf(model)

  const priceList = (shape: PriceShape, state: ClusterState): PriceList => {
    hearOf(shape.query)
    const lines: PricedArm[] = []
    const lineShape = toLineShape(shape, reader)
    for (const model of state.models) outlookOf(model.model).appendLines(lines, lineShape, model, state.atMs)
    return lines
  }
  const predict = (arm: Arm, shape: PriceShape, state: ClusterState): ArmEstimate => {
    const model = state.model(arm.model) ?? absentModel(arm.model)
    return toEstimate(outlookOf(arm.model).line(arm.strategy, toLineShape(shape, reader), model, state.atMs))
  }
  return {
    priceList,
    predict,
    observe: (outcome: StepOutcome) => {
      const read = outcome.query ? (reader?.read(outcome.query) ?? null) : null
      outlookOf(outcome.arm.model).observe(outcome, read)
    },
    error: (model) => outlooks.get(model)?.errors.error ?? null,
    coverage: (model) => outlooks.get(model)?.errors.coverage ?? null,
  }
}

/** The state of a model that the pool does not have. */
const absentModel = (model: ModelId) => ({
  model,
  replicas: [],
  isUsable: false,
  slots: 0,
  running: 0,
  waiting: 0,
  gatewayWaiting: 0,
  gatewayWaitingMs: 0,
  kvUsage: null,
  ttftMs: null,
  interTokenMs: null,
  queueMs: null,
  contextTokens: null,
  slowdown: 1,
})
