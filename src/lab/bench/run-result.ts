/**
 * @file What one simulation (or live run) leaves behind: a file of its own, complete or not there at all.
 *
 * A run is one method on one dataset at one rate under one seed. Where neither method nor scheduler sees the budget, one
 * run is scored under every budget of the grid, so it holds one cell per budget. The report is made from these files
 * alone: rows for the tables, one bit per query for paired intervals, sums for the figures.
 */
import { z } from 'zod'
import { benchRowSchema } from './bench-row.ts'

export const runResultSchemaId = 'inframind.bench-run/1'

/** Sums of log(actual / predicted) over calls or queries. */
const predictionErrorSchema = z.strictObject({
  count: z.int().nonnegative(),
  sum: z.number(),
  sumOfSquares: z.number(),
  /** How many fell inside the predicted 50 % and 95 % intervals; null: no interval was predicted. */
  inside50: z.int().nonnegative().nullable(),
  inside95: z.int().nonnegative().nullable(),
})

const counts = z.record(z.string(), z.int().nonnegative())

const cellSchema = z.strictObject({
  row: benchRowSchema,
  /** One bit per measured query in order of arrival (first query: lowest bit of the first byte), base64: correct and on time. */
  correctOnTimeBits: z.base64(),
  /** The same: on time by a planned, complete, parsed answer. */
  strictOnTimeBits: z.base64(),
  onTimeBits: z.base64(),
})

const queueSeriesSchema = z.strictObject({
  /** Seconds between two samples, from the start of the measured window. */
  everySeconds: z.number().positive(),
  /** By model: calls running plus waiting (in the engines and at the gateway). */
  models: z.record(z.string(), z.array(z.number())),
  /** By model: share of the samples in which nothing ran and nothing waited. */
  idleShare: z.record(z.string(), z.number()),
})

export const runResultSchema = z.strictObject({
  schema: z.literal(runResultSchemaId),
  /** Stable name of the run: also the name of its file. */
  key: z.string(),
  /** Hash of everything that the result depends on: profile, truth, questions, options, version of the format. */
  inputsHash: z.string(),
  method: z.string(),
  dataset: z.string(),
  ratePerMinute: z.number().positive(),
  seed: z.int(),
  /** One per budget. */
  cells: z.array(cellSchema).min(1),
  /** How many questions the run draws from; with `seed` it gives back which question each query was. */
  questionCount: z.int().positive(),
  /** Sizes of the sets that the questions come from, in order: what `questionOrder` takes. */
  setSizes: z.array(z.int().positive()).min(1),
  /** Queries before the measured window: they use up draws too. */
  warmUpQueries: z.int().nonnegative(),
  /** Of measured queries. Topology, model (steps) and strategy (steps) chosen; `insurance`: answers given by it. */
  choices: z.strictObject({ topology: counts, model: counts, strategy: counts, insurance: z.int().nonnegative() }),
  queues: queueSeriesSchema,
  stepError: predictionErrorSchema,
  queryError: predictionErrorSchema,
})

export type RunResult = z.infer<typeof runResultSchema>
export type RunCell = z.infer<typeof cellSchema>
export type PredictionErrorSums = z.infer<typeof predictionErrorSchema>
export type QueueSeries = z.infer<typeof queueSeriesSchema>
