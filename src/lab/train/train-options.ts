/** @file What a training is asked for, and what it is without being told. */
import type { JudgeGrid } from './judge.ts'
import type { LearnerName, recipes } from './learners/index.ts'
import type { PolicyShape, TrainedWeights } from './rollouts/index.ts'
import {
  defaultScenarios,
  type GroundOptions,
  poolNames,
  rateFactors,
  type ScenarioOptions,
} from './scenarios/index.ts'

export interface TrainOptions {
  readonly learner: LearnerName
  readonly ground: GroundOptions
  readonly scenarios?: Partial<ScenarioOptions>
  readonly epochs: number
  /** Twins of an epoch. */
  readonly twins: number
  readonly hidden: number
  readonly seed: number
  /** Epochs between two looks at validation questions. */
  readonly judgeEvery: number
  /** What is changed in the twins that are judged by. */
  readonly judging?: Partial<JudgeGrid>
  /** What the policy is given beside its weights: fitted team rules, readings ... */
  readonly shape?: Partial<PolicyShape>
  /** Weights to start from, of networks as wide. Default: fresh ones. */
  readonly from?: TrainedWeights
  /** What a recipe is changed in: for ablation. */
  readonly change?: Partial<(typeof recipes)[LearnerName]>
}

/** Adds what is not told. */
export function scenariosOf({ ground, scenarios }: Pick<TrainOptions, 'ground' | 'scenarios'>): ScenarioOptions {
  const { profiles, datasets } = ground
  const pools = poolNames(profiles).length
  return { ...defaultScenarios, pools, rateFactors: rateFactors(profiles), datasets, ...scenarios }
}
