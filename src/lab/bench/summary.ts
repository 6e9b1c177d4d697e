/** @file `summary.json`: the rows of a benchmark and what they rest on. Same command and seed, same bytes. */
import { z } from 'zod'
import { knowledgeLevels } from '../knowledge/index.ts'
import { benchRowSchema } from './bench-row.ts'

export const summarySchemaId = 'inframind.bench/1'

/** Fluid lines of a cell: correct goodput as fractions, by what is known of a question's difficulty. */
const fluidSchema = z.strictObject({
  dataset: z.string(),
  rate_per_min: z.number(),
  budget_s: z.number().nullable(),
  /** Static plans only: a line, not a bound. */
  static_only: z.number(),
  none: z.number(),
  text: z.number(),
  difficulty: z.number(),
})

export const summarySchema = z.strictObject({
  schema: z.literal(summarySchemaId),
  meta: z.strictObject({
    version: z.string(),
    commit: z.string().nullable(),
    seed: z.int(),
    seeds: z.int().positive(),
    profile: z.string(),
    profileHash: z.string(),
    truthHash: z.string().nullable(),
    know: z.enum(knowledgeLevels),
    arrivals: z.string(),
    minutes: z.number(),
    warmUpMinutes: z.number(),
    /** The command in canonical form, without what cannot change the result (jobs, out). */
    command: z.string(),
    /** `simulated`, or `live` where a gateway was measured. */
    kind: z.enum(['simulated', 'live']),
    /** Questions by set and part. */
    questions: z.record(
      z.string(),
      z.strictObject({ train: z.int(), validation: z.int(), test: z.int(), hash: z.string() }),
    ),
  }),
  rows: z.array(benchRowSchema),
  fluid: z.array(fluidSchema).optional(),
})

export type Summary = z.infer<typeof summarySchema>
export type FluidRow = z.infer<typeof fluidSchema>
