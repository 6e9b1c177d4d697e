/**
 * @file Step times by regression: no simulation, one pass over the rows of `traffic.ts`.
 *
 *     decode row:  ms / factor = a x steps + c3 x kvSteps + k1' x prefillTokens        (all >= 0)
 *     prefill row: (ms - api) / factor = b0 + k1 x promptTokens
 *
 * Errors are relative to what a first fit expects, so that a call of one second counts as one of a minute and slow calls
 * weigh no less than fast ones. Rows that miss it by far more than most are left out of the last fit: a preemption or a
 * stall is not a step time. `eta`, one for the pool, is searched
 * where neighbours were sometimes at work and sometimes not. `api` and `b0` stand side by side in every first token that
 * met idle neighbours; what tells them apart is that a prefill of few tokens takes about as long as a step that decodes
 * (both read the weights): b0 / a near the base profile's ratio. Intervals are bootstrap ones, over calls.
 */
import { keyedRandom, type ModelId, mean, quantileSorted } from '../../../core/index.ts'
import { fitNonNegative, type LinearRow } from '../least-squares.ts'
import type { DecodeRow, ModelTraffic, PrefillRow } from './traffic.ts'

export type Interval = readonly [low: number, high: number]

export interface Estimate {
  readonly value: number
  /** 95 % by bootstrap; null: not estimated from data. */
  readonly interval: Interval | null
}

export interface StepMoments {
  /** Time of a step that decodes with an empty cache, host overhead included. ms. */
  readonly decodeMs: Estimate
  /** Its growth per context token; interval null: it cannot be told from 0, or from a constant. */
  readonly perKvTokenMs: Estimate
  /** A prefill of no tokens, host overhead included. ms. */
  readonly prefillMs: Estimate
  readonly perPromptTokenMs: Estimate
}

export interface PoolMoments {
  readonly models: ReadonlyMap<ModelId, StepMoments>
  readonly apiOverheadMs: Estimate
  readonly eta: Estimate
}

export interface MomentPriors {
  /** The base profile's figures for a model, in ms: what is not seen is taken from there. */
  readonly stepOf: (model: ModelId) => {
    readonly decodeMs: number
    readonly perKvTokenMs: number
    readonly prefillMs: number
    readonly perPromptTokenMs: number
  }
  readonly apiOverheadMs: number
  readonly eta: number
  readonly seed: number
}

const resamples = 100
/** Rows enough for a regression's figures to stand. */
export const leastRows = 20
const leastPrefills = 6

type Fit = readonly number[]

/** Fits every model with enough rows; others are absent. */
export function fitMoments(traffic: ReadonlyMap<ModelId, ModelTraffic>, priors: MomentPriors): PoolMoments {
  const usable = new Map([...traffic].filter(([, { decodes }]) => decodes.length >= leastRows))
  const eta = fitEta(usable, priors)
  const decoding = new Map(
    [...usable].map(
      ([model, { decodes }]) => [model, fitDecode(decodes, eta.value, `${priors.seed}|${model}`)] as const,
    ),
  )
  const apiOverheadMs = fitApi(usable, decoding, { priors, eta: eta.value })
  const models = [...usable].map(([model, { prefills }]) => {
    const decode = decoding.get(model)!
    const prefill = fitPrefill(prefills, {
      decode,
      base: priors.stepOf(model),
      api: apiOverheadMs.value,
      eta: eta.value,
    })
    return [model, { ...decode, ...prefill }] as const
  })
  return { models: new Map(models), apiOverheadMs, eta }
}

const factorOf = (eta: number, neighbours: number): number => 1 + eta * neighbours

/** Regressors and target in ms. */
const decodeRow = ({ steps, kvSteps, prefillTokens, ms, neighbours }: DecodeRow, eta: number): LinearRow => {
  const factor = factorOf(eta, neighbours)
  return { terms: [steps * factor, kvSteps * factor, prefillTokens * factor], target: ms }
}

const sumOf = ({ terms }: LinearRow, weights: Fit): number =>
  terms.reduce((sum, term, index) => sum + term * weights[index]!, 0)

const dividedBy = ({ terms, target }: LinearRow, ms: number): LinearRow => ({
  terms: terms.map((term) => term / ms),
  target: target / ms,
})

/** Misses beyond so many times the median one are outliers: 2.7 deviations of normal noise. */
const outlier = 4
const trims = 4

interface RobustFit {
  readonly weights: Fit
  /** The rows that count, relative to what the fit before the last expects. */
  readonly kept: readonly LinearRow[]
}

/** Fits, leaves outliers out, fits again. The first term is the size of a row: steps, or 1. */
function fitRobust(rows: readonly LinearRow[]): RobustFit {
  // By the typical time for their size, not by their own: one that streamed in a burst would outweigh all others.
  const typicalMs = median(rows.map(({ terms, target }) => target / terms[0]!))
  let kept: readonly LinearRow[] = rows.map((row) => dividedBy(row, typicalMs * row.terms[0]!))
  let { weights } = fitNonNegative(kept)
  for (let trim = 0; trim < trims; trim += 1) {
    const before = weights
    const relative = rows.map((row) => dividedBy(row, Math.max(sumOf(row, before), 0.1 * typicalMs * row.terms[0]!)))
    const misses = relative.map((row) => missOf(row, before))
    const most = outlier * median(misses) + 1e-9
    kept = relative.filter((_, index) => misses[index]! <= most)
    weights = fitNonNegative(kept).weights
  }
  return { weights, kept }
}

const median = (values: readonly number[]): number =>
  quantileSorted(
    [...values].sort((a, b) => a - b),
    0.5,
  )

const missOf = (row: LinearRow, weights: Fit): number => Math.abs(sumOf(row, weights) - row.target)

function bootstrap(rows: readonly LinearRow[], key: string): readonly Fit[] {
  const random = keyedRandom(0, key)
  return Array.from({ length: resamples }, () => fitNonNegative(rows.map(() => random.pick(rows))).weights)
}

/** The middle 95 % of the `index`-th weight. */
function intervalOf(fits: readonly Fit[], index: number): Interval {
  const sorted = fits.map((fit) => fit[index]!).sort((a, b) => a - b)
  return [quantileSorted(sorted, 0.025), quantileSorted(sorted, 0.975)]
}

type Decode = Pick<StepMoments, 'decodeMs' | 'perKvTokenMs'> & { readonly perOthersTokenMs: Estimate }

function fitDecode(decodes: readonly DecodeRow[], eta: number, key: string): Decode {
  const { weights, kept } = fitRobust(decodes.map((row) => decodeRow(row, eta)))
  const fits = bootstrap(kept, `decode|${key}`)
  const estimate = (index: number): Estimate => ({ value: weights[index]!, interval: intervalOf(fits, index) })
  return { decodeMs: estimate(0), perKvTokenMs: estimate(1), perOthersTokenMs: estimate(2) }
}

/** Misses beyond this count as this. Nothing is left out: at a wrong eta the rows beside busy neighbours are the outliers. */
const mostMiss = 0.5

/** Mean capped relative miss of the rows of all models that have neighbours. */
function etaCost(traffic: readonly ModelTraffic[], eta: number): number {
  return mean(
    traffic.map(({ decodes }) => {
      const rows = decodes.map((row) => decodeRow(row, eta))
      const { weights } = fitRobust(rows)
      return mean(rows.map((row) => Math.min(mostMiss, missOf(row, weights) / Math.max(sumOf(row, weights), 1e-9))))
    }),
  )
}

function fitEta(traffic: ReadonlyMap<ModelId, ModelTraffic>, { eta }: MomentPriors): Estimate {
  const telling = [...traffic.values()].filter(({ decodes }) => spreadOf(decodes) > 0.15)
  if (telling.length === 0) return { value: eta, interval: null }
  const costs = Array.from({ length: 61 }, (_, index) => ({ eta: index / 20, cost: etaCost(telling, index / 20) }))
  const best = costs.reduce((least, next) => (next.cost < least.cost ? next : least))
  // Where the cost has grown by a tenth the fit is visibly worse: a plain bound, not a bootstrap.
  const near = costs.filter(({ cost }) => cost <= 1.1 * best.cost)
  return { value: best.eta, interval: [near[0]!.eta, near.at(-1)!.eta] }
}

function spreadOf(decodes: readonly DecodeRow[]): number {
  const centre = mean(decodes.map(({ neighbours }) => neighbours))
  return Math.sqrt(mean(decodes.map(({ neighbours }) => (neighbours - centre) ** 2)))
}

interface PrefillContext {
  readonly api: number
  readonly eta: number
}

const prefillRow = ({ promptTokens, ms, neighbours }: PrefillRow, { api, eta }: PrefillContext): LinearRow => {
  const factor = factorOf(eta, neighbours)
  return { terms: [factor, promptTokens * factor], target: Math.max(0.1, ms - api) }
}

type Prefill = Pick<StepMoments, 'prefillMs' | 'perPromptTokenMs'>
type BaseStep = ReturnType<MomentPriors['stepOf']>

function fitPrefill(
  prefills: readonly PrefillRow[],
  { decode, base, ...context }: PrefillContext & { readonly decode: Decode; readonly base: BaseStep },
): Prefill {
  const tied = (base.prefillMs / base.decodeMs) * decode.decodeMs.value
  if (prefills.length < leastPrefills) {
    return {
      prefillMs: { value: tied, interval: null },
      perPromptTokenMs: { value: decode.perOthersTokenMs.value || base.perPromptTokenMs, interval: null },
    }
  }
  const { weights, kept } = fitRobust(prefills.map((row) => prefillRow(row, context)))
  const fits = bootstrap(kept, `prefill|${prefills.length}`)
  const prompts = prefills.map(({ promptTokens }) => promptTokens)
  // Prompts of one length tell the sum only.
  const [shortest, longest] = prompts.reduce<readonly [number, number]>(
    ([least, most], tokens) => [Math.min(least, tokens), Math.max(most, tokens)],
    [Infinity, 0],
  )
  const tellsSlope = weights[1]! > 0 && longest > 1.5 * shortest
  if (!tellsSlope) {
    const shift = mean(prompts) * (base.perPromptTokenMs - weights[1]!)
    const value = Math.max(0.3 * tied, weights[0]! - shift)
    return { prefillMs: { value, interval: null }, perPromptTokenMs: { value: base.perPromptTokenMs, interval: null } }
  }
  return {
    prefillMs: { value: Math.max(0.3 * tied, weights[0]!), interval: intervalOf(fits, 0) },
    perPromptTokenMs: { value: weights[1]!, interval: intervalOf(fits, 1) },
  }
}

/** What of the first token's delay is left when prefills of few tokens take what the base profile's ratio says. */
function fitApi(
  traffic: ReadonlyMap<ModelId, ModelTraffic>,
  decoding: ReadonlyMap<ModelId, Decode>,
  { priors, eta }: { readonly priors: MomentPriors; readonly eta: number },
): Estimate {
  const rested = [...traffic].filter(([, { prefills }]) => prefills.length >= leastPrefills)
  if (rested.length === 0) return { value: priors.apiOverheadMs, interval: null }
  const left = rested.map(([model, { prefills }]) => {
    const base = priors.stepOf(model)
    const tied = (base.prefillMs / base.decodeMs) * decoding.get(model)!.decodeMs.value
    const delays = prefills.map(
      ({ ms, promptTokens, neighbours }) =>
        ms - factorOf(eta, neighbours) * (tied + base.perPromptTokenMs * promptTokens),
    )
    return median(delays)
  })
  const sorted = left.map((value) => Math.max(0, value)).sort((a, b) => a - b)
  return {
    value: quantileSorted(sorted, 0.5),
    interval: rested.length < 2 ? null : [sorted[0]!, sorted.at(-1)!],
  }
}
