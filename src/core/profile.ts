/**
 * @file The profile of a pool: its machines, what policies may know of them (`prior`) and what only the twin knows (`truth`).
 *
 * Every number stands with its unit, how it was got and where it comes from. Policies are handed `prior` alone; reading
 * `truth` outside the twin would let a policy peek at the answers. A profile without `truth` serves a real pool.
 */
import { z } from 'zod'
import { ConfigError, type ConfigProblem } from './errors.ts'
import type { JsonObject } from './json.ts'
import { strategyIds } from './strategy.ts'

export const profileSchemaId = 'inframind.profile/1'
export const readingSchemaId = 'inframind.reading/1'

const tags = ['measured', 'published', 'derived', 'fitted', 'assumed'] as const

/**
 * A value with its unit, its tag and its source. `interval`: the range it may lie in. `entryTags`: where a table mixes
 * tags, the tag and its grounds by entry (`benchmark.model`); `tag` is then the weakest of them.
 */
const quantity = <T extends z.ZodType>(value: T) =>
  z.strictObject({
    value,
    unit: z.string().min(1),
    tag: z.enum(tags),
    source: z.string().min(1),
    interval: z.tuple([z.number(), z.number()]).optional(),
    entryTags: z.record(z.string(), z.string()).optional(),
  })

const positive = z.number().positive()
const nonNegative = z.number().nonnegative()
const fraction = z.number().min(0).max(1)
const byModel = <T extends z.ZodType>(value: T) => z.record(z.string(), value)
const byStrategy = <T extends z.ZodType>(value: T) => z.record(z.enum(strategyIds), value)

/**
 * Coefficients of one engine step, in ms (calibration: hinge form). D decode sequences, KV their context tokens, P prefill tokens:
 * P = 0: t = decodeC0 + decodeC3 KV; P > 0: t = b0 + (w0^4 + (k1 (P + D))^4)^(1/4) + k2 D + k3 KV + k4 P^2.
 */
const stepTime = z.strictObject({
  decodeC0: nonNegative,
  decodeC3: nonNegative,
  b0: nonNegative,
  w0: nonNegative,
  k1: nonNegative,
  k2: nonNegative,
  k3: nonNegative,
  k4: nonNegative,
})

const machine = z.strictObject({
  slots: quantity(z.int().positive()),
  kvTokens: quantity(z.int().positive()),
  blockTokens: quantity(z.int().positive()),
  maxModelLen: quantity(z.int().positive()),
  step: quantity(stepTime),
  /** Host overhead added to every step. */
  host: quantity(nonNegative),
  /** What one engine takes of its GPU; only advice on placement asks for it. */
  memory: quantity(z.strictObject({ weightBytes: positive, kvBytesPerToken: positive })).optional(),
})

const outputLength = z.strictObject({ mean: positive, sigma: nonNegative })

const domainIds = z.enum(['math', 'code', 'knowledge', 'general'])

/** One arm: logit P(right, let finish) = intercept + weights . x; ln tokens ~ Normal(logTokens + lengthWeights . x, lengthSigma). */
const armReading = z.strictObject({
  intercept: z.number(),
  weights: z.array(z.number()),
  logTokens: z.number(),
  lengthWeights: z.array(z.number()),
  lengthSigma: nonNegative,
})

/** A domain's features are x = (feature - mean) / scale, held within 3 either way; 0 where the scale is 0. */
const domainReading = z.strictObject({
  mean: z.array(z.number()),
  scale: z.array(nonNegative),
  models: byModel(byStrategy(armReading)),
})

const isReadable = (length: number, { mean, scale, models }: z.infer<typeof domainReading>): boolean =>
  [mean, scale].every((list) => list.length === length) &&
  Object.values(models).every((arms) =>
    Object.values(arms).every(
      ({ weights, lengthWeights }) => weights.length === length && lengthWeights.length === length,
    ),
  )

/** How quality and length of the arms go with the features of a question, by domain: what the domain's one number is the mean of. */
const questionReading = z
  .strictObject({
    schema: z.literal(readingSchemaId),
    /** Hand-made features of a question by name, as `policy/embed` lists them. */
    featureNames: z.array(z.string()).min(1),
    domains: z.partialRecord(domainIds, domainReading),
  })
  .refine(
    ({ featureNames, domains }) =>
      Object.values(domains).every((domain) => domain === undefined || isReadable(featureNames.length, domain)),
    'one number for each of featureNames in every list',
  )

/** What a policy may know of a model before it has seen a call. Tables by domain, then strategy. */
const modelPrior = z.strictObject({
  tier: z.enum(['small', 'medium', 'large']),
  /** Probability of a right answer. */
  quality: quantity(z.record(z.enum(['math', 'code', 'knowledge', 'general']), byStrategy(fraction))),
  outputTokens: quantity(z.record(z.enum(['math', 'code', 'knowledge', 'general']), byStrategy(outputLength))),
  /** Time to first token on an idle engine: fixed part in ms, and per prompt token. */
  ttft: quantity(z.strictObject({ fixedMs: nonNegative, perTokenMs: nonNegative })),
  /** Time per output token on an idle engine, and its growth per token of KV in use. */
  tpot: quantity(z.strictObject({ idleMs: positive, perKvTokenMs: nonNegative })),
})

const benchmarkTable = <T extends z.ZodType>(value: T) => z.record(z.string(), value)

/** The twin's frozen truth, as in the calibration's `twin_truth`. Tables by benchmark, then model, unless said. */
const truth = z.strictObject({
  cotAccuracy: quantity(benchmarkTable(byModel(fraction))),
  cotMeanOutputTokens: quantity(benchmarkTable(byModel(positive))),
  /** By model: fitted factor on the mean lengths. */
  lengthMultiplier: quantity(byModel(positive)),
  outputSigma: quantity(byModel(nonNegative)),
  lengthSlopePerSd: quantity(z.number()),
  /** Spread of difficulty by benchmark, in logits. */
  sigmaB: quantity(benchmarkTable(nonNegative)),
  sigmaU: quantity(nonNegative),
  domainOfBenchmark: z.record(z.string(), z.enum(['math', 'code', 'knowledge'])),
  /** By domain, strategy, model: difference of marginal logits against plain chain of thought. */
  strategyDelta: quantity(z.record(z.string(), byStrategy(byModel(z.number())))),
  /** By strategy, model: tokens against plain chain of thought; null for Flash where the model may comply. */
  strategyTokenRatio: quantity(byStrategy(byModel(positive.nullable()))),
  flash: quantity(
    z.strictObject({ complies: byModel(fraction), tokens: benchmarkTable(positive), sigma: nonNegative }),
  ),
  maxOutputTokens: quantity(z.int().positive()),
  unusableLabelShare: quantity(benchmarkTable(fraction)),
  promptTokens: quantity(
    z.strictObject({ questionMean: benchmarkTable(positive), questionSigma: nonNegative, template: nonNegative }),
  ),
  /** Share of the variance of difficulty that the text carries. */
  difficultyFromTextR2: quantity(fraction),
  review: quantity(
    z.strictObject({
      keep: z.tuple([fraction, fraction]),
      fixWithoutTests: z.tuple([fraction, fraction]),
      fixWithTests: z.tuple([fraction, fraction]),
    }),
  ),
  aggregator: quantity(
    z.strictObject({ noneRight: fraction, pluralityRight: fraction, minorityBase: fraction, minoritySlope: fraction }),
  ),
  sameWrongAnswer: quantity(fraction),
  /** Which benchmark's numbers stand for a synthetic set. */
  sameTruthAs: z.record(z.string(), z.string()),
})

export const profileSchema = z.strictObject({
  schema: z.literal(profileSchemaId),
  id: z.string().min(1),
  description: z.string().optional(),
  gpus: z
    .array(z.strictObject({ id: z.string(), engines: z.array(z.string()).min(1), memoryBytes: positive.optional() }))
    .min(1),
  models: byModel(machine),
  /** Fixed overhead of one request in the engine's API server, part of TTFT. */
  apiOverheadMs: quantity(nonNegative),
  prefillChunkTokens: quantity(z.int().positive()),
  /** Slowdown of a step per unit of duty of the other engines on its GPU. */
  colocationEta: quantity(nonNegative),
  prior: z.strictObject({ models: byModel(modelPrior), reading: quantity(questionReading).optional() }),
  truth: truth.optional(),
  sources: z.array(z.string()),
})

export type Profile = z.infer<typeof profileSchema>
export type ProfileTruth = z.infer<typeof truth>
export type MachineProfile = z.infer<typeof machine>
export type ModelPrior = z.infer<typeof modelPrior>
export type ProfilePrior = Profile['prior']
export type QuestionReading = z.infer<typeof questionReading>
export type DomainReading = z.infer<typeof domainReading>
export type ArmReading = z.infer<typeof armReading>
export type StepTime = z.infer<typeof stepTime>

const describe = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80))

/** Checks `data` and returns it as a profile. Throws ConfigError with every fault's path. `source` names the file. */
export function parseProfile(data: unknown, source: string): Profile {
  const parsed = profileSchema.safeParse(data)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue): ConfigProblem => ({
        path: issue.path.join('.') || '(top)',
        expected: issue.code === 'invalid_type' ? issue.expected : issue.message,
        got: describe(issue.path.reduce<unknown>((part, key) => (part as JsonObject)?.[String(key)], data)),
        fix: 'See docs/profiles.md for the form of a profile.',
      }),
    )
    throw new ConfigError(problems, source)
  }
  return parsed.data
}
