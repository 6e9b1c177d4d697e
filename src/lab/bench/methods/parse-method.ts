/** @file Methods by name: `moa+default+enforced`, `single:Llama-3.1-8B-Instruct:Flash`, `greedy-solo` ... */
import { ConfigError, type ModelId, nearestName, type StrategyId, strategyIds } from '../../../core/index.ts'
import { baselineKinds, baselineTraits, parseBaseline } from '../../../policy/index.ts'
import { shippedBaselines } from '../../learned-baselines.ts'
import { loadPolicy, shippedPolicies } from '../../policy-file.ts'
import { ablations } from './ablations.ts'
import type { Method, MethodBase, SchedulerName } from './method.ts'
import { ourMethods } from './ours.ts'

export const bestFixed = 'best-fixed'
/** Learners whose policies are shipped as files. */
const learnedNames: readonly string[] = ['residual', 'ppo', 'ppo-paper']
const schedulers: readonly string[] = ['fcfs', 'edf', 'default']

/** Insurance and second tries are ours: who is granted the deadline is cut at it, with the best answer so far. */
const asPublished = { insures: false, rescuesUnread: false }

/** A fixed arm for every step of a single agent. */
export const singleName = (model: ModelId, strategy: StrategyId): string => `single:${model}:${strategy}`

function singleBase(name: string, models: readonly ModelId[]): MethodBase | null {
  const match = /^single:(.+):([^:]+)$/.exec(name)
  if (!match) return null
  const [model, strategy] = [match[1] as string, match[2] as StrategyId]
  if (!models.includes(model)) throw unknown(model, models, 'a model of the profile')
  if (!strategyIds.includes(strategy)) throw unknown(strategy, strategyIds, 'a strategy')
  return {
    policy: { planner: { kind: 'fixed', topology: 'io', agents: 1 }, executor: { kind: 'fixed', model, strategy } },
    settings: asPublished,
    seesBudget: false,
    published: { scheduler: 'default', isEnforced: true },
  }
}

function baselineBase(name: string): MethodBase | null {
  const baseline = parseBaseline(name, shippedBaselines)
  if (baseline === null) return null
  return {
    policy: { planner: 'rules', executor: 'slack-greedy', baseline },
    settings: asPublished,
    seesBudget: baselineTraits[baseline.kind].seesBudget,
    published: { scheduler: 'fcfs', isEnforced: false },
  }
}

/** `policy:NAME` or `policy:PATH`: a learned policy from its files; shipped ones also by their bare names. */
function policyBase(name: string): MethodBase | null {
  const file = /^policy:(.+)$/.exec(name)?.[1] ?? (learnedNames.includes(name) ? name : null)
  if (file === null) return null
  const { specs } = loadPolicy(file)
  const { planner, executor, readsQuestions, congestionFactor, prices, isBlind, scrambles } = specs
  return {
    policy: {
      planner,
      executor,
      ...(readsQuestions ? { readsQuestions } : {}),
      ...(congestionFactor === undefined ? {} : { congestionFactor }),
      ...(prices === undefined ? {} : { prices }),
      ...(isBlind ? { isBlind } : {}),
      ...(scrambles ? { scrambles } : {}),
    },
    seesBudget: true,
    published: { scheduler: 'default', isEnforced: true },
  }
}

function unknown(got: string, names: readonly string[], what: string): ConfigError {
  const near = nearestName(got, names)
  return new ConfigError(
    [
      {
        path: '--methods',
        expected: what,
        got,
        fix: near ? `Did you mean ${near}?` : `Known: ${names.join(', ')}.`,
      },
    ],
    'the command line',
  )
}

/** Names without parameters, for messages and help. */
export const methodNames = (): readonly string[] => [
  ...Object.keys(ourMethods),
  ...learnedNames.filter((name) => shippedPolicies().includes(name)),
  bestFixed,
  ...baselineKinds.filter((kind) => kind !== 'single'),
]

interface Suffixes {
  readonly base: string
  /** Each once, in the order of `ablations`. */
  readonly ablated: readonly string[]
  readonly scheduler: SchedulerName | null
  readonly isEnforced: boolean | null
}

const knownSuffixes = [...schedulers, 'free', 'enforced', ...Object.keys(ablations)].map((suffix) => `+${suffix}`)

function readSuffixes(text: string): Suffixes {
  const [base = '', ...suffixes] = text.trim().split('+')
  let [scheduler, isEnforced]: [SchedulerName | null, boolean | null] = [null, null]
  for (const suffix of suffixes) {
    if (schedulers.includes(suffix)) scheduler = suffix as SchedulerName
    else if (suffix === 'free' || suffix === 'enforced') isEnforced = suffix === 'enforced'
    else if (!Object.hasOwn(ablations, suffix)) throw unknown(`+${suffix}`, knownSuffixes, 'a known suffix')
  }
  return { base, ablated: Object.keys(ablations).filter((name) => suffixes.includes(name)), scheduler, isEnforced }
}

/** Whether `text` asks for the best single arm in hindsight, and with which suffixes it runs. */
export function readBestFixed(text: string): { readonly suffix: string } | null {
  const [base = '', ...suffixes] = text.trim().split('+')
  return base === bestFixed ? { suffix: suffixes.map((suffix) => `+${suffix}`).join('') } : null
}

/** The method that `text` names over a pool of `models`. Throws ConfigError with the nearest name. */
export function parseMethod(text: string, models: readonly ModelId[]): Method {
  const { base: plain, ablated, scheduler: askedScheduler, isEnforced: askedEnforced } = readSuffixes(text)
  const own = Object.hasOwn(ourMethods, plain) ? ourMethods[plain] : undefined
  const ablatable = own ?? policyBase(plain)
  const whole = ablatable ?? singleBase(plain, models) ?? baselineBase(plain)
  if (!whole)
    throw unknown(plain, [...methodNames(), 'single:<model>:<strategy>', 'policy:<name or folder>'], 'a known method')
  if (!ablatable && ablated[0] !== undefined)
    throw unknown(`+${ablated[0]}`, knownSuffixes, 'an ablation of ours or of a learned policy')
  const base = ablated.reduce((made, name) => (ablations[name] as (typeof ablations)[string])(made), whole)
  const name = [plain, ...ablated].join('+')
  const scheduler = askedScheduler ?? base.published.scheduler
  const isEnforced = askedEnforced ?? base.published.isEnforced
  const isAsPublished = scheduler === base.published.scheduler && isEnforced === base.published.isEnforced
  return {
    name: isAsPublished ? name : `${name}+${scheduler}+${isEnforced ? 'enforced' : 'free'}`,
    base,
    scheduler,
    isEnforced,
    isBudgetBlind: !base.seesBudget && !isEnforced && scheduler === 'fcfs',
  }
}
