/**
 * @file The run record as a schema, for reading records back.
 *
 * Unknown fields pass: a newer minor version may have written them. Another `schema` does not: its fields may mean other
 * things. JSON has no infinity, so a score that was minus infinity (an arm ruled out) comes back from `null` as such.
 */
import { z } from 'zod'
import {
  ConfigError,
  type ConfigProblem,
  domains,
  type ErrorCode,
  errorKinds,
  type RunRecord,
  runRecordSchema,
  strategyIds,
} from '../../core/index.ts'

const instant = z.number()
const instantOrNull = z.number().nullable()
const score = z
  .number()
  .nullable()
  .transform((value) => value ?? -Infinity)
/** Null also in records from before it was kept. */
const weighed = z
  .number()
  .nullish()
  .transform((value) => value ?? null)
const errorCode = z.enum(Object.keys(errorKinds) as [ErrorCode, ...ErrorCode[]]).nullable()
const usage = z.looseObject({ promptTokens: z.number(), outputTokens: z.number() })
const strategy = z.enum(strategyIds)

const seenModel = z.looseObject({
  model: z.string(),
  running: z.number(),
  waiting: z.number(),
  gatewayWaiting: z.number(),
  slots: z.number(),
  kvUsage: z.number().nullable(),
  readingAgeMs: z.number().nullable(),
})

const armAlternative = z.looseObject({
  arm: z.looseObject({ model: z.string(), strategy }),
  predictedMs: z.number(),
  quality: z.number(),
  price: z.number(),
  score,
})

const stepRecord = z.looseObject({
  stepId: z.string(),
  attempt: z.number(),
  kind: z.enum(['solve', 'revise', 'review', 'aggregate', 'insurance']),
  role: z.string(),
  seen: z.array(seenModel),
  remainingMs: z.number(),
  shareMs: z.number().nullable(),
  agreement: z.number().nullable(),
  choice: z.union([
    z.looseObject({ model: z.string(), strategy, reason: z.string(), price: weighed, score: weighed }),
    z.looseObject({ stop: z.string() }),
  ]),
  alternatives: z.array(armAlternative),
  predicted: z
    .looseObject({
      latencyMs: z.number(),
      p90Ms: z.number(),
      queueMs: z.number(),
      ttftMs: z.number(),
      outputTokens: z.number(),
      quality: z.number(),
    })
    .nullable(),
  replica: z.string().nullable(),
  queuedAtMs: instantOrNull,
  sentAtMs: instantOrNull,
  firstTokenAtMs: instantOrNull,
  finishedAtMs: instantOrNull,
  usage,
  outcome: z.enum(['done', 'cut', 'failed', 'aborted', 'rechosen', 'stopped', 'dropped', 'rejected']),
  errorCode,
  answer: z.string().nullable(),
})

const planAlternative = z.looseObject({
  topology: z.string(),
  agents: z.number(),
  predictedMs: z.number(),
  quality: z.number(),
  score,
})

const runRecord = z.looseObject({
  schema: z.literal(runRecordSchema),
  runId: z.string(),
  arrivedAtMs: instant,
  plannedAtMs: instant,
  firstByteAtMs: instantOrNull,
  finishedAtMs: instant,
  deadlineAtMs: instant,
  budgetMs: z.number(),
  query: z.looseObject({
    hash: z.string(),
    domain: z.enum(domains),
    answerFormat: z.enum(['number', 'choice', 'code', 'text']),
    tokens: z.number(),
    soloReason: z.string().nullable(),
  }),
  policy: z.looseObject({ planner: z.string(), executor: z.string() }),
  plan: z.looseObject({
    topology: z.string(),
    agents: z.number(),
    merge: z.enum(['model', 'vote', 'none']),
    steps: z.number(),
    predictedMs: z.number(),
    quality: z.number(),
    score: weighed,
    reason: z.string(),
    load: z.number(),
    alternatives: z.array(planAlternative),
  }),
  steps: z.array(stepRecord),
  outcome: z.enum(['answered', 'failed', 'refused', 'aborted']),
  isOnTime: z.boolean(),
  degraded: z.array(z.enum(['steps-dropped', 'steps-failed', 'insurance', 'best-so-far', 'cut'])),
  errorCode,
  answeredBy: z.string().nullable(),
  answer: z.string().nullable(),
  usage,
  finalUsage: usage,
  calls: z.number(),
})

/** Checks `data` and returns it as a record. Throws ConfigError with every fault's path. `source`: file and line. */
export function parseRunRecord(data: unknown, source = 'run record'): RunRecord {
  const schema = (data as { readonly schema?: unknown } | null)?.schema
  if (schema !== runRecordSchema) throw new ConfigError([foreignSchema(schema)], source)
  const parsed = runRecord.safeParse(data)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(
    (issue): ConfigProblem => ({
      path: issue.path.join('.'),
      expected: issue.message,
      got: issue.input === undefined ? 'something else' : JSON.stringify(issue.input).slice(0, 80),
      fix: 'The line was damaged or written by hand: remove it.',
    }),
  )
  throw new ConfigError(problems, source)
}

const foreignSchema = (got: unknown): ConfigProblem => ({
  path: 'schema',
  expected: `"${runRecordSchema}"`,
  got: got === undefined ? 'nothing' : JSON.stringify(got).slice(0, 80),
  fix: 'This is no run record, or one of another version: read it with the version that wrote it.',
})
