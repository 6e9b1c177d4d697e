/**
 * @file What a pool is worth for a traffic: correct goodput by linear program, with the prices of its parts.
 *
 * The line is the one with nothing known of a question but its benchmark, plans that wait and see included: what a policy
 * that prices well comes near to. Queueing is left out, so a value is an upper line and no forecast.
 *
 * `boundOf` turns a solved line into a bound on any other placement. At the prices of the solved program a GPU that holds
 * the models S is worth at most L(S) = max over n of v_n x (sum of the n highest engine prices in S), v_n = 1 / (1 + eta (n - 1)),
 * and a cache its price x its size; since prices are feasible for the dual whatever the engines, the value of any other
 * placement is at most this one's, with the worth of its GPUs and caches exchanged (weak duality). Tight to the solver's 1e-6 a class.
 */
import type { ModelId, Profile } from '../../core/index.ts'
import { createFluidModel, type FluidLine, type FluidPlacement } from '../fluid/index.ts'
import type { Load } from './placements.ts'
import type { Traffic } from './traffic.ts'

export interface RateValue {
  readonly ratePerMinute: number
  readonly line: FluidLine
}

export interface PoolValue {
  readonly placement: FluidPlacement
  /** Correct and in time, 0-1: mean over the rates. */
  readonly goodput: number
  readonly byRate: readonly RateValue[]
}

export interface Valuer {
  /** Solved once for each placement, GPUs in any order. */
  value(placement: FluidPlacement): Promise<PoolValue>
  /** At other rates than the traffic's own: as many times as high. */
  valueAt(placement: FluidPlacement, rateFactor: number): Promise<PoolValue>
  /** At one rate. */
  lineAt(placement: FluidPlacement, ratePerMinute: number): Promise<FluidLine>
}

export function createValuer(profile: Profile, traffic: Traffic, seed: number): Valuer {
  const model = createFluidModel({ profile, questions: traffic.questions, seed })
  const known = new Map<string, PoolValue>()
  const lineAt = (placement: FluidPlacement, ratePerMinute: number) =>
    model.line('none', { ratePerMinute, budgetMs: traffic.budgetsMs, placement })
  const valueAt = async (placement: FluidPlacement, rateFactor: number): Promise<PoolValue> => {
    const key = `${rateFactor}|${keyOf(placement)}`
    const before = known.get(key)
    if (before !== undefined) return before
    const byRate: RateValue[] = []
    for (const rate of traffic.ratesPerMinute) {
      const ratePerMinute = rate * rateFactor
      byRate.push({ ratePerMinute, line: await lineAt(placement, ratePerMinute) })
    }
    const goodput = byRate.reduce((sum, { line }) => sum + line.goodput, 0) / byRate.length
    const value = { placement, goodput, byRate }
    known.set(key, value)
    return value
  }
  return { value: (placement) => valueAt(placement, 1), valueAt, lineAt }
}

const keyOf = ({ gpus, kvTokens }: FluidPlacement): string =>
  `${gpus.map((load) => load.join('+')).join(' | ')} ${Object.entries(kvTokens).join()}`

/** Share of the queries whose plan has a call of `model`, 0-1: mean over the rates. */
export function usedShare({ byRate }: PoolValue, model: ModelId): number {
  // A plan's name holds `model:strategy` for each of its calls.
  const isUsed = (plan: string) => plan.split(/[()\s]+/).some((word) => word.startsWith(`${model}:`))
  const used = byRate.flatMap(({ line }) => line.plans.filter(({ plan }) => isUsed(plan)))
  return used.reduce((sum, { share }) => sum + share, 0) / byRate.length
}

/** What a whole engine more of a model, and a cache of twice the size, would add to goodput at the margin, 0-1. */
export interface EnginePrice {
  readonly perEngine: number
  readonly perCache: number
}

export function enginePrice({ ratePerMinute, line }: RateValue, model: ModelId, kvTokens: number): EnginePrice {
  const { perWorkSecond, perTokenSecond } = line.prices[model]!
  return {
    perEngine: (perWorkSecond * 60) / ratePerMinute,
    perCache: (perTokenSecond * kvTokens * 60) / ratePerMinute,
  }
}

/** At the prices of one solved line: an upper bound on the value of other placements, in parts. */
export interface Bound {
  /** What classes of questions are worth beyond the machines. */
  readonly base: number
  /** At most what a GPU with these models adds. */
  ofLoad(load: Load): number
  /** At most what these caches add. */
  ofCaches(kvTokens: Readonly<Record<ModelId, number>>): number
}

/** Of the mean over the rates. */
export function boundOf(profile: Profile, { placement, goodput, byRate }: PoolValue): Bound {
  const speedOf = (atWork: number) => 1 / (1 + profile.colocationEta.value * (atWork - 1))
  const mean = (of: (rate: RateValue) => number) => byRate.reduce((sum, rate) => sum + of(rate), 0) / byRate.length
  const ofLoad = (load: Load) =>
    mean((rate) => {
      const prices = load.map((model) => enginePrice(rate, model, 1).perEngine).sort((a, b) => b - a)
      let [best, sum] = [0, 0]
      for (const [index, price] of prices.entries()) {
        sum += price
        best = Math.max(best, speedOf(index + 1) * sum)
      }
      return best
    })
  const perToken = Object.keys(profile.models).map(
    (model) => [model, mean((rate) => enginePrice(rate, model, 1).perCache)] as const,
  )
  const pricedCaches = perToken.filter(([, price]) => price > 0)
  const ofCaches = (kvTokens: Readonly<Record<ModelId, number>>) =>
    pricedCaches.reduce((sum, [model, price]) => sum + price * (kvTokens[model] ?? 0), 0)
  const own = placement.gpus.reduce((sum, load) => sum + ofLoad(load), 0) + ofCaches(placement.kvTokens)
  return { base: goodput - own, ofLoad, ofCaches }
}
