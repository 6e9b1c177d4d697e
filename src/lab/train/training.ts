/**
 * @file What is trained: the two levels with their optimisers, the multiplier and the learning rate.
 *
 * All that changes from one epoch to the next is in a checkpoint (`stateOf`) and comes back out of one (`createTraining`).
 */
import type { ModelId } from '../../core/index.ts'
import type { Checkpoint } from './checkpoint.ts'
import { type LevelLearner, type SliceThread, trainEpoch } from './learners/actor-critic/index.ts'
import { createLevelLearners, type LearnerRecipe, recipes } from './learners/index.ts'
import { createPlateauRate, type PlateauRate } from './optimiser/index.ts'
import type { Multiplier } from './rewards/index.ts'
import type { PolicyShape, RolloutPool, TrainedWeights } from './rollouts/index.ts'
import { scenariosOf, type TrainOptions } from './train-options.ts'

export interface Training {
  readonly shape: PolicyShape
  readonly planner: LevelLearner
  readonly executor: LevelLearner
  readonly multiplier: Multiplier
  readonly plateau: PlateauRate
  readonly epoch: (
    at: { epoch: number; progress: number; learningRate: number },
    nowMs: () => number,
  ) => ReturnType<typeof trainEpoch>
}

/** The shape of the policy under training. `models`: of the pool that is trained for. */
function shapeOf({ learner, change, hidden, shape }: TrainOptions, models: readonly ModelId[]): PolicyShape {
  const recipe: LearnerRecipe = { ...recipes[learner], ...change }
  const heads = { ...recipe.heads, ...shape?.heads }
  const tied = Object.keys(heads).length > 0 ? { heads, models } : {}
  return { hidden, temperature: recipe.temperature, readsQuestions: false, ...shape, ...tied }
}

export interface Threads {
  readonly pool: RolloutPool
  readonly thread: SliceThread | null
}

/** As fresh, from the weights that were asked to start from, or where a checkpoint left it. */
export function createTraining(
  options: TrainOptions,
  { pool, thread }: Threads,
  checkpoint: Checkpoint | null,
): Training {
  const recipe = { ...recipes[options.learner], ...options.change }
  const { seed, twins } = options
  const shape = shapeOf(options, pool.models)
  const { planner, executor } = createLevelLearners({
    shape,
    settings: recipe.settings,
    seed,
    thread,
    mostModels: pool.mostModels,
    ...(checkpoint
      ? { from: { planner: checkpoint.planner.parameters, executor: checkpoint.executor.parameters } }
      : {}),
  })
  if (options.from && !checkpoint) startFrom({ planner, executor }, options.from)
  const multiplier = recipe.createMultiplier()
  const plateau = createPlateauRate({ learningRate: recipe.settings.learningRate })
  if (checkpoint) {
    planner.adam.restore(checkpoint.planner.adam)
    executor.adam.restore(checkpoint.executor.adam)
    multiplier.values.set(checkpoint.multiplier)
    plateau.restore(checkpoint.learningRate)
  }
  const { reward: form, priceFactor, delayPrice, usesHindsight } = recipe
  const loop = {
    pool,
    shape,
    planner,
    executor,
    multiplier,
    reward: { form, priceFactor, delayPrice },
    usesHindsight,
    twins,
    seed,
  }
  const scenarios = scenariosOf(options)
  return {
    shape,
    planner,
    executor,
    multiplier,
    plateau,
    epoch: (at, nowMs) => trainEpoch({ ...loop, scenarios }, at, nowMs),
  }
}

/** The policy's part of the parameters comes first; what a critic knows is learnt anew. */
function startFrom({ planner, executor }: Pick<Training, 'planner' | 'executor'>, from: TrainedWeights): void {
  planner.parameters.set(from.planner)
  executor.parameters.set(from.executor)
}

/** Weights of the policy as it is, without what only its critic knows. */
export const weightsOf = ({ planner, executor }: Training): TrainedWeights => ({
  planner: planner.policy(),
  executor: executor.policy(),
})

/** What of it changes from epoch to epoch. */
export const stateOf = ({
  planner,
  executor,
  multiplier,
  plateau,
}: Training): Omit<Checkpoint, 'optionsHash' | 'epochs' | 'best'> => ({
  planner: { parameters: planner.parameters, adam: planner.adam.save() },
  executor: { parameters: executor.parameters, adam: executor.adam.save() },
  multiplier: [...multiplier.values],
  learningRate: plateau.save(),
})
