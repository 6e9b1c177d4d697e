/**
 * @file `rules`, the default planner: the team that is worth most within the time, at today's prices.
 *
 * Of the teams on the shortlist (see shortlist.ts) the best score wins, unless the one chosen last is nearly as good. Load
 * makes teams smaller twice over: through the congestion price, and by a cap on calls. Nothing is random; some 20 us per
 * query for five models.
 */
import type { ClusterState, Plan, Planner, Query } from '../../core/index.ts'
import { createShortlister, type ShortlistDeps } from './shortlist.ts'
import { TeamMemory } from './team-memory.ts'
import { toPlan } from './to-plan.ts'

export type RulesDeps = Omit<ShortlistDeps, 'mostCallsAtLoad'>

/** Most calls of a team at this load of the pool: (running + waiting) / slots. */
export function mostCallsAtLoad(load: number): number {
  if (load < 0.5) return Infinity
  if (load < 0.8) return 5
  return load < 1.1 ? 3 : 1
}

export const createRules = (deps: RulesDeps): Planner => createBestScore('rules', { ...deps, mostCallsAtLoad })

/** As `rules`, of the fitted rules and the wider list that `deps` bring, and with no cap by load: prices are to do that. */
export const createDual = (deps: RulesDeps): Planner => createBestScore('dual', deps)

function createBestScore(name: string, deps: ShortlistDeps): Planner {
  const memory = new TeamMemory()
  const shortlist = createShortlister(deps)
  const plan = (query: Query, state: ClusterState): Plan => {
    const list = shortlist(query, state)
    if (list.kind === 'decided') return list.plan
    const ranked = [...list.fitting].sort((a, b) => b.score - a.score)
    const taken = memory.choose(ranked, { domain: query.domain, budgetMs: query.budgetMs, nowMs: state.atMs })
    if (ranked.length === 1) return toPlan(taken, 'only-fit')
    return toPlan(taken, taken === ranked[0] ? 'best-score' : 'kept-by-hysteresis', ranked)
  }
  return { name, plan }
}
