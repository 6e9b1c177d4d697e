/**
 * @file Draws the twins of one epoch, so that every epoch meets all loads, budgets and sets.
 *
 * Rates and budgets are dealt out in turn, everything else is drawn. Twins with few arrivals a minute run longer, so that
 * each brings about as many queries; a share of them meets bursts, faults, foreign pools and wrong estimates.
 */
import { clamp, keyedRandom, type Random } from '../../../core/index.ts'
import type { FaultKind } from '../../../twin/faults/index.ts'
import type { KnowledgeLevel } from '../../knowledge/index.ts'
import type { Scenario } from './scenario.ts'

export interface ScenarioOptions {
  /** Pools of the training ground; the first is the one that is trained for. */
  readonly pools: number
  /** Share of twins on another pool than the first. */
  readonly foreignShare: number
  /** By pool: factor on the rates, for its capacity. Default: 1 for all. */
  readonly rateFactors?: readonly number[]
  readonly datasets: readonly string[]
  readonly ratesPerMinute: readonly number[]
  /** Drawn from, so what stands here twice is met twice as often. null: drawn for every query. */
  readonly budgetsSeconds: readonly (number | null)[]
  /** Share of twins by what is known, adding up to 1. */
  readonly know: Readonly<Record<Exclude<KnowledgeLevel, 'profile'>, number>>
  /** Different estimates of the first pool that are met; of the others there is one, since each takes seconds to make. */
  readonly estimates: number
  readonly burstShare: number
  readonly faultShare: number
  /** Queries that a twin brings, about; the measured ones. */
  readonly queries: number
}

export const defaultScenarios: ScenarioOptions = {
  pools: 1,
  foreignShare: 0,
  datasets: ['mixed'],
  ratesPerMinute: [10, 30, 50, 100, 200],
  budgetsSeconds: [5, 10, 20, 30, 30, 50, 100, null],
  know: { exact: 0.15, estimated: 0.55, biased: 0.3 },
  estimates: 8,
  burstShare: 0.15,
  faultShare: 0.1,
  queries: 250,
}

/** Seeds of the estimates that are trained on: far from those of any benchmark, which are counted from its own seed. */
export const firstEstimate = 1_000_000

const shortestMinutes = 3
const longestMinutes = 25
const warmUpMinutes = 1
const faultsMet: readonly FaultKind[] = ['down', 'slow', 'stale-metrics', 'missing-metrics']

/** `count` scenarios of epoch `epoch`; the same under the same seed. */
export function drawScenarios(
  options: ScenarioOptions,
  { count, epoch, seed }: { readonly count: number; readonly epoch: number; readonly seed: number },
): readonly Scenario[] {
  const { ratesPerMinute, budgetsSeconds, rateFactors = [] } = options
  return Array.from({ length: count }, (_, index) => {
    const random = keyedRandom(seed, `scenario|${epoch}|${index}`)
    // Dealt so that over some epochs every rate meets every budget, whatever the number of twins.
    const turn = epoch * count + index
    const budgetSeconds = budgetsSeconds[random.below(budgetsSeconds.length)] ?? null
    const setting = drawSetting(options, random)
    const ratePerMinute = (ratesPerMinute[turn % ratesPerMinute.length] as number) * (rateFactors[setting.pool] ?? 1)
    return {
      ...setting,
      ratePerMinute,
      budgetSeconds,
      warmUpMinutes,
      minutes: clamp(options.queries / ratePerMinute, shortestMinutes, longestMinutes),
      seed: random.below(2 ** 30),
    }
  })
}

function drawSetting(options: ScenarioOptions, random: Random) {
  const { pools, foreignShare, datasets, estimates, burstShare, faultShare } = options
  const isForeign = pools > 1 && random.uniform() < foreignShare
  const pool = isForeign ? 1 + random.below(pools - 1) : 0
  const know = drawKnow(options.know, random.uniform())
  const estimate = firstEstimate + random.below(estimates)
  return {
    pool,
    know,
    knowSeed: isForeign ? firstEstimate : estimate,
    dataset: random.pick(datasets),
    arrivals: random.uniform() < burstShare ? 'on-off' : 'poisson',
    fault: random.uniform() < faultShare ? { kind: random.pick(faultsMet), place: random.uniform() } : null,
  }
}

function drawKnow(shares: ScenarioOptions['know'], uniform: number): KnowledgeLevel {
  if (uniform < shares.exact) return 'exact'
  return uniform < shares.exact + shares.estimated ? 'estimated' : 'biased'
}
