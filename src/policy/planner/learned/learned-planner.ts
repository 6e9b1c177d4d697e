/**
 * @file `learned`: the team that a trained network takes from the shortlist.
 *
 * The network adds a learnt correction to the scores of the training-free planner over a temperature; a policy trained
 * from scratch gets none. No rule of thumb about load stands between: the cap on calls of `rules` is not applied. Serving
 * takes the most likely team, training draws one.
 */
import type { ClusterState, Plan, Planner, Query } from '../../../core/index.ts'
import { type CandidateScorer, createCandidateScorer } from '../../nn/index.ts'
import { type Exploration, FeatureRow, takeCandidate } from '../../observe/index.ts'
import { createShortlister, type ShortlistDeps } from '../shortlist.ts'
import { toPlan } from '../to-plan.ts'
import type { Weighed } from '../weigh.ts'
import { type PlanScene, planContextNames, putPlanContext, putTeams, teamCandidateNames } from './team-features.ts'

/** What is asked of a learned planner beside its weights. */
export interface LearnedPlannerOptions {
  /** Flat, as `candidateScorerShapes` lays them out. */
  readonly parameters: Float32Array
  readonly hidden: number
  /** Quality points per unit of logit of the base scores; null: no base. */
  readonly temperature: number | null
  /** Default true; false for ablation. */
  readonly readsText?: boolean
  readonly exploration?: Exploration
}

const mostTeams = 64

/** Throws `INVARIANT_VIOLATED` where the number of parameters does not fit. */
export function createLearnedPlanner(deps: ShortlistDeps, options: LearnedPlannerOptions): Planner {
  const shortlist = createShortlister({ breadth: 'wide', ...deps })
  const network = createCandidateScorer(planScorerConfig(options.hidden), options.parameters)
  const choose = createChooser(network, options)
  const plan = (query: Query, state: ClusterState): Plan => {
    const list = shortlist(query, state)
    if (list.kind === 'decided') return list.plan
    const { fitting, terms } = list
    const [only] = fitting
    if (fitting.length === 1 && only) return toPlan(only, 'only-fit')
    const scene = {
      query,
      state,
      fitting,
      lines: terms.lines('solve'),
      safety: terms.safety,
      readsText: options.readsText !== false,
    }
    const { place, logits } = choose(scene)
    const ranked = fitting
      .map((weighed, index) => ({ ...weighed, score: logits[index] as number }))
      .sort((a, b) => b.score - a.score)
    return toPlan({ ...(fitting[place] as Weighed), score: logits[place] as number }, 'learned', ranked)
  }
  return { name: 'learned', plan }
}

export const planScorerConfig = (hidden: number) => ({
  contextSize: planContextNames.length,
  candidateSize: teamCandidateNames.length,
  hidden,
})

function createChooser(network: CandidateScorer, { temperature, exploration }: LearnedPlannerOptions) {
  const context = new Float32Array(planContextNames.length)
  const candidates = new Float32Array(mostTeams * teamCandidateNames.length)
  const base = new Float32Array(mostTeams)
  const contextRow = new FeatureRow(context, planContextNames.length)
  const teamRow = new FeatureRow(candidates, teamCandidateNames.length)
  return (scene: PlanScene) => {
    const count = scene.fitting.length
    putPlanContext(contextRow, scene)
    putTeams(teamRow, scene)
    for (const [index, { score }] of scene.fitting.entries())
      base[index] = temperature === null ? 0 : score / temperature
    const logits = network.score({ context, candidates, count, base })
    const seen = { context, candidates, count, base }
    const scored = { level: 'planner' as const, runId: scene.query.runId, logits, seen }
    return { place: takeCandidate({ ...scored, candidateSize: teamCandidateNames.length }, exploration), logits }
  }
}
