/**
 * @file What the default team would take: where a budget of `auto` comes from.
 *
 * The default team is the best-scored one of `rules` within a given time, at the present load; no memory of other queries
 * plays a part, so asking changes nothing. Its latency is a sum over waves, each as slow as its slowest call:
 *
 *   p95 = sum m_i + sqrt(sum (w_i(.95) - m_i)^2),   w_i(p) = slowest quantile p^(1/n) of the wave's n calls
 *
 * with means m_i = .3 w_i(.1) + .4 w_i(.5) + .3 w_i(.9) (Swanson's rule). Exact for one wave and for normal waves. A wave
 * that may be left out counts in full where it is likelier than 1 in 20 to run: the quantile is meant to cover it.
 */
import type { ClusterState, ModelId, Query } from '../../core/index.ts'
import { latencyQuantile } from '../predict/index.ts'
import { mostCallsAtLoad, type RulesDeps } from './rules.ts'
import { createShortlister } from './shortlist.ts'
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

export function createTeamForecaster(deps: RulesDeps): TeamForecaster {
  const shortlist = createShortlister({ ...deps, mostCallsAtLoad })
  return (query, state) => {
    const list = shortlist(query, state)
    const weighed = list.kind === 'decided' ? list.weighed : bestOf(list.fitting)
    if (weighed === null) return null
    const { topology, agents } = weighed.candidate
    const models = [...new Set(weighed.staffed.flatMap(({ arms }) => arms.map(({ arm }) => arm.model)))]
    return { topology, agents, models, p95Ms: p95Of(weighed) }
  }
}

const bestOf = (fitting: readonly Weighed[]): Weighed =>
  fitting.reduce((best, weighed) => (weighed.score > best.score ? weighed : best))

function p95Of({ staffed, escalationChance }: Weighed): number {
  let meanMs = 0
  let spread = 0
  for (const { arms, isEscalation } of staffed) {
    if (isEscalation && escalationChance <= 0.05) continue
    const waveMs = (p: number) => Math.max(...arms.map((line) => latencyQuantile(line, p ** (1 / arms.length))))
    const waveMeanMs = 0.3 * waveMs(0.1) + 0.4 * waveMs(0.5) + 0.3 * waveMs(0.9)
    meanMs += waveMeanMs
    spread += (waveMs(0.95) - waveMeanMs) ** 2
  }
  return meanMs + Math.sqrt(spread)
}
