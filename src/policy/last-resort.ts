/**
 * @file What decides where the training-free policy throws too: one agent, the quickest model that can be called.
 *
 * It must not fail for what made the others fail. Teams are laid out when it is made, so that a decision only looks one
 * up; of the predictor nothing is expected, since it may be what is broken: a model whose estimate throws or is not a
 * number has none, and where no model has one the least pressed is taken. Only a call that has room is worth making: models
 * in whose context it does not fit are left for where it fits in none.
 */
import {
  type Arm,
  type ArmEstimate,
  type Choice,
  type ClusterState,
  domains,
  type ModelId,
  type Plan,
  type Predictor,
  type Query,
  ShiftedLogNormal,
  type StepContext,
  type StrategyId,
} from '../core/index.ts'
import { createTopologyBook, outputCapTokens } from '../team/index.ts'
import { strategyWithin } from './executor/index.ts'
import { type Candidate, toCandidate } from './planner/index.ts'
import { isReasoningModelName, pressureOf, roomTokens } from './predict/index.ts'

/** As it stands in plans and choices. */
export const lastResortReason = 'last-resort'
const strategy: StrategyId = 'Concise'
/** Stands where nothing is known: a time that schedules sensibly, and claims nothing. ms. */
const unknownMs = 5_000
const unknownTokens = 300

export interface LastResort {
  plan(query: Query): Plan
  /** Where no model is usable one is named all the same: sending it says what is wrong. */
  choose(step: StepContext, state: ClusterState): Choice
  /** What an arm takes where the predictor cannot say: a guess. */
  guess(arm: Arm): ArmEstimate
}

export interface LastResortDeps {
  readonly predictor: Pick<Predictor, 'predict'>
  /** In the order of the config; at least one. */
  readonly models: readonly ModelId[]
}

export function createLastResort({ predictor, models }: LastResortDeps): LastResort {
  const topology = createTopologyBook().get('io')
  const teams = new Map(
    domains.map((domain) => [domain, toCandidate(topology, 1, { domain, answerFormat: 'text' })] as const),
  )
  return {
    plan: ({ domain }) => {
      const { steps, merge } = teams.get(domain) ?? (teams.get('general') as Candidate)
      const said = { predictedMs: 0, quality: 0, reason: lastResortReason, alternatives: [] }
      return { topology: 'io', agents: 1, steps, merge, stopsOnAgreement: false, ...said }
    },
    choose: (step, state) => {
      const depth = strategyWithin(step, strategy)
      const options = callable(step, state, { models, depth }).map((model): Option => {
        const arm = { model, strategy: depth }
        const known = state.model(model)
        const pressure = known ? pressureOf(known) : Infinity
        return { arm, pressure, estimate: soundOrNull(() => predictor.predict(arm, shapeOf(step), state)) }
      })
      const { arm, estimate } = quickest(options)
      const said = { reason: lastResortReason, shareMs: null, alternatives: [] }
      return { kind: 'arm', arm, estimate: estimate ?? guess(arm), ...said }
    },
    guess,
  }
}

const shapeOf = ({ query, step, promptTokens }: StepContext) => ({
  query,
  kind: step.kind,
  promptTokens,
  maxOutputTokens: step.isLast ? query.maxOutputTokens : null,
})

/**
 * Usable models of the state, of them those with room for the call, if any; those that failed this step only where no
 * other is left, and all where none is usable. `models`: where the state has none.
 */
function callable(
  step: StepContext,
  state: ClusterState,
  { models, depth }: { readonly models: readonly ModelId[]; readonly depth: StrategyId },
): readonly ModelId[] {
  const usable = state.models.filter(({ isUsable }) => isUsable)
  const fresh = usable.filter(({ model }) => !step.excludedModels.includes(model))
  const open = fresh.length > 0 ? fresh : usable
  const roomy = open.filter((model) => neededTokens(step, model.model, depth) <= roomTokens(model))
  const [first] = [roomy, open, state.models].filter(({ length }) => length > 0)
  return first?.map(({ model }) => model) ?? models
}

/** Prompt and output, by the caps that predictions go by. */
function neededTokens({ query, step, promptTokens }: StepContext, model: ModelId, strategy: StrategyId): number {
  const isReasoningModel = isReasoningModelName(model)
  const capTokens = outputCapTokens({ strategy, domain: query.domain, isReasoningModel })
  return promptTokens + Math.min(capTokens, (step.isLast ? query.maxOutputTokens : null) ?? Infinity)
}

interface Option {
  readonly arm: Arm
  readonly pressure: number
  readonly estimate: ArmEstimate | null
}

/** Least expected time; without any estimate least pressure. `options` must not be empty. */
function quickest(options: readonly Option[]): Option {
  const priced = options.filter(({ estimate }) => estimate !== null)
  const slowness = ({ pressure, estimate }: Option) => (estimate ? meanMsOf(estimate) : pressure)
  return (priced.length > 0 ? priced : options).reduce((best, next) => (slowness(next) < slowness(best) ? next : best))
}

const meanMsOf = ({ expectedMs, latencyMs }: ArmEstimate): number => expectedMs ?? latencyMs.mean

function soundOrNull(fn: () => ArmEstimate): ArmEstimate | null {
  try {
    const estimate = fn()
    const numbers = [
      meanMsOf(estimate),
      estimate.latencyMs.quantile(0.9),
      estimate.serviceMs,
      estimate.outputTokens.mean,
    ]
    return numbers.every(Number.isFinite) ? estimate : null
  } catch {
    return null
  }
}

const guess = (arm: Arm): ArmEstimate => ({
  arm,
  latencyMs: new ShiftedLogNormal(0, Math.log(unknownMs), 1),
  queueMs: 0,
  ttftMs: unknownMs / 10,
  tpotMs: unknownMs / unknownTokens,
  outputTokens: new ShiftedLogNormal(0, Math.log(unknownTokens), 1),
  serviceMs: unknownMs,
  quality: 0,
})
