/**
 * @file Trainings with one part of the method taken out, by name: what a part is worth is what its absence costs.
 *
 * Serving without a part that was there in training asks another question: that is a suffix of the benchmark's methods.
 */
import { ConfigError, suggestName } from '../../core/index.ts'
import { type LearnerRecipe, recipes } from './learners/index.ts'
import { createPaperMultiplier } from './rewards/index.ts'
import type { PolicyShape } from './rollouts/index.ts'
import type { TrainOptions } from './train-options.ts'

interface Change {
  readonly recipe?: Partial<Omit<LearnerRecipe, 'settings'>>
  readonly settings?: Partial<LearnerRecipe['settings']>
  readonly shape?: Partial<PolicyShape>
}

const changes = {
  /** solved - lambda x latency / budget, with its one multiplier: late answers pay. */
  'paper-reward': { recipe: { reward: 'paper', priceFactor: 0, createMultiplier: createPaperMultiplier } },
  'hinge-reward': { recipe: { reward: 'hinge', priceFactor: 0 } },
  /** Nobody is charged for the queues that others stand in: neither in the reward nor in the scores. */
  'no-prices': { recipe: { priceFactor: 0, delayPrice: 0 }, shape: { congestionFactor: 0 } },
  /** Outcomes as drawn, not the chances that only the twin knows. */
  'no-privileged-reward': { recipe: { usesHindsight: false } },
  'no-privileged-critic': { settings: { isPrivileged: false } },
  'no-outcomes': { shape: { seesOutcomes: false } },
  'no-text': { shape: { readsText: false, readsQuestions: false } },
  /** One score for every arm of the one pool by the paper's executor, in the place of arms known by their features. */
  'joint-head': { shape: { heads: { executor: 'joint' } } },
  'no-residual': { recipe: { temperature: null }, settings: { klCoef: 0 } },
  /** Without predictions of time and prices; without what engines report. */
  'no-estimates': { shape: { view: 'raw' } },
  'no-metrics': { shape: { view: 'estimates' } },
  'scrambled-text': { shape: { scrambles: { text: true } } },
  'scrambled-metrics': { shape: { scrambles: { metrics: true } } },
  'planner-blind': { shape: { isBlind: { planner: true, executor: false } } },
  'executor-blind': { shape: { isBlind: { planner: false, executor: true } } },
  blind: { shape: { isBlind: { planner: true, executor: true } } },
} as const satisfies Record<string, Change>

export type TrainAblation = keyof typeof changes
export const trainAblations = Object.keys(changes) as readonly TrainAblation[]

/** `options` without the part that `name` says. Throws ConfigError with the nearest name. */
export function ablate(options: TrainOptions, name: string): TrainOptions {
  if (!Object.hasOwn(changes, name)) {
    const fix = suggestName(name, trainAblations)
    throw new ConfigError([{ path: '--ablate', expected: 'a part to leave out', got: name, fix }], 'the command line')
  }
  const { recipe, settings, shape }: Change = changes[name as TrainAblation]
  const whole: LearnerRecipe = { ...recipes[options.learner], ...options.change }
  return {
    ...options,
    change: { ...options.change, ...recipe, ...(settings ? { settings: { ...whole.settings, ...settings } } : {}) },
    shape: { ...options.shape, ...shape },
  }
}
