/**
 * @file The teams that one query may be given: staffed at today's prices, within the budget and everybody's limits.
 *
 * Candidates are staffed from one price list with the arms that the executor would take; those that do not fit fall out,
 * the rest are scored (see weigh.ts). Who then takes one of them is the planner's business. Where there is nothing to take,
 * the plan is made here: one agent where the request demands it, and where nothing fits the smallest team, staffed with
 * whatever is soonest.
 */
import type { ClusterState, Plan, Query, StepKind } from '../../core/index.ts'
import { strategiesUpTo, type Topology, type TopologyBook } from '../../team/index.ts'
import {
  latencyQuantile,
  mayBackUp,
  type PoolPredictor,
  type PricedArm,
  type PriceList,
  type Safety,
} from '../predict/index.ts'
import { type Breadth, type Candidate, listCandidates, mostAgents, toCandidate } from './candidates.ts'
import type { TeamRules } from './team-rules.ts'
import { teamOf, toPlan } from './to-plan.ts'
import { type Weighed, type WeighTerms, weigh, weighSingle } from './weigh.ts'

/** Tokens of a role's and strategy's text, and of one output that another step reads. Rough: prefill is cheap. */
const roleTokens = 150
const readTokens = 350
/** Below this a second call's overheads and its tail cost more than it tells. */
const shortestTeamMs = 4_000

export interface ShortlistDeps {
  readonly predictor: PoolPredictor
  readonly safety: Safety
  readonly topologies: TopologyBook
  /** Default true; false for ablation. */
  readonly plansBackups?: boolean
  /** Default `usual`. */
  readonly breadth?: Breadth
  /** What teams make of their answers. Default: the assumed rules. */
  readonly teamRules?: TeamRules
  /** Most calls of a team at a load of the pool: a rule of thumb of the training-free planner. Default: no cap. */
  readonly mostCallsAtLoad?: (load: number) => number
}

/**
 * `open`: at least one team fits; in the order of the candidates, smallest first. `decided`: `weighed` is what the plan was
 * made of, null where no model was usable.
 */
export type Shortlist =
  | { readonly kind: 'decided'; readonly plan: Plan; readonly weighed: Weighed | null }
  | { readonly kind: 'open'; readonly fitting: readonly Weighed[]; readonly terms: WeighTerms }

export type Shortlister = (query: Query, state: ClusterState) => Shortlist

/** Lines that a caller's limits and the pool allow, by kind of step; priced on first use. */
export function createLines(
  query: Query,
  state: ClusterState,
  predictor: PoolPredictor,
): (kind: StepKind) => PriceList {
  const byKind = new Map<StepKind, PriceList>()
  const { strategy, deepestStrategy } = query.limits
  const depths = strategy === undefined ? strategiesUpTo(deepestStrategy) : [strategy]
  return (kind) => {
    const known = byKind.get(kind)
    if (known) return known
    const reads = kind === 'solve' ? 0 : kind === 'revise' ? 1 : 3
    const promptTokens = query.promptTokens + roleTokens + reads * readTokens
    const all = predictor.priceList({ query, kind, promptTokens }, state)
    const lines = all.filter((line) => line.isUsable && line.fitsContext && depths.includes(line.arm.strategy))
    byKind.set(kind, lines)
    return lines
  }
}

function fitsTokens(weighed: Weighed, query: Query): boolean {
  const limit = query.limits.maxTotalTokens
  if (limit === undefined) return true
  const { waves } = weighed.candidate
  const promptTokens = waves.reduce(
    (sum, wave) => sum + wave.count * (query.promptTokens + roleTokens + wave.reads * readTokens),
    0,
  )
  return promptTokens + weighed.outputTokens <= limit
}

/** Where nothing fits: the arm that is most surely done soonest, at the least depth that the list has. */
function soonest(lines: PriceList): PricedArm | null {
  let best: PricedArm | null = null
  let bestMs = Infinity
  for (const line of lines) {
    const ms = latencyQuantile(line, 0.9)
    if (ms < bestMs) {
      best = line
      bestMs = ms
    }
  }
  return best
}

/** Whether one agent must do: our own reading of a question as conversation yields to a topology that was asked for. */
const mustBeAlone = ({ soloReason, limits }: Query): boolean =>
  soloReason !== null && !(soloReason === 'chat' && limits.topology !== undefined)

/** Whether its agents read each other, or are compared: one alone would make nothing of it. */
const isMeeting = ({ edgesWithinRound, edgesFromPreviousRound, escalation }: Topology): boolean =>
  escalation || edgesWithinRound !== 'none' || edgesFromPreviousRound === 'others' || edgesFromPreviousRound === 'all'

/** Candidates by kind of question, laid out once. */
function createCandidateLists(topologies: TopologyBook, breadth: Breadth): (query: Query) => readonly Candidate[] {
  const lists = new Map<string, readonly Candidate[]>()
  return ({ domain, answerFormat, limits }) => {
    const key = `${domain} ${answerFormat} ${limits.topology ?? ''}`
    const known = lists.get(key)
    if (known) return known
    const asked = limits.topology === undefined ? {} : { asked: topologies.get(limits.topology) }
    const list = listCandidates(topologies, { domain, answerFormat }, { ...asked, breadth })
    lists.set(key, list)
    return list
  }
}

/** The smallest team, staffed with whatever is soonest. */
function makeDo(candidate: Candidate, terms: WeighTerms, reason: string): Shortlist {
  const line = soonest(terms.lines('solve'))
  if (line) return decided(weighSingle(candidate, line, terms), reason)
  const plan = { ...teamOf(candidate), predictedMs: 0, quality: 0, reason: 'no-usable-model', alternatives: [] }
  return { kind: 'decided', plan, weighed: null }
}

const decided = (weighed: Weighed, reason: string): Shortlist => ({
  kind: 'decided',
  plan: toPlan(weighed, reason),
  weighed,
})

export function createShortlister(deps: ShortlistDeps): Shortlister {
  const { predictor, safety, topologies, plansBackups, breadth = 'usual', teamRules, mostCallsAtLoad } = deps
  const candidatesFor = createCandidateLists(topologies, breadth)
  /** Whether the caller's and the load's limits leave room for this team. */
  const isAllowed = (candidate: Candidate, query: Query, state: ClusterState): boolean => {
    const { maxAgents = mostAgents, maxCalls = Infinity } = query.limits
    if (candidate.agents > maxAgents || candidate.steps.length > maxCalls) return false
    if (candidate.agents === 1) return true
    const leftMs = query.deadlineAtMs - state.atMs
    const mostCalls = mostCallsAtLoad ? mostCallsAtLoad(state.load) : Infinity
    return leftMs >= shortestTeamMs && candidate.steps.length <= mostCalls
  }
  /** Who asks for a topology in which agents meet means two or more, if they fit. */
  const asAsked = (fitting: Weighed[], { limits }: Query): Weighed[] => {
    if (limits.topology === undefined || !isMeeting(topologies.get(limits.topology))) return fitting
    const several = fitting.filter(({ candidate }) => candidate.agents > 1)
    return several.length > 0 ? several : fitting
  }
  return (query, state) => {
    const terms: WeighTerms = {
      leftMs: query.deadlineAtMs - state.atMs,
      safety: safety.value,
      plansBackups: plansBackups !== false && mayBackUp(query, state),
      kind: { domain: query.domain, format: query.answerFormat, ...(teamRules ? { rules: teamRules } : {}) },
      lines: createLines(query, state, predictor),
    }
    if (mustBeAlone(query)) {
      const single = toCandidate(topologies.get('io'), 1, query)
      const weighed = weigh(single, terms)
      const reason = query.soloReason as string
      return weighed ? decided(weighed, reason) : makeDo(single, terms, reason)
    }
    const all = candidatesFor(query)
    const fitting = all
      .filter((candidate) => isAllowed(candidate, query, state))
      .map((candidate) => weigh(candidate, terms))
      .filter((weighed) => weighed !== null && fitsTokens(weighed, query)) as Weighed[]
    const taken = asAsked(fitting, query)
    if (taken.length > 0) return { kind: 'open', fitting: taken, terms }
    return makeDo(all[0] as Candidate, terms, 'nothing-fits')
  }
}
