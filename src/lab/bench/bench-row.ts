/**
 * @file One row of `summary.json`: what one method did in one cell under one seed. The names are a contract with users.
 *
 * Counts are of the queries that arrived in the measured window (warm-up excluded), every one of them in every
 * denominator; `accuracy`, `slo_attainment`, `strict_attainment` and `correct_goodput` are fractions of `arrived`.
 * See docs/metrics.md for the words.
 */
import { z } from 'zod'

const count = z.int().nonnegative()
const fraction = z.number().min(0).max(1)
const ms = z.number().nonnegative().nullable()

export const benchRowSchema = z.strictObject({
  /** As asked for; `best-fixed` rows are those of the arm that was best in hindsight, named in `chosen`. */
  method: z.string(),
  scheduler: z.enum(['fcfs', 'edf', 'default']),
  /** Whether the deadline was enforced (calls cut, fall-backs used), or answers came whenever they came. */
  enforced: z.boolean(),
  dataset: z.string(),
  rate_per_min: z.number().positive(),
  /** null: drawn per query from 10-300 s. */
  budget_s: z.number().positive().nullable(),
  seed: z.int(),
  arrived: count,
  answered: count,
  on_time: count,
  /** Planned, complete, parsed answers in time: no insurance, no best-so-far, no cut. */
  strict_on_time: count,
  correct: count,
  correct_on_time: count,
  degraded: count,
  accuracy: fraction,
  slo_attainment: fraction,
  strict_attainment: fraction,
  correct_goodput: fraction,
  /** Latencies of the answered; null: none was, or the cell is unstable. */
  mean_ms: ms,
  p50_ms: ms,
  p95_ms: ms,
  p99_ms: ms,
  /** Growth of the number of queries in the system over the measured window, per minute. */
  backlog_slope: z.number(),
  stable: z.boolean(),
  output_tokens: count,
  calls: count,
  /** Engine time with a step under way, summed over the engines, over the measured window. */
  gpu_seconds: z.number().nonnegative(),
  /** null: the profile has no power figure. */
  joules: z.number().nonnegative().nullable(),
  /** The arm behind a `best-fixed` row; absent elsewhere. */
  chosen: z.string().optional(),
})

export type BenchRow = z.infer<typeof benchRowSchema>
