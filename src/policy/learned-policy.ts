/**
 * @file A learned policy as decisions need it: from what a policy file holds to the specs of planner and executor.
 *
 * The file's settings say all that shapes a decision beside the weights. It is held against the running code before
 * anything is decided by it: names of the features in order, shapes of the tensors, finite weights. What does not fit
 * is refused, never guessed at. The networks are called `planner` and `executor`.
 */
import { z } from 'zod'
import { ConfigError, type ConfigProblem, type ModelId } from '../core/index.ts'
import {
  armCandidateNames,
  armScorerConfig,
  type ExecutorSpec,
  type LearnedExecutorOptions,
  stepContextNames,
} from './executor/index.ts'
import {
  candidateScorerShapes,
  type LearnedPolicy,
  type NetworkShapes,
  paperExecutorShapes,
  paperPlannerShapes,
  policyParameters,
} from './nn/index.ts'
import { featureViews, poolReadingNames } from './observe/index.ts'
import {
  type LearnedPlannerOptions,
  type LearntTeams,
  type PlannerSpec,
  paperPlannerConfig,
  planContextNames,
  planScorerConfig,
  teamCandidateNames,
  teamRulesSchema,
} from './planner/index.ts'
import type { PriceSpec } from './predict/index.ts'

/** As fitted by the learner `dual`. Quality points per slot-second, by model; one price for each rate. */
export const priceStartSchema = z.strictObject({
  ratesPerMinute: z.array(z.number().positive()).min(1).readonly(),
  pricePerSlotSecond: z.record(z.string(), z.array(z.number().nonnegative()).min(1).readonly()).readonly(),
})

/** `settings` of policy.json, as trainers write and servers read them. */
export const learnedSettingsSchema = z.strictObject({
  /** Width of the networks. */
  hidden: z.int().positive(),
  /** Quality points per logit of the base scores; null: the policy was trained from scratch. */
  temperature: z.number().positive().nullable(),
  breadth: z.enum(['usual', 'wide']).default('wide'),
  /** Networks that are tied to one pool, the paper's, and its models in the order of their places. Default: ours, that serve any. */
  heads: z
    .strictObject({ planner: z.literal('paper').exactOptional(), executor: z.literal('joint').exactOptional() })
    .exactOptional(),
  models: z.array(z.string()).min(1).readonly().exactOptional(),
  /** Whose choices were learnt; the other's are the training-free ones. */
  learns: z.enum(['planner', 'executor', 'both']).default('both'),
  /** Whether quality and length are read off the question's text. */
  readsQuestions: z.boolean().default(false),
  /** Default: the assumed rules. */
  teamRules: teamRulesSchema.exactOptional(),
  /** What prices it was trained under. */
  pricing: z
    .strictObject({
      congestionFactor: z.number().nonnegative().exactOptional(),
      /** Prices to start from, of the pool that was trained for; other models have congestion prices alone. */
      start: priceStartSchema.exactOptional(),
    })
    .exactOptional(),
  /** Ablations: whether the text is seen, and by the executor what has happened so far. */
  readsText: z.boolean().default(true),
  seesOutcomes: z.boolean().default(true),
  /** Likewise: which side of the pool both levels see. Default: both. */
  view: z.enum(featureViews).exactOptional(),
  /** Ablations around the policy, which the benchmark repeats: who decided blind to load, and what was shown wrongly. */
  isBlind: z.strictObject({ planner: z.boolean(), executor: z.boolean() }).exactOptional(),
  scrambles: z
    .strictObject({ text: z.boolean().exactOptional(), metrics: z.boolean().exactOptional() })
    .exactOptional(),
})

export type LearnedSettings = z.infer<typeof learnedSettingsSchema>

/** What serves a learned policy. */
export interface LearnedSpecs {
  readonly planner: PlannerSpec
  readonly executor: ExecutorSpec
  /** Fitted team rules and breadth, for `dual`. */
  readonly teams: LearntTeams
  readonly readsQuestions: boolean
  /** Absent: 1. */
  readonly congestionFactor?: number
  /** Absent: congestion prices. */
  readonly prices?: PriceSpec
  /** What the policy was trained without, for ablation: as `LearnedSettings` has them. Who serves has no use for it. */
  readonly isBlind?: NonNullable<LearnedSettings['isBlind']>
  readonly scrambles?: NonNullable<LearnedSettings['scrambles']>
}

/** By network: what the running code gives it, in order. */
const read = {
  planner: { context: planContextNames, candidate: teamCandidateNames },
  executor: { context: stepContextNames, candidate: armCandidateNames },
}

/** What the paper's networks read, in order; texts by a word for all their numbers. */
export const paperFeatureNames = {
  planner: (models: readonly ModelId[]): readonly string[] => ['query', ...poolReadingNames(models)],
  executor: (models: readonly ModelId[]): readonly string[] => ['query', 'role', ...poolReadingNames(models)],
}

const fix = 'Train the policy anew with this version, or serve it with the version that trained it.'

/** Throws ConfigError, naming `source`, where the policy does not fit the running code. */
export function specsOf(policy: LearnedPolicy, source: string): LearnedSpecs {
  refuseBaseline(policy, source)
  const settings = settingsOf(policy, source)
  const { learns, readsQuestions, teamRules, breadth, pricing, isBlind, scrambles } = settings
  const levels = (['planner', 'executor'] as const).filter((level) => learns === level || learns === 'both')
  const problems = [
    ...headProblems(policy, settings),
    ...levels.flatMap((level) => featureProblems(policy, settings, level)),
  ]
  if (problems.length > 0) throw new ConfigError(problems, source)
  const teams: LearntTeams = { breadth, ...(teamRules ? { teamRules } : {}) }
  const { congestionFactor, start } = pricing ?? {}
  return {
    planner: learns === 'executor' ? { kind: 'dual', ...teams } : plannerOf(policy, settings, { teams, source }),
    executor: learns === 'planner' ? 'slack-greedy' : executorOf(policy, settings, source),
    teams,
    readsQuestions,
    ...(congestionFactor === undefined ? {} : { congestionFactor }),
    ...(start ? { prices: { kind: 'dual', start } } : {}),
    ...(isBlind ? { isBlind } : {}),
    ...(scrambles ? { scrambles } : {}),
  }
}

/** What a baseline has learnt has the form of a policy, and no planner or executor in it. */
function refuseBaseline({ header: { kind } }: LearnedPolicy, source: string): void {
  if (kind !== 'masrouter') return
  const instead =
    'The benchmark plays it as --methods masrouter; serve what `inframind train --learner residual` writes.'
  throw new ConfigError([{ path: 'kind', expected: 'a policy that serves', got: kind, fix: instead }], source)
}

function settingsOf({ header }: LearnedPolicy, source: string): LearnedSettings {
  const parsed = learnedSettingsSchema.safeParse(header.settings)
  if (parsed.success) return parsed.data
  throw new ConfigError(
    parsed.error.issues.map((issue): ConfigProblem => {
      const got = issue.path.reduce<unknown>(
        (part, key) => (part as Record<PropertyKey, unknown>)?.[key],
        header.settings,
      )
      const path = ['settings', ...issue.path].join('.')
      return {
        path,
        expected: issue.message.replace(/^Invalid \w+: expected /, ''),
        got: JSON.stringify(got)?.slice(0, 80) ?? 'nothing',
        fix,
      }
    }),
    source,
  )
}

/** What a head is tied to must be said. */
function headProblems(
  { header: { head } }: LearnedPolicy,
  { heads, models }: LearnedSettings,
): readonly ConfigProblem[] {
  const expected = heads && models ? 'joint' : 'candidate'
  return head === expected ? [] : [{ path: 'head', expected, got: head, fix }]
}

function featureProblems(
  { header }: LearnedPolicy,
  { heads, models = [] }: LearnedSettings,
  level: keyof typeof read,
): readonly ConfigProblem[] {
  const reads = heads?.[level]
    ? { context: paperFeatureNames[level](models), candidate: [], models }
    : { ...read[level], models: heads ? models : [] }
  return (['context', 'candidate', 'models'] as const).flatMap((part) => {
    const [expected, got] = [reads[part], header.featureNames[level]?.[part] ?? []]
    const at = Array.from({ length: Math.max(expected.length, got.length) }, (_, index) => index).find(
      (index) => expected[index] !== got[index],
    )
    if (at === undefined) return []
    const path = `featureNames.${level}.${part}[${at}]`
    return [{ path, expected: expected[at] ?? 'no more', got: got[at] ?? 'nothing', fix }]
  })
}

function plannerOf(
  policy: LearnedPolicy,
  settings: LearnedSettings,
  { teams, source }: { readonly teams: LearntTeams; readonly source: string },
): PlannerSpec {
  const { heads, models = [] } = settings
  if (!heads?.planner) return { kind: 'learned', ...teams, ...plannerOptions(policy, settings, source) }
  const shapes = paperPlannerShapes(paperPlannerConfig(models.length))
  return { kind: 'paper', models, parameters: parametersOf(policy, 'planner', { shapes, source }) }
}

function executorOf(policy: LearnedPolicy, settings: LearnedSettings, source: string): ExecutorSpec {
  const { heads, models = [], temperature } = settings
  if (!heads?.executor) return { kind: 'learned', ...executorOptions(policy, settings, source) }
  const shapes = paperExecutorShapes({ models: models.length })
  return { kind: 'joint', models, temperature, parameters: parametersOf(policy, 'executor', { shapes, source }) }
}

function plannerOptions(policy: LearnedPolicy, settings: LearnedSettings, source: string): LearnedPlannerOptions {
  const { hidden, temperature, readsText, view } = settings
  const shapes = candidateScorerShapes(planScorerConfig(hidden))
  const seen = view === undefined ? {} : { view }
  return { hidden, temperature, readsText, ...seen, parameters: parametersOf(policy, 'planner', { shapes, source }) }
}

function executorOptions(policy: LearnedPolicy, settings: LearnedSettings, source: string): LearnedExecutorOptions {
  const { hidden, temperature, seesOutcomes, readsText, view } = settings
  const shapes = candidateScorerShapes(armScorerConfig(hidden))
  const seen = view === undefined ? {} : { view }
  return {
    hidden,
    temperature,
    seesOutcomes,
    readsText,
    ...seen,
    parameters: parametersOf(policy, 'executor', { shapes, source }),
  }
}

function parametersOf(
  policy: LearnedPolicy,
  network: keyof typeof read,
  of: { readonly shapes: NetworkShapes; readonly source: string },
): Float32Array {
  const parameters = policyParameters(policy, network, of)
  // Files are read with this check; a policy that was put together in memory is not.
  const at = parameters.findIndex((value) => !Number.isFinite(value))
  if (at < 0) return parameters
  const problem = { path: `weights ${network}[${at}]`, expected: 'a finite number', got: String(parameters[at]), fix }
  throw new ConfigError([problem], of.source)
}
