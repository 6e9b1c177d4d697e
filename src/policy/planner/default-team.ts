/**
 * @file What the default team would take: where a budget of `auto` comes from.
 *
 * The default team is the best-scored one of `rules` on the pool at rest (see at-rest.ts), by the prior alone and under
 * the safety factor of the start: load takes no agent away, neither at once nor by the slow calls and late runs that it
 * brings about. It is priced at the present load by what calls have shown, so the same knowledge of a busier pool never
 * makes the budget shorter. No memory of other queries plays a part, and asking changes nothing. Its latency is a sum over
 * waves, each as slow as its slowest call:
 *
 *   p95 = sum m_i + sqrt(sum (w_i(.95) - m_i)^2),   w_i(p) = slowest quantile p^(1/n) of the wave's n calls
 *
 * with means m_i = .3 w_i(.1) + .4 w_i(.5) + .3 w_i(.9) (Swanson's rule). Exact for one wave and for normal waves. A wave
 * that may be left out counts in full where it is likelier than 1 in 20 to run: the quantile is meant to cover it.
 */
import { armKey, type ClusterState, type ModelId, type Query, type StepKind } from '../../core/index.ts'
import { latencyQuantile, type PoolPredictor, type PricedArm, type PriceList, SafetyFactor } from '../predict/index.ts'
import { atRest, pricedAtRest } from './at-rest.ts'
import { mostCallsAtLoad, type RulesDeps } from './rules.ts'
import { createLines, createShortlister } from './shortlist.ts'
import type { Weighed } from './weigh.ts'

export interface TeamForecast {
  readonly topology: string
  readonly agents: number
  readonly models: readonly ModelId[]
  /** Latency of the whole team that is not passed 19 times in 20. ms. */
  readonly p95Ms: number
}

/** Null where no model of `state` is usable. Throws `REQUEST_INVALID` for a topology that does not exist. */
export type TeamForecaster = (query: Query, state: ClusterState) => TeamForecast | null

export interface TeamForecasterDeps extends Omit<RulesDeps, 'safety'> {
  /** Hears of every call: what the team takes now. */
  readonly predictor: PoolPredictor
  /** Over the same pool, hears of no call: which team it is. */
  readonly untaught: PoolPredictor
  /** Safety factor that the gateway starts from. Default: as `SafetyFactor`. */
  readonly safetyStart?: number | undefined
}

export function createTeamForecaster({ untaught, safetyStart, ...deps }: TeamForecasterDeps): TeamForecaster {
  const atStart = { predictor: pricedAtRest(untaught), safety: new SafetyFactor(safetyStart) }
  const shortlist = createShortlister({ ...deps, ...atStart, mostCallsAtLoad })
  return (query, state) => {
    const lines = createLines(query, state, deps.predictor)
    const list = shortlist(query, atRest(state))
    const weighed = list.kind === 'decided' ? list.weighed : bestOf(list.fitting)
    if (weighed === null) return null
    const { topology, agents } = weighed.candidate
    const models = [...new Set(weighed.staffed.flatMap(({ arms }) => arms.map(({ arm }) => arm.model)))]
    return { topology, agents, models, p95Ms: p95Of(weighed, lines) }
  }
}

const bestOf = (fitting: readonly Weighed[]): Weighed =>
  fitting.reduce((best, weighed) => (weighed.score > best.score ? weighed : best))

/** At the prices of `lines`. */
function p95Of({ staffed, escalationChance }: Weighed, lines: (kind: StepKind) => PriceList): number {
  let meanMs = 0
  let spread = 0
  for (const { kind, arms, isEscalation } of staffed) {
    if (isEscalation && escalationChance <= 0.05) continue
    const priced = arms.map((line) => lineOf(line, lines(kind)))
    const waveMs = (p: number) => Math.max(...priced.map((line) => latencyQuantile(line, p ** (1 / arms.length))))
    const waveMeanMs = 0.3 * waveMs(0.1) + 0.4 * waveMs(0.5) + 0.3 * waveMs(0.9)
    meanMs += waveMeanMs
    spread += (waveMs(0.95) - waveMeanMs) ** 2
  }
  return meanMs + Math.sqrt(spread)
}

/** Load makes no arm unusable and takes no context away, so the line is there. */
const lineOf = ({ arm }: PricedArm, lines: PriceList): PricedArm =>
  lines.find((line) => armKey(line.arm) === armKey(arm)) as PricedArm
