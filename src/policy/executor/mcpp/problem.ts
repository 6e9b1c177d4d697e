/** @file A decision laid out for rollouts: what may be done now, the steps that follow, growing queues, drawn luck. */
import type { ClusterState, ModelId, Random, StepContext } from '../../../core/index.ts'
import { estimateStepPromptTokens, strategiesUpTo } from '../../../team/index.ts'
import { type PoolPredictor, type PricedArm, type PriceList, roleWeight, scoreOf } from '../../predict/index.ts'
import { Draws } from './draws.ts'
import { paretoLines } from './pareto.ts'
import type { Growth, QueueTrend } from './queue-trend.ts'
import { type RestStep, restOfPlan } from './rest-of-plan.ts'
import type { Option, Proposal, RolloutStep, RolloutTerms } from './rollout.ts'

/** Factors that the continuation is tried with. */
const continuationFactors: readonly number[] = [1, 1.5, 2.2, 3]
/** Tokens of an output that is still to be written, where a later step reads it. */
const expectedOutputTokens = 350
/** Log-spread of a model's shared error before calls have shown it, and its bounds after. */
const assumedSpread = 0.3
const leastSpread = 0.05
const mostSpread = 1
const noModels: readonly ModelId[] = []

export interface Problem extends RolloutTerms {
  /** Every arm worth trying now, with every factor that makes a difference. */
  readonly proposals: readonly Proposal[]
}

export interface ProblemInput {
  readonly context: StepContext
  readonly state: ClusterState
  /** Arms that may be taken now; at least one. */
  readonly lines: PriceList
  readonly predictor: PoolPredictor
  readonly trend: QueueTrend
  readonly random: Random
}

/** Models that siblings use, where their answers will be counted or compared. */
const rivals = ({ plan, siblingArms }: StepContext): readonly ModelId[] =>
  plan.stopsOnAgreement || plan.merge === 'vote' ? siblingArms.map(({ model }) => model) : noModels

/** What an arm costs now, in quality points: its price, less the worth of a model that no sibling uses. */
const costOf = (line: PricedArm, siblings: readonly ModelId[]): number => -scoreOf(line, { weight: 0, siblings })

/**
 * Log-spread of the error that all calls to a model share: its bias, and how well a few calls tell it. The scatter of
 * single calls is left out, since the predicted distributions have it already.
 */
export function sharedSpread(predictor: PoolPredictor, model: ModelId): number {
  const error = predictor.error(model)
  if (error === null) return assumedSpread
  const spread = Math.hypot(error.bias, error.spread / Math.sqrt(error.count))
  return Math.min(mostSpread, Math.max(leastSpread, spread))
}

/** Arms of a later step at today's prices; those of this step where the pool shows none that fits. */
function laterLines({ step }: RestStep, { context, state, predictor, lines }: ProblemInput): PriceList {
  const { query } = context
  const inputTokens = step.reads.map(() => expectedOutputTokens)
  const promptTokens = estimateStepPromptTokens({ query, step, inputTokens, edgeTokens: expectedOutputTokens })
  const { strategy, deepestStrategy } = query.limits
  const depths = strategy === undefined ? strategiesUpTo(deepestStrategy) : [strategy]
  const maxOutputTokens = step.isLast ? query.maxOutputTokens : null
  const fitting = predictor
    .priceList({ query, kind: step.kind, promptTokens, maxOutputTokens }, state)
    .filter((line) => line.isUsable && line.fitsContext && depths.includes(line.arm.strategy))
  return fitting.length > 0 ? fitting : lines
}

/** The models that options use: each gets a place when it is met first. */
class ModelPlaces {
  readonly #places = new Map<ModelId, number>()
  /** By place: how long a call holds a slot. ms. */
  readonly serviceMs: number[] = []

  get models(): readonly ModelId[] {
    return [...this.#places.keys()]
  }

  of({ arm, serviceMs }: PricedArm): number {
    const known = this.#places.get(arm.model)
    if (known !== undefined) return known
    this.#places.set(arm.model, this.serviceMs.length)
    return this.serviceMs.push(serviceMs) - 1
  }
}

/** The rest of the plan with what may be taken at each step. */
function withOptions(input: ProblemInput, places: ModelPlaces): readonly RolloutStep[] {
  const siblings = rivals(input.context)
  return restOfPlan(input.context).map((each, place) => {
    const weight = roleWeight[each.step.importance]
    const cost = (line: PricedArm) => (place === 0 ? costOf(line, siblings) : line.price)
    const score = (line: PricedArm) => weight * line.quality - cost(line)
    const lines = place === 0 ? input.lines : laterLines(each, input)
    const options = paretoLines(lines, score).map((line): Option => {
      return { line, model: places.of(line), worth: line.quality ** weight, cost: cost(line), score: score(line) }
    })
    return { ...each, options }
  })
}

const atRest: Growth = { headroom: 0, slope: 0, msPerCall: 0 }

export function layOutProblem(input: ProblemInput): Problem {
  const { context, state, predictor, trend, random } = input
  const places = new ModelPlaces()
  const steps = withOptions(input, places)
  const { models, serviceMs } = places
  const growths = models.map((id, place) => {
    const model = state.model(id)
    return model ? trend.growth(model, serviceMs[place] as number) : atRest
  })
  const spreads = models.map((model) => sharedSpread(predictor, model))
  // With nothing to follow all factors come to the same.
  const factors = steps.length > 1 ? continuationFactors : [1]
  const proposals = (steps[0]?.options ?? []).flatMap((option) => factors.map((safety) => ({ option, safety })))
  const draws = new Draws(random, { steps: steps.length, spreads })
  return { proposals, steps, leftMs: context.remainingMs, growths, draws }
}
