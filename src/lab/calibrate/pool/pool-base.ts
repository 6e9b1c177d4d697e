/**
 * @file The base profile cut to the pool that was measured: its models, its question sets, nothing fitted yet.
 *
 * A model that the base does not know stands on the shoulders of the base's model that is nearest in speed: its numbers
 * are the starting point, tagged as assumed. A graded set that the base does not know gets the row of the set that stands
 * for it, or the mean of its domain's. What was not measured stays what the base says.
 */
import {
  ConfigError,
  type Domain,
  domains,
  type ModelId,
  mean,
  nearestName,
  type Profile,
  type ProfileTruth,
} from '../../../core/index.ts'
import { requireTruth } from '../../profile-file.ts'

export interface PoolShape {
  readonly models: readonly ModelId[]
  /** Median time per output token, where it was measured: picks the stand-in of an unknown model. */
  readonly tpotMsOf: (model: ModelId) => number | null
  /** Graded sets and their domains. */
  readonly sets: ReadonlyMap<string, Domain>
  /** Which models share a GPU; null: as in the base, unknown ones alone. */
  readonly gpus: readonly (readonly ModelId[])[] | null
}

export interface PoolBase {
  readonly profile: Profile & { readonly truth: ProfileTruth }
  /** Whose numbers a model started from; itself where the base knows it. */
  readonly standInOf: (model: ModelId) => ModelId
  readonly warnings: readonly string[]
}

/** Throws ConfigError where the base has no truth or `gpus` names another model. */
export function poolBase(base: Profile, shape: PoolShape): PoolBase {
  const truth = requireTruth(base)
  const standIns = new Map(shape.models.map((model) => [model, standInFor(model, base, shape)] as const))
  const standInOf = (model: ModelId): ModelId => standIns.get(model) ?? model
  const borrowed = shape.models.filter((model) => standInOf(model) !== model)
  const pick = <T>(table: Readonly<Record<ModelId, T>>): Record<ModelId, T> =>
    Object.fromEntries(shape.models.map((model) => [model, table[standInOf(model)] as T]))
  return {
    profile: {
      ...base,
      gpus: gpusFor(base, shape),
      models: pick(base.models),
      prior: { models: pick(base.prior.models) },
      truth: truthFor(withSets(truth, shape.sets), pick),
    },
    standInOf,
    warnings: borrowed.map(
      (model) =>
        `${model}: unknown to ${base.id}; what was not measured is assumed as of ${standInOf(model)}, the nearest in speed`,
    ),
  }
}

function standInFor(model: ModelId, base: Profile, { tpotMsOf }: PoolShape): ModelId {
  if (model in base.models) return model
  const tpotMs = tpotMsOf(model)
  const known = Object.keys(base.models)
  if (tpotMs === null) return known[0]!
  const distance = (id: ModelId) => Math.abs(Math.log(base.prior.models[id]!.tpot.value.idleMs / tpotMs))
  return known.reduce((nearest, id) => (distance(id) < distance(nearest) ? id : nearest))
}

function gpusFor(base: Profile, { models, gpus }: PoolShape): Profile['gpus'] {
  if (gpus !== null) checkGpus(gpus, models)
  const shared = gpus ?? base.gpus.map(({ engines }) => engines)
  const together = shared
    .map((engines) => engines.filter((model) => models.includes(model)))
    .filter((group) => group.length > 0)
  const alone = models.filter((model) => !together.flat().includes(model)).map((model) => [model])
  return [...together, ...alone].map((engines, index) => ({ id: `gpu${index}`, engines }))
}

function checkGpus(gpus: readonly (readonly ModelId[])[], models: readonly ModelId[]): void {
  const unknown = gpus.flat().filter((model) => !models.includes(model))
  if (unknown.length === 0) return
  throw new ConfigError(
    unknown.map((model) => ({
      path: '--gpus',
      expected: `models that were measured (${models.join(', ')})`,
      got: model,
      fix: `Did you mean ${nearestName(model, models) ?? models[0]}? Join the models of a GPU by +, GPUs by commas.`,
    })),
    'the command line',
  )
}

/** The truth with a row of its own for every graded set. */
function withSets(truth: ProfileTruth, sets: PoolShape['sets']): ProfileTruth {
  const known = Object.keys(truth.cotAccuracy.value)
  const added = [...sets].filter(([set]) => !known.includes(set))
  const kinOf = (set: string, domain: Domain): readonly string[] => {
    const twin = truth.sameTruthAs[set]
    if (twin !== undefined && known.includes(twin)) return [twin]
    return known.filter((other) => truth.domainOfBenchmark[other] === truthDomain(domain))
  }
  const rows = <T>(table: Readonly<Record<string, T>>, join: (values: readonly T[]) => T): Record<string, T> => ({
    ...table,
    ...Object.fromEntries(
      added.map(([set, domain]) => [set, join(kinOf(set, domain).flatMap((kin) => table[kin] ?? []))] as const),
    ),
  })
  const meanRow = (values: readonly Readonly<Record<ModelId, number>>[]) =>
    Object.fromEntries(Object.keys(values[0] ?? {}).map((model) => [model, mean(values.map((row) => row[model]!))]))
  const meanOrZero = (values: readonly number[]) => (values.length === 0 ? 0 : mean(values))
  const { cotAccuracy, cotMeanOutputTokens, sigmaB, flash, unusableLabelShare, promptTokens } = truth
  return {
    ...truth,
    cotAccuracy: { ...cotAccuracy, value: rows(cotAccuracy.value, meanRow) },
    cotMeanOutputTokens: { ...cotMeanOutputTokens, value: rows(cotMeanOutputTokens.value, meanRow) },
    sigmaB: { ...sigmaB, value: rows(sigmaB.value, mean) },
    flash: { ...flash, value: { ...flash.value, tokens: rows(flash.value.tokens, mean) } },
    unusableLabelShare: { ...unusableLabelShare, value: rows(unusableLabelShare.value, meanOrZero) },
    promptTokens: {
      ...promptTokens,
      value: { ...promptTokens.value, questionMean: rows(promptTokens.value.questionMean, mean) },
    },
    domainOfBenchmark: {
      ...truth.domainOfBenchmark,
      ...Object.fromEntries(added.map(([set, domain]) => [set, truthDomain(domain)])),
    },
    sameTruthAs: Object.fromEntries(Object.entries(truth.sameTruthAs).filter(([set]) => !sets.has(set))),
  }
}

/** The truth has no general domain: such questions are read as knowledge. */
export const truthDomain = (domain: Domain): 'math' | 'code' | 'knowledge' =>
  domain === 'general' ? 'knowledge' : domain

type PickModels = <T>(table: Readonly<Record<ModelId, T>>) => Record<ModelId, T>

/** The truth's tables for the pool's models alone. Notes on single entries go: they speak of other models. */
function truthFor(truth: ProfileTruth, pick: PickModels): ProfileTruth {
  const byBenchmark = (table: Readonly<Record<string, Readonly<Record<ModelId, number>>>>) =>
    Object.fromEntries(Object.entries(table).map(([benchmark, row]) => [benchmark, pick(row)]))
  const { entryTags: _accuracyTags, ...accuracy } = truth.cotAccuracy
  const { entryTags: _lengthTags, ...lengths } = truth.cotMeanOutputTokens
  const { strategyDelta, strategyTokenRatio: ratio, flash } = truth
  const byStrategy = <T>(rows: Readonly<Record<'Flash' | 'Concise' | 'DeepThink', Readonly<Record<ModelId, T>>>>) => ({
    Flash: pick(rows.Flash),
    Concise: pick(rows.Concise),
    DeepThink: pick(rows.DeepThink),
  })
  return {
    ...truth,
    cotAccuracy: { ...accuracy, value: byBenchmark(accuracy.value) },
    cotMeanOutputTokens: { ...lengths, value: byBenchmark(lengths.value) },
    lengthMultiplier: { ...truth.lengthMultiplier, value: pick(truth.lengthMultiplier.value) },
    outputSigma: { ...truth.outputSigma, value: pick(truth.outputSigma.value) },
    strategyDelta: {
      ...strategyDelta,
      value: Object.fromEntries(
        Object.entries(strategyDelta.value).map(([domain, rows]) => [domain, byStrategy(rows)]),
      ),
    },
    strategyTokenRatio: { ...ratio, value: byStrategy(ratio.value) },
    flash: { ...flash, value: { ...flash.value, complies: pick(flash.value.complies) } },
  }
}

/** Benchmarks by whose numbers a domain is judged: the graded sets where there are any, with how many answers; else all of the truth's. */
export function benchmarksOf(
  truth: ProfileTruth,
  graded: readonly { readonly set: string; readonly domain: Domain }[],
): ReadonlyMap<Domain, ReadonlyMap<string, number>> {
  return new Map(
    domains.map((domain) => {
      const own = new Map<string, number>()
      for (const { set, domain: of } of graded) if (of === domain) own.set(set, (own.get(set) ?? 0) + 1)
      if (own.size > 0) return [domain, own] as const
      const all = Object.keys(truth.domainOfBenchmark).filter(
        (name) => truth.domainOfBenchmark[name] === truthDomain(domain),
      )
      return [domain, new Map(all.map((name) => [name, 1] as const))] as const
    }),
  )
}
