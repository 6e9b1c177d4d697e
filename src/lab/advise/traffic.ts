/**
 * @file The traffic that a pool is to serve: which questions, how many a minute, with how much time.
 *
 * Questions come from the training parts alone: advice is a choice, and test questions are kept for measuring. A share of a
 * domain is made by the number of its questions; where a set has too few some stand twice, which weighs them double.
 */
import { ConfigError, type Domain, type Profile, suggestName } from '../../core/index.ts'
import { resolveBenchmark } from '../../twin/index.ts'
import { requireTruth } from '../profile-file.ts'
import { canSimulate, mixedDataset, type Question, questionSets, syntheticDatasets } from '../questions/index.ts'

/** Domains that questions can be of. */
export type TrafficDomain = Exclude<Domain, 'general'>
export const trafficDomains: readonly TrafficDomain[] = ['math', 'code', 'knowledge']

export type Mix = Readonly<Partial<Record<TrafficDomain, number>>>

export interface Traffic {
  /** Each is a load to be served; values are means over them. */
  readonly ratesPerMinute: readonly number[]
  /** Each query has one of them, all equally likely. */
  readonly budgetsMs: readonly number[]
  readonly questions: readonly Question[]
  /** Shares of all queries, adding up to 1. */
  readonly mix: Mix
}

export interface TrafficOptions {
  readonly profile: Profile
  /** Folder of published sets; null: synthetic ones. */
  readonly data: string | null
  /** Sets by name; null: all that there are. */
  readonly datasets: readonly string[] | null
  /** Weights of the domains; null: every set as likely as the next. */
  readonly mix: Mix | null
  readonly ratesPerMinute: readonly number[]
  readonly budgetsMs: readonly number[]
  /** Of the synthetic questions. */
  readonly seed: number
}

/** Questions that stand for the traffic; more change a line by less than their own sampling error. */
const questionCount = 360

/** Throws ConfigError for unknown sets, unusable questions, or a mix that asks for a domain without questions. */
export function createTraffic(options: TrafficOptions): Traffic {
  const { profile, data, seed, ratesPerMinute, budgetsMs } = options
  const truth = requireTruth(profile)
  const datasets = options.datasets ?? (data === null ? syntheticDatasets : [mixedDataset])
  const sets = [...questionSets({ folder: data, datasets, seed }).values()]
    .flatMap(({ members }) => members.map(({ train }) => train.filter(canSimulate)))
    .filter((questions) => questions.length > 0)
  const domainOf = (question: Question): TrafficDomain =>
    truth.domainOfBenchmark[resolveBenchmark(truth, question.benchmark)] ?? 'knowledge'
  const byDomain = new Map<TrafficDomain, (readonly Question[])[]>()
  for (const questions of sets) {
    const domain = domainOf(questions[0]!)
    byDomain.set(domain, [...(byDomain.get(domain) ?? []), questions])
  }
  const mix = sharesOf(byDomain, options.mix)
  const questions = [...byDomain].flatMap(([domain, own]) =>
    own.flatMap((set) => spread(set, Math.round((questionCount * (mix[domain] ?? 0)) / own.length))),
  )
  return { ratesPerMinute, budgetsMs, questions, mix }
}

function sharesOf(byDomain: ReadonlyMap<TrafficDomain, readonly unknown[]>, mix: Mix | null): Mix {
  const weights = mix ?? Object.fromEntries([...byDomain].map(([domain, sets]) => [domain, sets.length]))
  const entries = trafficDomains.flatMap((domain) => {
    const weight = weights[domain] ?? 0
    return weight > 0 ? [[domain, weight] as const] : []
  })
  const missing = entries.filter(([domain]) => !byDomain.has(domain))
  if (missing.length > 0)
    throw new ConfigError(
      missing.map(([domain]) => ({
        path: `--mix ${domain}`,
        expected: 'a domain of the questions at hand',
        got: `questions of ${[...byDomain.keys()].join(', ')} alone`,
        fix: 'Name a set of that domain with --datasets, or leave it out of --mix.',
      })),
      'the command line',
    )
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0)
  return Object.fromEntries(entries.map(([domain, weight]) => [domain, weight / total]))
}

/** `count` of `questions`, evenly over the list. */
const spread = (questions: readonly Question[], count: number): readonly Question[] =>
  Array.from({ length: count }, (_, index) => questions[Math.floor((index * questions.length) / count)] as Question)

/** The profile with `models` alone. Throws ConfigError for one that it does not have, or where none is left. */
export function withModels(profile: Profile, models: readonly string[]): Profile {
  const known = Object.keys(profile.models)
  const problems = models
    .filter((model) => !known.includes(model))
    .map((got) => ({
      path: '--models',
      expected: `a model of ${profile.id}`,
      got,
      fix: suggestName(got, known),
    }))
  if (models.length === 0)
    problems.push({ path: '--models', expected: 'at least one', got: 'none', fix: `Known: ${known.join(', ')}.` })
  if (problems.length > 0) throw new ConfigError(problems, 'the command line')
  const isKept = (model: string) => models.includes(model)
  const keep = <T>(table: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(table).filter(([model]) => isKept(model)))
  const gpus = profile.gpus.map((gpu) => ({ ...gpu, engines: gpu.engines.filter(isKept) }))
  return { ...profile, gpus, models: keep(profile.models), prior: { models: keep(profile.prior.models) } }
}
