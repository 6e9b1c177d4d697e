/**
 * @file Trains a policy in the twin, from options to the weights that were best on validation.
 *
 * Every epoch: play twins with the policy as it is, learn both levels from them, write log and checkpoint; now and then
 * judge the policy on validation questions. Stopped at any moment it goes on from the last epoch, bit for bit; neither the
 * number of threads nor interruptions change the weights.
 */
import type { ModelId } from '../../core/index.ts'
import { type BestSoFar, type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { defaultJudgeGrid, type JudgeGrid, type Judgement, judge } from './judge.ts'
import { createSliceThread, type LevelLearner, type SliceThread, trainEpoch } from './learners/actor-critic/index.ts'
import { createLevelLearners, type LearnerRecipe, recipes } from './learners/index.ts'
import { makeFolder } from './make-folder.ts'
import { startJax } from './networks/index.ts'
import { createPlateauRate, linearRate, type PlateauRate } from './optimiser/index.ts'
import { optionsHashOf } from './options-hash.ts'
import type { Multiplier } from './rewards/index.ts'
import { createRolloutPool, type PolicyShape, type RolloutPool, type TrainedWeights } from './rollouts/index.ts'
import { scenariosOf, type TrainOptions } from './train-options.ts'
import { beginLog, type TrainingLine, trainingLine } from './training-log.ts'

export interface TrainTerms {
  /** Folder of log, checkpoint and results; made if it is not there. */
  readonly out: string
  readonly jobs: number
  readonly signal: AbortSignal
  readonly nowMs: () => number
  readonly onProgress?: (progress: TrainProgress) => void
}

export interface TrainProgress {
  readonly line: TrainingLine
  readonly epochs: number
  readonly playedMs: number
  readonly learntMs: number
  readonly bestCorrectGoodput: number
}

export interface Trained {
  readonly shape: PolicyShape
  /** Best on validation. */
  readonly best: BestSoFar
  readonly judgement: Judgement
  /** Weights after the last epoch. */
  readonly last: { readonly planner: Float32Array; readonly executor: Float32Array }
}

/** Resolves with the trained policy; null: `signal` has stopped it, and the same call goes on from there. Throws ConfigError. */
export async function train(options: TrainOptions, terms: TrainTerms): Promise<Trained | null> {
  await startJax()
  makeFolder(terms.out)
  const optionsHash = optionsHashOf(options)
  const checkpoint = readCheckpoint(terms.out, optionsHash)
  const ground = { ...options.ground, readsQuestions: options.shape?.readsQuestions ?? false }
  const pool = createRolloutPool(ground, terms.jobs)
  const validation = createRolloutPool({ ...ground, part: 'validation' }, terms.jobs)
  const thread = terms.jobs > 1 ? createSliceThread() : null
  try {
    const training = createTraining(options, { pool, thread }, checkpoint)
    return await run({ options, terms, training, validation, optionsHash }, checkpoint)
  } finally {
    await Promise.all([pool.close(), validation.close(), thread?.close()])
  }
}

interface Training {
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

interface Threads {
  readonly pool: RolloutPool
  readonly thread: SliceThread | null
}

function createTraining(options: TrainOptions, { pool, thread }: Threads, checkpoint: Checkpoint | null): Training {
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

interface Run {
  readonly options: TrainOptions
  readonly terms: TrainTerms
  readonly training: Training
  readonly validation: RolloutPool
  readonly optionsHash: string
}

async function run(all: Run, checkpoint: Checkpoint | null): Promise<Trained | null> {
  const { options, terms, training, validation } = all
  const first = checkpoint?.epochs ?? 0
  const log = beginLog(terms.out, first)
  let best = checkpoint?.best ?? (await judgeStart(all))
  for (let epoch = first; epoch < options.epochs; epoch += 1) {
    if (terms.signal.aborted) return null
    const { line, judgement, result } = await runEpoch(all, epoch)
    if (judgement && judgement.correctGoodput > best.correctGoodput)
      best = { correctGoodput: judgement.correctGoodput, epoch, ...weightsOf(training) }
    log.append(line)
    writeCheckpoint(terms.out, stateOf(all, epoch + 1, best))
    const { playedMs, learntMs } = result
    terms.onProgress?.({ line, epochs: options.epochs, playedMs, learntMs, bestCorrectGoodput: best.correctGoodput })
  }
  const judgement = await judge(validation, { shape: training.shape, weights: best }, gridOf(options))
  return { shape: training.shape, best, judgement, last: weightsOf(training) }
}

/** The policy before it has learnt anything: what a residual must beat to be kept. */
async function judgeStart({ options, training, validation }: Run): Promise<BestSoFar> {
  const weights = weightsOf(training)
  const { correctGoodput } = await judge(validation, { shape: training.shape, weights }, gridOf(options))
  return { correctGoodput, epoch: -1, ...weights }
}

const weightsOf = ({ planner, executor }: Training) => ({ planner: planner.policy(), executor: executor.policy() })

/** The judge's rates too are such as the pool can take. */
function gridOf(options: TrainOptions): JudgeGrid {
  const { ground, judging } = options
  const [factor = 1] = scenariosOf(options).rateFactors ?? []
  const ratesPerMinute = defaultJudgeGrid.ratesPerMinute.map((rate) => rate * factor)
  return { ...defaultJudgeGrid, ratesPerMinute, datasets: ground.datasets, ...judging }
}

async function runEpoch(all: Run, epoch: number) {
  const { options, terms, training, validation } = all
  const { shape, multiplier, plateau } = training
  const learningRate = rateAt(all, epoch)
  const result = await training.epoch({ epoch, progress: epoch / options.epochs, learningRate }, terms.nowMs)
  const isJudged = (epoch + 1) % options.judgeEvery === 0 || epoch + 1 === options.epochs
  const policy = { shape, weights: weightsOf(training) }
  const judgement = isJudged ? await judge(validation, policy, gridOf(options)) : null
  if (judgement) plateau.observe(judgement.correctGoodput)
  const { learner } = options
  const line = trainingLine(result, { learner, learningRate, multiplierOf: multiplier.of, validation: judgement })
  return { result, judgement, line }
}

const leastRateShare = 0.2

function rateAt({ options, training }: Run, epoch: number): number {
  const { settings, schedule } = { ...recipes[options.learner], ...options.change }
  if (schedule === 'plateau') return training.plateau.learningRate
  const from = settings.learningRate
  return linearRate({ from, to: leastRateShare * from, updates: options.epochs }, epoch)
}

function stateOf({ training, optionsHash }: Run, epochs: number, best: BestSoFar | null): Checkpoint {
  const { planner, executor, multiplier, plateau } = training
  return {
    optionsHash,
    epochs,
    planner: { parameters: planner.parameters, adam: planner.adam.save() },
    executor: { parameters: executor.parameters, adam: executor.adam.save() },
    multiplier: [...multiplier.values],
    learningRate: plateau.save(),
    best,
  }
}
