/**
 * @file Trains a policy in the twin, from options to the weights that were best on validation.
 *
 * Every epoch: play twins with the policy as it is, learn both levels from them, write log and checkpoint; now and then
 * judge the policy on validation questions. Stopped at any moment it goes on from the last epoch, bit for bit; neither the
 * number of threads nor interruptions change the weights.
 */
import { type BestSoFar, type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { defaultJudgeGrid, type JudgeGrid, type Judgement, judge } from './judge.ts'
import { createSliceThread } from './learners/actor-critic/index.ts'
import { recipes } from './learners/index.ts'
import { makeFolder } from './make-folder.ts'
import { startJax } from './networks/index.ts'
import { linearRate } from './optimiser/index.ts'
import { optionsHashOf } from './options-hash.ts'
import { createRolloutPool, type PolicyShape, type RolloutPool } from './rollouts/index.ts'
import { scenariosOf, type TrainOptions } from './train-options.ts'
import { createTraining, stateOf, type Training, weightsOf } from './training.ts'
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

interface Run {
  readonly options: TrainOptions
  readonly terms: TrainTerms
  readonly training: Training
  readonly validation: RolloutPool
  readonly optionsHash: string
}

async function run(all: Run, checkpoint: Checkpoint | null): Promise<Trained | null> {
  const { options, terms, training, validation, optionsHash } = all
  const first = checkpoint?.epochs ?? 0
  const log = beginLog(terms.out, first)
  let best = checkpoint?.best ?? (await judgeStart(all))
  for (let epoch = first; epoch < options.epochs; epoch += 1) {
    if (terms.signal.aborted) return null
    const { line, judgement, result } = await runEpoch(all, epoch)
    if (judgement && judgement.correctGoodput > best.correctGoodput)
      best = { correctGoodput: judgement.correctGoodput, epoch, ...weightsOf(training) }
    log.append(line)
    writeCheckpoint(terms.out, { optionsHash, epochs: epoch + 1, best, ...stateOf(training) })
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
