/** @file A policy under training: its weights, and all that shapes what it does beside them. */

import type { ModelId } from '../../../core/index.ts'
import {
  armCandidateNames,
  type ExecutorSpec,
  type Exploration,
  type FeatureView,
  jointCandidateNames,
  jointContextNames,
  type LearntTeams,
  type PlannerSpec,
  type PriceSpec,
  planContextNames,
  stepContextNames,
  teamCandidateNames,
  teamDecisionSize,
} from '../../../policy/index.ts'
import type { Method } from '../../bench/index.ts'
import type { PolicyChoice } from '../../world.ts'
import type { RowSizes } from './decision-rows.ts'

/** Which networks score: ours, that serve any pool, unless told; else the paper's, for the pool of `models` alone. */
export interface Heads {
  readonly planner?: 'paper'
  readonly executor?: 'joint'
}

/** What stays the same while weights change. */
export interface PolicyShape extends LearntTeams {
  readonly hidden: number
  readonly heads?: Heads
  /** Where a head is tied to a pool: its models, in the order of the network's places. */
  readonly models?: readonly ModelId[]
  /** Quality points per logit of the base scores; null: from scratch. */
  readonly temperature: number | null
  /** Whether quality and length are read off the question's text. */
  readonly readsQuestions: boolean
  readonly readsText?: boolean
  readonly seesOutcomes?: boolean
  /** Which side of the pool is seen. Default: both. */
  readonly view?: FeatureView
  /** Factor on congestion prices; 0: selfish, for ablation. */
  readonly congestionFactor?: number
  /** Default: congestion prices. */
  readonly prices?: PriceSpec
  /** Whose choices are learnt; the other's are the training-free ones. Default: both. */
  readonly learns?: 'planner' | 'executor' | 'both'
  /** For ablation: who decides blind to load, and what is shown wrongly. */
  readonly isBlind?: NonNullable<PolicyChoice['isBlind']>
  readonly scrambles?: NonNullable<PolicyChoice['scrambles']>
}

export interface TrainedWeights {
  /** Flat, by `planScorerConfig`, or as the paper's network has them. */
  readonly planner: Float32Array
  /** Flat, by `armScorerConfig`, or as the paper's network has them. */
  readonly executor: Float32Array
}

type SizesByLevel = Readonly<Record<'planner' | 'executor', RowSizes>>

export const rowSizes: SizesByLevel = {
  planner: { contextSize: planContextNames.length, candidateSize: teamCandidateNames.length },
  executor: { contextSize: stepContextNames.length, candidateSize: armCandidateNames.length },
}

export function rowSizesOf({ heads = {}, models = [] }: Pick<PolicyShape, 'heads' | 'models'>): SizesByLevel {
  const contextSize = jointContextNames(models).length
  return {
    planner: heads.planner ? { contextSize: teamDecisionSize(models.length), candidateSize: 0 } : rowSizes.planner,
    executor: heads.executor ? { contextSize, candidateSize: jointCandidateNames.length } : rowSizes.executor,
  }
}

/** The method of the benchmark that plays this policy; with `exploration` it draws its choices and tells of them. */
export function methodOf(shape: PolicyShape, weights: TrainedWeights, exploration?: Exploration): Method {
  const { learns = 'both', teamRules, breadth = 'wide' } = shape
  const teams = { breadth, ...(teamRules ? { teamRules } : {}) }
  const deciding = { shape, weights, ...(exploration ? { exploration } : {}) }
  return {
    name: 'learned',
    base: {
      policy: {
        planner: learns === 'executor' ? { kind: 'dual', ...teams } : plannerOf(deciding, teams),
        executor: learns === 'planner' ? 'slack-greedy' : executorOf(deciding),
        ...(shape.prices === undefined ? {} : { prices: shape.prices }),
        ...(shape.congestionFactor === undefined ? {} : { congestionFactor: shape.congestionFactor }),
        ...(shape.readsQuestions ? { readsQuestions: true } : {}),
        ...(shape.isBlind === undefined ? {} : { isBlind: shape.isBlind }),
        ...(shape.scrambles === undefined ? {} : { scrambles: shape.scrambles }),
      },
      seesBudget: true,
      published: { scheduler: 'default', isEnforced: true },
    },
    scheduler: 'default',
    isEnforced: true,
    isBudgetBlind: false,
  }
}

interface Deciding {
  readonly shape: PolicyShape
  readonly weights: TrainedWeights
  readonly exploration?: Exploration
}

function plannerOf({ shape, weights, exploration }: Deciding, teams: LearntTeams): PlannerSpec {
  const { hidden, temperature, heads, models = [], view, readsText } = shape
  const explores = exploration ? { exploration } : {}
  if (heads?.planner === 'paper') return { kind: 'paper', parameters: weights.planner, models, ...explores }
  return {
    kind: 'learned',
    parameters: weights.planner,
    ...teams,
    hidden,
    temperature,
    ...explores,
    ...(view === undefined ? {} : { view }),
    ...(readsText === undefined ? {} : { readsText }),
  }
}

function executorOf({ shape, weights, exploration }: Deciding): ExecutorSpec {
  const { hidden, temperature, heads, models = [], view, readsText, seesOutcomes } = shape
  const common = { parameters: weights.executor, temperature, ...(exploration ? { exploration } : {}) }
  if (heads?.executor === 'joint') return { kind: 'joint', models, ...common }
  return {
    kind: 'learned',
    hidden,
    ...common,
    ...(view === undefined ? {} : { view }),
    ...(readsText === undefined ? {} : { readsText }),
    ...(seesOutcomes === undefined ? {} : { seesOutcomes }),
  }
}
