/**
 * @file What the default team would take: where a budget of `auto` comes from.
 *
 * The default team is the best-scored one of `rules` within a given time, at the present load; no memory of other queries
 * plays a part, so asking changes nothing. Its latency is a sum over waves, each as slow as its slowest call:
 *
 *   q(p) = sum m_i + sqrt(sum (w_i(p) - m_i)^2),   w_i(p) = slowest quantile p^(1/n) of the wave's calls, m_i = w_i(0.5)
 *
 * which is exact for one wave and for normal waves. A wave that may be left out counts in full where it is likelier than
 * 1 - p to run: the quantile is meant to cover it.
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
  /** Latency of the whole team not passed with probability `p`, in (0, 1). ms. */
  quantileMs(p: number): number
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
    return { topology, agents, models, quantileMs: (p) => quantileMs(weighed, p) }
  }
}

const bestOf = (fitting: readonly Weighed[]): Weighed =>
  fitting.reduce((best, weighed) => (weighed.score > best.score ? weighed : best))

function quantileMs({ staffed, escalationChance }: Weighed, p: number): number {
  let medianMs = 0
  let spread = 0
  for (const { arms, isEscalation } of staffed) {
    if (isEscalation && escalationChance <= 1 - p) continue
    const waveMs = (quantile: number) =>
      Math.max(...arms.map((line) => latencyQuantile(line, quantile ** (1 / arms.length))))
    const waveMedianMs = waveMs(0.5)
    medianMs += waveMedianMs
    spread += (waveMs(p) - waveMedianMs) ** 2
  }
  return medianMs + Math.sqrt(spread)
}
