/**
 * @file Trains the predictors: plays random traffic in the twin, keeps its steps, fits both networks.
 *
 * Whole episodes are held out, never rows of one that is trained on: rows of an episode share its queues. The questions are
 * those handed in (the training part); profiles that are to be predicted unseen must not be among `profiles`.
 */
import { createRandom, type Profile } from '../../../core/index.ts'
import {
  armSize,
  embeddingSize,
  initialWeights,
  latencySize,
  type PredictorWeights,
  querySize,
} from '../../../policy/index.ts'
import type { TwinQuestion } from '../../../twin/index.ts'
import { startJax } from '../networks/index.ts'
import { collectSteps } from './collect-steps.ts'
import { drawEpisode, type EpisodeOptions } from './episodes.ts'
import { type Column, defaultFitSettings, type FitSettings, type Fitted, fitNetwork } from './fit-network.ts'
import { latencyLoss, lengthLoss } from './jax-networks.ts'
import type { StepRow } from './step-rows.ts'

export interface TrainPredictorsOptions {
  readonly profiles: readonly Profile[]
  readonly questions: readonly TwinQuestion[]
  /** Default 60: some 90 s on two cores. Every sixth is held out. */
  readonly episodes?: number
  /** Queries of an episode. Default 500: some 1,300 steps. */
  readonly queries?: number
  readonly seed: number
  readonly settings?: Partial<FitSettings>
  readonly onProgress?: (progress: TrainProgress) => void
}

export interface TrainProgress {
  readonly stage: 'collected' | 'fitted'
  readonly what: string
  readonly rows: number
}

export interface TrainedPredictors {
  readonly weights: PredictorWeights
  readonly rows: number
  readonly heldOutRows: number
  /** Mean pinball loss on held-out rows before the first pass and after each. */
  readonly losses: { readonly latency: readonly number[]; readonly length: readonly number[] }
}

const heldOutEvery = 6
const defaultEpisodes = 60
const defaultQueries = 500

/** Traffic that the predictors learn from. */
export const trainingTraffic = (
  options: Pick<TrainPredictorsOptions, 'profiles' | 'questions' | 'queries' | 'seed'>,
): EpisodeOptions => ({
  profiles: options.profiles,
  questions: options.questions,
  policy: 'random',
  load: [0.05, 1.6],
  queries: options.queries ?? defaultQueries,
  isPerturbed: true,
  seed: options.seed,
})

interface StepSets {
  readonly train: readonly StepRow[]
  readonly heldOut: readonly StepRow[]
}

async function collectSets(options: TrainPredictorsOptions): Promise<StepSets> {
  const traffic = trainingTraffic(options)
  const train: StepRow[] = []
  const heldOut: StepRow[] = []
  const count = options.episodes ?? defaultEpisodes
  for (let index = 0; index < count; index += 1) {
    const rows = await collectSteps(drawEpisode(traffic, index))
    // Every profile is held out in turn: the stride must not be that of the profiles.
    const isHeldOut = (index + Math.floor(index / heldOutEvery)) % heldOutEvery === heldOutEvery - 1
    for (const row of rows) (isHeldOut ? heldOut : train).push(row)
    options.onProgress?.({ stage: 'collected', what: `episode ${index + 1} of ${count}`, rows: rows.length })
  }
  return { train, heldOut }
}

const part = (width: number, of: (row: StepRow) => Float32Array): Column<StepRow> => ({
  width,
  write: (values, at, row) => values.set(of(row), at),
})

const latencyColumns: readonly Column<StepRow>[] = [
  part(latencySize, (row) => row.latency),
  {
    width: 2,
    write: (values, at, { ttft, tpot }) => {
      values[at] = ttft ?? 0
      values[at + 1] = tpot ?? 0
    },
  },
  {
    width: 2,
    write: (values, at, { ttft, tpot }) => {
      values[at] = ttft === null ? 0 : 1
      values[at + 1] = tpot === null ? 0 : 1
    },
  },
]

const lengthColumns: readonly Column<StepRow>[] = [
  part(embeddingSize, (row) => row.embedding),
  part(querySize, (row) => row.query),
  part(armSize, (row) => row.arm),
  { width: 1, write: (values, at, row) => values.fill(row.length, at, at + 1) },
  { width: 1, write: (values, at) => values.fill(1, at, at + 1) },
]

/** Fits both networks to rows. The same rows and seed give the same weights bit for bit. */
export async function fitPredictors(
  { train, heldOut }: StepSets,
  { seed, settings }: Pick<TrainPredictorsOptions, 'seed' | 'settings'>,
): Promise<TrainedPredictors> {
  await startJax()
  const start = initialWeights(createRandom(seed))
  const shared = { train, heldOut, seed, settings: { ...defaultFitSettings, ...settings } }
  const latency: Fitted = fitNetwork({
    ...shared,
    start: start.latency,
    columns: latencyColumns,
    loss: (flat, features, targets, weights) => latencyLoss(flat, features!, targets!, weights!),
  })
  const length: Fitted = fitNetwork({
    ...shared,
    start: start.length,
    columns: lengthColumns,
    loss: (flat, embedding, query, arm, targets, weights) =>
      lengthLoss(flat, [embedding!, query!, arm!], targets!, weights!.slice([], 0)),
  })
  return {
    weights: { latency: latency.weights, length: length.weights },
    rows: train.length,
    heldOutRows: heldOut.length,
    losses: { latency: latency.losses, length: length.losses },
  }
}

/** The same options give the same weights bit for bit. */
export async function trainPredictors(options: TrainPredictorsOptions): Promise<TrainedPredictors> {
  const sets = await collectSets(options)
  const trained = await fitPredictors(sets, options)
  options.onProgress?.({ stage: 'fitted', what: 'latency and length', rows: trained.rows })
  return trained
}
