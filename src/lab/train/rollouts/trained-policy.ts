/** @file A policy under training: its weights, and all that shapes what it does beside them. */
import {
  armCandidateNames,
  type Exploration,
  type FeatureView,
  type LearntTeams,
  type PriceSpec,
  planContextNames,
  stepContextNames,
  teamCandidateNames,
} from '../../../policy/index.ts'
import type { Method } from '../../bench/index.ts'
import type { PolicyChoice } from '../../world.ts'
import type { RowSizes } from './decision-rows.ts'

/** What stays the same while weights change. */
export interface PolicyShape extends LearntTeams {
  readonly hidden: number
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
  /** Flat, by `planScorerConfig`. */
  readonly planner: Float32Array
  /** Flat, by `armScorerConfig`. */
  readonly executor: Float32Array
}

export const rowSizes: Readonly<Record<'planner' | 'executor', RowSizes>> = {
  planner: { contextSize: planContextNames.length, candidateSize: teamCandidateNames.length },
  executor: { contextSize: stepContextNames.length, candidateSize: armCandidateNames.length },
}

/** The method of the benchmark that plays this policy; with `exploration` it draws its choices and tells of them. */
export function methodOf(shape: PolicyShape, weights: TrainedWeights, exploration?: Exploration): Method {
  const { hidden, temperature, learns = 'both', teamRules, breadth = 'wide', readsText, seesOutcomes } = shape
  const explores = exploration ? { exploration } : {}
  const teams = { breadth, ...(teamRules ? { teamRules } : {}) }
  const common = {
    hidden,
    temperature,
    ...explores,
    ...(shape.view === undefined ? {} : { view: shape.view }),
    ...(readsText === undefined ? {} : { readsText }),
  }
  const planner = {
    kind: 'learned' as const,
    parameters: weights.planner,
    ...teams,
    ...common,
  }
  const executor = {
    kind: 'learned' as const,
    parameters: weights.executor,
    ...common,
    ...(seesOutcomes === undefined ? {} : { seesOutcomes }),
  }
  return {
    name: 'learned',
    base: {
      policy: {
        planner: learns === 'executor' ? { kind: 'dual', ...teams } : planner,
        executor: learns === 'planner' ? 'slack-greedy' : executor,
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
