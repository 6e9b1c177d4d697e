/**
 * @file Lengths of answers: lognormal by model, domain, set and depth, where many answers were cut before their end.
 *
 * Per cell the mean of ln tokens is the maximum-likelihood one under censoring (EM: a cut answer counts as the expected
 * length beyond its cut), with one deviation per model. A cell's offset from the base profile is then shared among kin by
 * `additive-model.ts`. Where the base lets a model ignore Flash, its Flash answers are a mixture: those that comply (short,
 * one level per domain and one deviation for all models) and those that answer as if nothing had been said; EM again.
 */
import {
  type Domain,
  domains,
  type ModelId,
  mean,
  normalCdf,
  type ProfileTruth,
  type Random,
  type StrategyId,
} from '../../../core/index.ts'
import { type AdditiveModel, type CellObservation, fitAdditive } from './additive-model.ts'
import type { GradedAnswer } from './graded.ts'
import { benchmarksOf } from './pool-base.ts'
import type { PoolCall } from './pool-call.ts'
import { byKey } from './traffic.ts'

/** One answer's length; `set` null: only the domain is known. */
export interface LengthRow {
  readonly model: ModelId
  readonly domain: Domain
  readonly set: string | null
  readonly strategy: StrategyId | null
  readonly tokens: number
  /** `tokens` is a lower bound. */
  readonly isCut: boolean
}

/** A lognormal part of an arm's lengths. */
export interface LengthPart {
  readonly share: number
  /** Mean of ln tokens, and deviation. */
  readonly mu: number
  readonly sigma: number
}

export interface LengthFit {
  /** By model: deviation of ln tokens within a cell, difficulty included. */
  readonly sigmaOf: (model: ModelId) => number
  /** Factor on the base's mean length: of a benchmark, or of a domain (null); its deviation is of ln tokens. */
  readonly plainFactor: (cell: {
    readonly model: ModelId
    readonly domain: Domain
    readonly set: string | null
  }) => number
  /** Factor on the base's ratio of the depth to plain. */
  readonly ratioFactor: (model: ModelId, strategy: StrategyId) => number
  readonly flash: {
    readonly complies: ReadonlyMap<ModelId, number>
    /** Factor on the base's tokens, by domain. */
    readonly factors: ReadonlyMap<Domain, number>
    readonly sigma: number
  }
  /** The parts of an arm's lengths over the domain's benchmarks. */
  readonly parts: (arm: {
    readonly model: ModelId
    readonly domain: Domain
    readonly strategy: StrategyId | null
  }) => readonly LengthPart[]
  /** Answers that a model's figures rest on. */
  readonly counts: ReadonlyMap<ModelId, number>
}

/** Lengths from graded answers where they were written down, else from the calls. */
export function lengthRows(calls: readonly PoolCall[], graded: readonly GradedAnswer[]): readonly LengthRow[] {
  const own = graded.flatMap(({ model, domain, set, strategy, outputTokens: tokens, isCut }): readonly LengthRow[] =>
    tokens === null || tokens < 1 ? [] : [{ model, domain, set, strategy, tokens, isCut }],
  )
  const known = new Set(own.map(({ model, domain }) => `${model}|${domain}`))
  const others = calls.flatMap(({ model, domain: said, strategy, outputTokens, isCut }): readonly LengthRow[] => {
    const domain = said ?? 'general'
    return known.has(`${model}|${domain}`) ? [] : [{ model, domain, set: null, strategy, tokens: outputTokens, isCut }]
  })
  return [...own, ...others]
}

/** Prior deviations of effects on ln tokens, by their kind. */
const deviations: Readonly<Record<string, number>> = { model: 1, domain: 0.3, set: 0.25, depth: 0.35 }
/** Answers by which the base's share of compliance counts. */
const complianceWeight = 10
const rounds = 30

/** Fits to `rows`; models without any keep the base's figures. */
export function fitLengths(
  rows: readonly LengthRow[],
  truth: ProfileTruth,
  graded: readonly GradedAnswer[],
): LengthFit {
  const table = new BaseLengths(truth, graded)
  const thought = rows.filter(({ model, strategy }) => strategy === null || table.ratio(model, strategy) !== null)
  const terse = rows.filter(({ model, strategy }) => strategy !== null && table.ratio(model, strategy) === null)
  const cells = [...byKey(thought, ({ model }) => model)].map(([model, its]) => [model, fitCells(its)] as const)
  const sigmas = new Map(cells.map(([model, { sigma }]) => [model, sigma] as const))
  const sigmaOf = (model: ModelId) => sigmas.get(model) ?? table.sigma(model)
  const additive = fitAdditive(
    cells.flatMap(([, { cells: its, sigma }]) => its.map((cell) => observe(cell, sigma, table))),
    (key) => deviations[key.slice(0, key.indexOf('|'))]!,
  )
  const flash = fitFlash(terse, { table, additive, sigmaOf })
  const plainFactor: LengthFit['plainFactor'] = (cell) =>
    Math.exp(additive.of(keysOf({ ...cell, strategy: null })).offset)
  const ratioFactor: LengthFit['ratioFactor'] = (model, strategy) =>
    Math.exp(additive.of([depthKey(model, strategy)]).offset)
  const counts = new Map([...byKey(rows, ({ model }) => model)].map(([model, its]) => [model, its.length] as const))
  const partsOf: LengthFit['parts'] = ({ model, domain, strategy }) => {
    const plain = [...table.weights(domain)].map(([set, share]): LengthPart => {
      const { offset } = additive.of(
        keysOf({ model, domain, set, strategy: table.isTerse(model, strategy) ? null : strategy }),
      )
      return { share, mu: table.mu({ model, set, strategy }, sigmaOf(model)) + offset, sigma: sigmaOf(model) }
    })
    if (!table.isTerse(model, strategy)) return plain
    const complies = flash.complies.get(model) ?? truth.flash.value.complies[model]!
    const short = [...table.weights(domain)].map(
      ([set, share]): LengthPart => ({
        share: share * complies,
        mu: Math.log(truth.flash.value.tokens[set]! * (flash.factors.get(domain) ?? 1)) - flash.sigma ** 2 / 2,
        sigma: flash.sigma,
      }),
    )
    return [...short, ...plain.map((part) => ({ ...part, share: part.share * (1 - complies) }))]
  }
  return { sigmaOf, plainFactor, ratioFactor, flash, parts: partsOf, counts }
}

/** Tokens of one answer of an arm, at least 1. */
export function drawLength(parts: readonly LengthPart[], random: Random): number {
  let left = random.uniform() * parts.reduce((sum, { share }) => sum + share, 0)
  const part = parts.find(({ share }) => {
    left -= share
    return left < 0
  })
  const { mu, sigma } = part ?? parts.at(-1)!
  return Math.max(1, Math.round(Math.exp(mu + sigma * random.normal())))
}

/** Mean, and log-spread of the lognormal with the first two moments of the parts together. */
export function momentsOfParts(parts: readonly LengthPart[]): { readonly mean: number; readonly sigma: number } {
  const shares = parts.reduce((sum, { share }) => sum + share, 0)
  const first = parts.reduce((sum, { share, mu, sigma }) => sum + share * Math.exp(mu + sigma ** 2 / 2), 0) / shares
  const second =
    parts.reduce((sum, { share, mu, sigma }) => sum + share * Math.exp(2 * mu + 2 * sigma ** 2), 0) / shares
  return { mean: first, sigma: Math.sqrt(Math.max(0, Math.log(second / first ** 2))) }
}

type CellName = Pick<LengthRow, 'model' | 'domain' | 'set' | 'strategy'>

const depthKey = (model: ModelId, strategy: StrategyId): string => `depth|${model}|${strategy}`

const keysOf = ({ model, domain, set, strategy }: CellName): readonly string[] => [
  `model|${model}`,
  `domain|${model}|${domain}`,
  ...(set === null ? [] : [`set|${model}|${set}`]),
  ...(strategy === null ? [] : [depthKey(model, strategy)]),
]

/** What the base profile says of lengths, for benchmarks and for whole domains. */
class BaseLengths {
  readonly #truth: ProfileTruth
  readonly #benchmarks: ReadonlyMap<Domain, ReadonlyMap<string, number>>

  constructor(truth: ProfileTruth, graded: readonly GradedAnswer[]) {
    this.#truth = truth
    this.#benchmarks = benchmarksOf(truth, graded)
  }

  ratio(model: ModelId, strategy: StrategyId): number | null {
    return this.#truth.strategyTokenRatio.value[strategy][model] ?? null
  }

  isTerse(model: ModelId, strategy: StrategyId | null): boolean {
    return strategy !== null && this.ratio(model, strategy) === null
  }

  sigma(model: ModelId): number {
    return Math.hypot(this.#truth.outputSigma.value[model]!, this.#truth.lengthSlopePerSd.value)
  }

  /** Shares of a domain's benchmarks. */
  weights(domain: Domain): ReadonlyMap<string, number> {
    const counts = this.#benchmarks.get(domain)!
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
    return new Map([...counts].map(([set, count]) => [set, count / all] as const))
  }

  /** Mean of ln tokens of a benchmark; a Flash that may be ignored counts as plain. */
  mu({ model, set, strategy }: { model: ModelId; set: string; strategy: StrategyId | null }, sigma: number): number {
    const { cotMeanOutputTokens, lengthMultiplier } = this.#truth
    const ratio = strategy === null ? 1 : (this.ratio(model, strategy) ?? 1)
    return Math.log(cotMeanOutputTokens.value[set]![model]! * lengthMultiplier.value[model]! * ratio) - sigma ** 2 / 2
  }

  /** The same of a cell; where only the domain is known, the mean over its benchmarks. */
  muOfCell({ model, domain, set, strategy }: CellName, sigma: number): number {
    if (set !== null) return this.mu({ model, set, strategy }, sigma)
    const weights = [...this.weights(domain)]
    return weights.reduce((sum, [name, share]) => sum + share * this.mu({ model, set: name, strategy }, sigma), 0)
  }

  /** ln tokens of a Flash answer that complies. */
  terseMu({ domain, set }: Pick<CellName, 'domain' | 'set'>, sigma: number): number {
    const { tokens } = this.#truth.flash.value
    const names = set === null ? [...this.weights(domain).keys()] : [set]
    return mean(names.map((name) => Math.log(tokens[name]!))) - sigma ** 2 / 2
  }

  get flash(): ProfileTruth['flash']['value'] {
    return this.#truth.flash.value
  }
}

interface FittedCell extends CellName {
  readonly mu: number
  /** Answers that ended by themselves, and half of the others. */
  readonly weight: number
}

/** Mean of ln tokens of each cell of one model, and the deviation that they share. */
function fitCells(rows: readonly LengthRow[]): { readonly cells: readonly FittedCell[]; readonly sigma: number } {
  const groups = [...byKey(rows, ({ domain, set, strategy }) => `${domain}|${set}|${strategy}`).values()]
  const whole = (group: readonly LengthRow[]) => group.filter(({ isCut }) => !isCut).length
  let sigma = 0.6
  const mus = groups.map((group) => mean(group.map(({ tokens }) => Math.log(tokens))))
  for (let round = 0; round < rounds; round += 1) {
    let squares = 0
    for (const [index, group] of groups.entries()) {
      const mu = mus[index]!
      const expected = group.map((row) => expectedLog(row, mu, sigma))
      mus[index] = mean(expected.map(({ value }) => value))
      squares += expected.reduce((sum, { value, variance }) => sum + (value - mus[index]!) ** 2 + variance, 0)
    }
    // Every cell spends one degree of freedom on its mean.
    sigma = Math.max(0.05, Math.sqrt(squares / Math.max(1, rows.length - groups.length)))
  }
  const cells = groups.map((group, index) => ({
    ...group[0]!,
    mu: mus[index]!,
    weight: (whole(group) + group.length) / 2,
  }))
  return { cells, sigma }
}

/** ln tokens of an answer: as it is, or what is to be expected beyond where it was cut. */
function expectedLog({ tokens, isCut }: LengthRow, mu: number, sigma: number) {
  const value = Math.log(tokens)
  if (!isCut) return { value, variance: 0 }
  const z = (value - mu) / sigma
  const tail = 1 - normalCdf(z)
  // Far beyond all that is likely the tail is below what the approximation resolves: it was hardly longer.
  if (tail < 1e-6) return { value, variance: 0 }
  const hazard = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / tail
  return { value: mu + sigma * hazard, variance: Math.max(0, sigma ** 2 * (1 + z * hazard - hazard ** 2)) }
}

const observe = (cell: FittedCell, sigma: number, table: BaseLengths): CellObservation => ({
  keys: keysOf(cell),
  offset: cell.mu - table.muOfCell(cell, sigma),
  precision: cell.weight / sigma ** 2,
})

interface FlashContext {
  readonly table: BaseLengths
  readonly additive: AdditiveModel
  readonly sigmaOf: (model: ModelId) => number
}

const density = (x: number, mu: number, sigma: number): number => Math.exp(-(((x - mu) / sigma) ** 2) / 2) / sigma

/** Splits the Flash answers of all models into those that comply and those that do not. */
function fitFlash(rows: readonly LengthRow[], { table, additive, sigmaOf }: FlashContext): LengthFit['flash'] {
  const complies = new Map(
    [...byKey(rows, ({ model }) => model).keys()].map((model) => [model, table.flash.complies[model]!] as const),
  )
  const offsets = new Map<Domain, number>(domains.map((domain) => [domain, 0]))
  let { sigma } = table.flash
  const placed = rows.map((row) => ({
    ...row,
    x: Math.log(row.tokens),
    plainMu:
      table.muOfCell({ ...row, strategy: null }, sigmaOf(row.model)) +
      additive.of(keysOf({ ...row, strategy: null })).offset,
    terse: 0,
  }))
  if (placed.length === 0) return { complies, factors: new Map(), sigma }
  for (let round = 0; round < rounds; round += 1) {
    for (const row of placed) {
      const share = complies.get(row.model)!
      const short = share * density(row.x, table.terseMu(row, sigma) + offsets.get(row.domain)!, sigma)
      const long = (1 - share) * density(row.x, row.plainMu, sigmaOf(row.model))
      // A cut answer is a long one.
      row.terse = row.isCut ? 0 : short / (short + long + 1e-300)
    }
    for (const [domain, its] of byKey(placed, (row) => row.domain)) {
      const weight = its.reduce((sum, { terse }) => sum + terse, 0)
      const miss = its.reduce((sum, row) => sum + row.terse * (row.x - table.terseMu(row, sigma)), 0)
      // As of 4 answers that say what the base says.
      offsets.set(domain, miss / (weight + 4))
    }
    for (const [model, its] of byKey(placed, (row) => row.model)) {
      const found = its.reduce((sum, { terse }) => sum + terse, 0)
      complies.set(model, (found + complianceWeight * table.flash.complies[model]!) / (its.length + complianceWeight))
    }
    const all = placed.reduce((sum, { terse }) => sum + terse, 0)
    const squares = placed.reduce(
      (sum, row) => sum + row.terse * (row.x - table.terseMu(row, sigma) - offsets.get(row.domain)!) ** 2,
      0,
    )
    sigma = Math.max(0.1, Math.sqrt((squares + 10 * table.flash.sigma ** 2) / (all + 10)))
  }
  return {
    complies,
    factors: new Map([...offsets].map(([domain, offset]) => [domain, Math.exp(offset)] as const)),
    sigma,
  }
}
