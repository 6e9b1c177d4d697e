/**
 * @file The form of advice: what `inframind advise --json` prints. The names are a contract with users.
 *
 * Goodput, shares and changes are fractions of all queries; prices say what one unit more would add at the margin. All of
 * it is computed from a profile, so `basis` stands beside it.
 */
import { z } from 'zod'

export const adviceSchemaId = 'inframind.advice/1'

const fraction = z
  .number()
  .min(-1e-6)
  .max(1 + 1e-6)
const change = z.number()
const count = z.int().nonnegative()
const nonNegative = z.number().nonnegative()
const interval = z.tuple([z.number(), z.number()])
const model = z.string()

const engineSchema = z.strictObject({
  model,
  replicas: count,
  /** Goodput that one slot more would add (an engine's time / its slots), and one engine more. */
  perSlot: nonNegative,
  perEngine: nonNegative,
  /** The same engine in right answers a minute. */
  answersPerMinutePerEngine: nonNegative,
  /** Right answers won by one second more of engine time. */
  answersPerSecond: nonNegative,
  /** Goodput that a cache of twice the size would add. */
  perCache: nonNegative,
})

const rateSchema = z.strictObject({
  ratePerMinute: z.number().positive(),
  goodput: fraction,
  engines: z.array(engineSchema),
  /** Goodput, and right answers a minute, that as much of a GPU's time again would add. */
  gpus: z.array(
    z.strictObject({ id: z.string(), engines: z.array(model), perGpu: nonNegative, answersPerMinute: nonNegative }),
  ),
})

const simulatedSchema = z.strictObject({
  goodput: fraction,
  /** Half the width of the 95 % interval by queries. */
  margin: nonNegative,
  onTime: fraction,
  byRate: z.array(z.strictObject({ ratePerMinute: z.number().positive(), goodput: fraction, onTime: fraction })),
  queries: count,
  /** Against the pool as it is, paired by query; null: this is it. */
  gain: change.nullable(),
  gainMargin: nonNegative.nullable(),
})

const configurationSchema = z.strictObject({
  replicas: z.record(model, z.int().positive()),
  /** Engines by GPU. */
  gpus: z.array(z.array(model)),
  goodput: fraction,
  /** At the rates times `headroomFactor`, which it was sized for. */
  goodputWithHeadroom: fraction,
  gain: change,
  gainWithHeadroom: change,
  simulated: simulatedSchema.nullable(),
})

const pairSchema = z.strictObject({
  better: model,
  other: model,
  betterAlone: fraction,
  otherAlone: fraction,
  phi: z.number().nullable(),
  judge: change,
  vote: change.nullable(),
  probe: change.nullable(),
  review: change,
})

const gradedPairSchema = z.strictObject({
  better: model,
  other: model,
  questions: count,
  betterAlone: fraction,
  otherAlone: fraction,
  phi: z.number().nullable(),
  phiInterval: interval.nullable(),
  judge: change,
  judgeInterval: interval,
})

const roleSchema = z.strictObject({
  domain: z.string(),
  step: z.enum(['solve', 'review', 'aggregate']),
  importance: z.enum(['critical', 'support', 'simple']),
  roles: z.array(z.string()),
  picks: z.array(
    z.strictObject({
      load: z.enum(['low', 'middle', 'high']),
      ratePerMinute: z.number().positive(),
      choice: z
        .strictObject({ model, strategy: z.string(), quality: fraction, seconds: nonNegative, price: nonNegative })
        .nullable(),
    }),
  ),
})

export const adviceSchema = z.strictObject({
  schema: z.literal(adviceSchemaId),
  basis: z.strictObject({
    profile: z.string(),
    /** Where the figures come from and how far they may be off. */
    note: z.string(),
    models: z.array(model),
    ratesPerMinute: z.array(z.number().positive()),
    budgetsSeconds: z.array(z.number().positive()),
    mix: z.record(z.string(), fraction),
    questions: count,
    seed: z.int(),
    gpus: count,
    gpuMemory: z.string(),
    /** Models whose memory was assumed from their names. */
    memoryAssumed: z.array(model),
    headroomFactor: z.number(),
  }),
  pool: z.strictObject({
    goodput: fraction,
    goodputWithHeadroom: fraction,
    byRate: z.array(rateSchema),
    simulated: simulatedSchema.nullable(),
  }),
  models: z.array(
    z.strictObject({
      model,
      replicas: count,
      usedShare: fraction,
      without: change,
      oneLess: change.nullable(),
      oneMore: change,
    }),
  ),
  search: z.strictObject({
    configurations: z.array(configurationSchema),
    isExhaustive: z.boolean(),
    placementsSolved: count,
  }),
  diversity: z.array(z.strictObject({ domain: z.string(), latentCorrelation: z.number(), pairs: z.array(pairSchema) })),
  /** null: no graded answers were given. */
  graded: z.array(z.strictObject({ domain: z.string(), pairs: z.array(gradedPairSchema) })).nullable(),
  roles: z.array(roleSchema),
})

export type Advice = z.infer<typeof adviceSchema>
export type SimulatedAdvice = z.infer<typeof simulatedSchema>
