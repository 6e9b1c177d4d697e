/**
 * @file `learned`: the team that a trained network takes from the shortlist.
 *
 * The network adds a learnt correction to the scores of the training-free planner over a temperature; a policy trained
 * from scratch gets none. No rule of thumb about load stands between: the cap on calls of `rules` is not applied. Serving
 * takes the most likely team, training draws one. Where numbers are not finite the training-free planner decides.
 */
import type { ClusterState, Plan, Planner, Query } from '../../../core/index.ts'
import { type CandidateScorer, createCandidateScorer, logSumExp } from '../../nn/index.ts'
import {
  createFeatureMask,
  type Exploration,
  type FallbackListener,
  FeatureRow,
  type FeatureView,
  type PolicyFallback,
  runnersUp,
  takeCandidate,
  whyUnfit,
} from '../../observe/index.ts'
import { createShortlister, type ShortlistDeps } from '../shortlist.ts'
import { mostAlternatives, toPlan } from '../to-plan.ts'
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
  /** Which side of the pool is seen. Default both; else for ablation. */
  readonly view?: FeatureView
  readonly exploration?: Exploration
}

export interface LearnedPlannerDeps extends ShortlistDeps {
  /** Decides where the network cannot. */
  readonly instead: Planner
  readonly onFallback?: FallbackListener
}

const mostTeams = 64

/** Throws `INVARIANT_VIOLATED` where the number of parameters does not fit. */
export function createLearnedPlanner(deps: LearnedPlannerDeps, options: LearnedPlannerOptions): Planner {
  const shortlist = createShortlister({ breadth: 'wide', ...deps })
  const network = createCandidateScorer(planScorerConfig(options.hidden), options.parameters)
  const choose = createChooser(network, options)
  const plan = (query: Query, state: ClusterState): Plan => {
    const list = shortlist(query, state)
    if (list.kind === 'decided') return list.plan
    const { fitting, terms } = list
    const [only] = fitting
    if (fitting.length === 1 && only) return toPlan(only, 'only-fit')
    const scored = choose({
      query,
      state,
      fitting,
      lines: terms.lines('solve'),
      safety: terms.safety,
      readsText: options.readsText !== false,
    })
    if ('unfit' in scored) {
      deps.onFallback?.({ level: 'planner', reason: scored.unfit })
      return deps.instead.plan(query, state)
    }
    const { logits, place } = scored
    const logTotal = logSumExp(logits, fitting.length)
    const seen = (index: number): Weighed => {
      const logit = logits[index] as number
      return { ...(fitting[index] as Weighed), score: logit, probability: Math.exp(logit - logTotal) }
    }
    const others = runnersUp(logits, { taken: place, most: mostAlternatives })
    return toPlan(seen(place), 'learned', others.map(seen))
  }
  return { name: 'learned', plan }
}

export const planScorerConfig = (hidden: number) => ({
  contextSize: planContextNames.length,
  candidateSize: teamCandidateNames.length,
  hidden,
})

interface Scored {
  readonly place: number
  /** By team; the next decision writes over them. */
  readonly logits: Float32Array
}

function createChooser(network: CandidateScorer, { temperature, exploration, view = 'both' }: LearnedPlannerOptions) {
  const hideContext = createFeatureMask(planContextNames, view)
  const hideTeams = createFeatureMask(teamCandidateNames, view)
  const context = new Float32Array(planContextNames.length)
  const candidates = new Float32Array(mostTeams * teamCandidateNames.length)
  const base = new Float32Array(mostTeams)
  const contextRow = new FeatureRow(context, planContextNames.length)
  const teamRow = new FeatureRow(candidates, teamCandidateNames.length)
  return (scene: PlanScene): Scored | { readonly unfit: PolicyFallback['reason'] } => {
    const count = scene.fitting.length
    putPlanContext(contextRow, scene)
    putTeams(teamRow, scene)
    hideContext(context, 1)
    hideTeams(candidates, count)
    for (const [index, { score }] of scene.fitting.entries())
      base[index] = temperature === null ? 0 : score / temperature
    const logits = network.score({ context, candidates, count, base })
    const unfit = whyUnfit([contextRow, teamRow], logits)
    if (unfit !== null) return { unfit }
    const seen = { context, candidates, count, base }
    const scored = { level: 'planner' as const, runId: scene.query.runId, logits, seen }
    return { place: takeCandidate({ ...scored, candidateSize: teamCandidateNames.length }, exploration), logits }
  }
}
