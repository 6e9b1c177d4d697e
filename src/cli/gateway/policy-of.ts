/**
 * @file The policies that a config names, as the world builder takes them: names resolved, learned ones read from disk.
 *
 * A policy that cannot be used does not keep the gateway from serving: the training-free one takes its place, unless the
 * config says `strict`. What was lost, and why, is told.
 */
import { ConfigError, type ConfigProblem } from '../../core/index.ts'
import { loadPolicy, type PolicyChoice, type PolicySummary, type ServedPolicy } from '../../lab/index.ts'
import type { ExecutorSpec, PlannerSpec } from '../../policy/index.ts'
import type { PolicyConfig, ShadowConfig } from '../../serve/index.ts'

/** What a config comes to. */
export interface ChosenPolicies {
  readonly choice: PolicyChoice
  /** Looks on; null: nobody. */
  readonly shadow: PolicyChoice | null
  /** Files in use, the served one first. */
  readonly files: readonly PolicySummary[]
}

/** Policies that can serve, and what of the config could not. */
export interface UsablePolicies extends ChosenPolicies {
  readonly lost: readonly LostPolicy[]
}

export interface LostPolicy {
  readonly level: 'planner' | 'executor' | 'shadow'
  readonly error: ConfigError
}

export type LoadPolicy = (nameOrPath: string) => ServedPolicy

/** Comes with the package, so it need not be named. */
const dualFile = 'dual'

/** Throws ConfigError where a policy is missing, damaged, or does not fit this version. */
export function policyOf(config: PolicyConfig, load: LoadPolicy = loadPolicy): ChosenPolicies {
  const served = loadFor(config, load)
  const shadow = config.shadow && loadFor(config.shadow, load)
  return {
    choice: servedChoice(config, served),
    shadow: config.shadow && shadowChoice(config, config.shadow, shadow),
    files: [served, shadow].flatMap((policy) => policy?.summary ?? []),
  }
}

/** As `policyOf`, but training-free where it would throw. With `strict` it throws all the same. */
export function policyOrTrainingFree(config: PolicyConfig, load: LoadPolicy = loadPolicy): UsablePolicies {
  if (config.isStrict) return { ...policyOf(config, load), lost: [] }
  const { shadow, ...served } = config
  const main = attempt(() => policyOf({ ...served, shadow: null }, load))
  const usable = main instanceof ConfigError ? policyOf({ ...trainingFree(served), shadow: null }, load) : main
  const looksOn = attempt(() => (shadow ? policyOf({ ...trainingFree(served), shadow }, load) : null))
  const lost: LostPolicy[] = [
    ...(main instanceof ConfigError ? learnedLevels(config).map((level) => ({ level, error: main })) : []),
    ...(looksOn instanceof ConfigError ? [{ level: 'shadow' as const, error: looksOn }] : []),
  ]
  if (looksOn === null || looksOn instanceof ConfigError) return { ...usable, lost }
  return { ...usable, shadow: looksOn.shadow, files: [...usable.files, ...looksOn.files], lost }
}

function attempt<T>(fn: () => T): T | ConfigError {
  try {
    return fn()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

const isLearnt = (name: string) => name === 'learned' || name === 'dual'

const learnedLevels = ({ planner, executor }: PolicyConfig): ('planner' | 'executor')[] => [
  ...(isLearnt(planner) ? (['planner'] as const) : []),
  ...(isLearnt(executor) ? (['executor'] as const) : []),
]

const trainingFree = <T extends Omit<PolicyConfig, 'shadow'>>(config: T): T => ({
  ...config,
  planner: isLearnt(config.planner) ? 'rules' : config.planner,
  executor: isLearnt(config.executor) ? 'slack-greedy' : config.executor,
  file: null,
})

/** Null: nothing in the config was learnt. */
function loadFor({ planner, executor, file }: PolicyConfig | ShadowConfig, load: LoadPolicy): ServedPolicy | null {
  if (!isLearnt(planner) && !isLearnt(executor)) return null
  // A config in which something is learned and no file is named does not load.
  const name = file ?? dualFile
  const policy = load(name)
  const tied = tiedLevels(policy)
  const problems = tied.length > 0 ? tied : [...missingLevels({ planner, executor }, policy), ...ablationsOf(policy)]
  if (problems.length > 0) throw new ConfigError(problems, name)
  return policy
}

/** A network with a place for each model of one pool is for comparison: a pool that serves may change at any time. */
function tiedLevels({ specs }: ServedPolicy): readonly ConfigProblem[] {
  const heads = [specs.planner, specs.executor].flatMap((spec) => (typeof spec === 'object' ? spec.kind : []))
  const tied = heads.filter((kind) => kind === 'paper' || kind === 'joint')
  if (tied.length === 0) return []
  const fix = 'Train one with another learner, without --ablate joint-head; this one is for the benchmark.'
  return [{ path: 'head', expected: 'candidate', got: tied.join(', '), fix }]
}

/** `learned` is asked of a level that the file has not learnt. */
function missingLevels(
  asked: { readonly planner: string; readonly executor: string },
  { specs, summary }: ServedPolicy,
): readonly ConfigProblem[] {
  const levels = ['planner', 'executor'] as const
  const has = levels.filter((level) => typeof specs[level] === 'object' && specs[level].kind === 'learned')
  const held = has.length === 0 ? 'fitted team rules' : `a learned ${has.join(' and a learned ')}`
  return levels
    .filter((level) => asked[level] === 'learned' && !has.includes(level))
    .map((level) => ({
      path: `policy.${level}`,
      expected: `a policy file with a learned ${level}`,
      got: `one of the learner ${summary.kind} with ${held}`,
      fix:
        level === 'planner'
          ? 'Say planner: dual or rules, or name another file.'
          : 'Say executor: slack-greedy, or name another file.',
    }))
}

/** A policy that was trained without seeing something would see it for the first time here. */
function ablationsOf({ specs: { isBlind, scrambles } }: ServedPolicy): readonly ConfigProblem[] {
  const blind = (['planner', 'executor'] as const)
    .filter((level) => isBlind?.[level])
    .map((level) => `a blind ${level}`)
  const scrambled = (['text', 'metrics'] as const)
    .filter((part) => scrambles?.[part])
    .map((part) => `scrambled ${part}`)
  const got = [...blind, ...scrambled]
  if (got.length === 0) return []
  const fix = 'Train one without --ablate; ablations are for the benchmark.'
  return [{ path: 'settings', expected: 'a policy that was trained to serve', got: got.join(', '), fix }]
}

function servedChoice(config: PolicyConfig, file: ServedPolicy | null): PolicyChoice {
  const { planner, executor, fixed, discipline } = config
  return {
    ...chosenPricing(file),
    planner:
      planner === 'fixed'
        ? { kind: 'fixed', topology: fixed.topology ?? 'io', agents: fixed.agents ?? 1 }
        : plannerSpec(planner, file),
    executor:
      executor === 'fixed'
        ? // A config with a fixed executor and no model does not load.
          { kind: 'fixed', model: fixed.model as string, strategy: fixed.strategy ?? 'Concise' }
        : executorSpec(executor, file),
    discipline,
    ...safetyOf(config),
  }
}

const shadowChoice = (config: PolicyConfig, shadow: ShadowConfig, file: ServedPolicy | null): PolicyChoice => ({
  ...chosenPricing(file),
  planner: plannerSpec(shadow.planner, file),
  executor: executorSpec(shadow.executor, file),
  discipline: config.discipline,
  ...safetyOf(config),
})

const safetyOf = ({ safety }: PolicyConfig) => (safety === null ? {} : { safety })

function plannerSpec(name: Exclude<PolicyConfig['planner'], 'fixed'>, file: ServedPolicy | null): PlannerSpec {
  if (name === 'rules' || file === null) return 'rules'
  return name === 'dual' ? { kind: 'dual', ...file.specs.teams } : file.specs.planner
}

const executorSpec = (name: Exclude<PolicyConfig['executor'], 'fixed'>, file: ServedPolicy | null): ExecutorSpec =>
  name === 'learned' ? (file?.specs.executor ?? 'slack-greedy') : name

/** What a policy was trained to see of prices. */
function chosenPricing(
  file: ServedPolicy | null,
): Pick<PolicyChoice, 'readsQuestions' | 'congestionFactor' | 'prices'> {
  if (file === null) return {}
  const { readsQuestions, congestionFactor, prices } = file.specs
  return {
    ...(readsQuestions && { readsQuestions }),
    ...(congestionFactor !== undefined && { congestionFactor }),
    ...(prices && { prices }),
  }
}
