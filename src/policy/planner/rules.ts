/**
 * @file `rules`, the default planner: the team that is worth most within the time, at today's prices.
 *
 * Candidates are staffed from one price list with the arms that the executor would take, those that do not fit the
 * budget fall out, the rest are scored (see weigh.ts). Load makes teams smaller twice over: through the congestion price,
 * and by a cap on calls. One agent does where the request demands it, in conversation, and where nothing fits. Nothing
 * is random; some 20 us per query for five models.
 */
import type { ClusterState, Plan, PlanAlternative, Planner, Query, StepKind } from '../../core/index.ts'
import { strategiesUpTo, type Topology, type TopologyBook } from '../../team/index.ts'
import {
  latencyQuantile,
  mayBackUp,
  type PoolPredictor,
  type PricedArm,
  type PriceList,
  type SafetyFactor,
} from '../predict/index.ts'
import { type Candidate, listCandidates, mostAgents, toCandidate } from './candidates.ts'
import { TeamMemory } from './team-memory.ts'
import { type Weighed, type WeighTerms, weigh, weighSingle } from './weigh.ts'

/** Tokens of a role's and strategy's text, and of one output that another step reads. Rough: prefill is cheap. */
const roleTokens = 150
const readTokens = 350
/** Below this a second call's overheads and its tail cost more than it tells. */
const shortestTeamMs = 4_000
const mostAlternatives = 4

export interface RulesDeps {
  readonly predictor: PoolPredictor
  readonly safety: SafetyFactor
  readonly topologies: TopologyBook
  /** Default true; false for ablation. */
  readonly plansBackups?: boolean
}

/** Most calls of a team at this load of the pool: (running + waiting) / slots. */
function mostCallsAtLoad(load: number): number {
  if (load < 0.5) return Infinity
  if (load < 0.8) return 5
  return load < 1.1 ? 3 : 1
}

/** Lines that a caller's limits and the pool allow, by kind of step; priced on first use. */
function createLines(query: Query, state: ClusterState, predictor: PoolPredictor): (kind: StepKind) => PriceList {
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

/** Whether the caller's and the load's limits leave room for this team. */
function isAllowed(candidate: Candidate, query: Query, state: ClusterState): boolean {
  const { maxAgents = mostAgents, maxCalls = Infinity } = query.limits
  if (candidate.agents > maxAgents || candidate.steps.length > maxCalls) return false
  if (candidate.agents === 1) return true
  const leftMs = query.deadlineAtMs - state.atMs
  return leftMs >= shortestTeamMs && candidate.steps.length <= mostCallsAtLoad(state.load)
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

const toAlternative = ({ candidate, predictedMs, quality, score }: Weighed): PlanAlternative => ({
  topology: candidate.topology,
  agents: candidate.agents,
  predictedMs,
  quality,
  score,
})

const teamOf = ({ topology, agents, steps, merge, stopsOnAgreement }: Candidate) => ({
  topology,
  agents,
  steps,
  merge,
  stopsOnAgreement,
})

const toPlan = (taken: Weighed, reason: string, others: readonly Weighed[] = []): Plan => ({
  ...teamOf(taken.candidate),
  predictedMs: taken.predictedMs,
  quality: taken.quality,
  score: taken.score,
  reason,
  alternatives: others
    .filter((other) => other !== taken)
    .slice(0, mostAlternatives)
    .map(toAlternative),
})

/** Whether one agent must do: our own reading of a question as conversation yields to a topology that was asked for. */
const mustBeAlone = ({ soloReason, limits }: Query): boolean =>
  soloReason !== null && !(soloReason === 'chat' && limits.topology !== undefined)

/** Whether its agents read each other, or are compared: one alone would make nothing of it. */
const isMeeting = ({ edgesWithinRound, edgesFromPreviousRound, escalation }: Topology): boolean =>
  escalation || edgesWithinRound !== 'none' || edgesFromPreviousRound === 'others' || edgesFromPreviousRound === 'all'

export function createRules({ predictor, safety, topologies, plansBackups }: RulesDeps): Planner {
  const memory = new TeamMemory()
  const lists = new Map<string, readonly Candidate[]>()
  const candidatesFor = (query: Query): readonly Candidate[] => {
    const { domain, answerFormat, limits } = query
    const key = `${domain} ${answerFormat} ${limits.topology ?? ''}`
    const known = lists.get(key)
    if (known) return known
    const asked = limits.topology === undefined ? undefined : topologies.get(limits.topology)
    const list = listCandidates(topologies, { domain, answerFormat }, asked)
    lists.set(key, list)
    return list
  }
  /** Who asks for a topology in which agents meet means two or more, if they fit. */
  const asAsked = (fitting: Weighed[], { limits }: Query): Weighed[] => {
    if (limits.topology === undefined || !isMeeting(topologies.get(limits.topology))) return fitting
    const several = fitting.filter(({ candidate }) => candidate.agents > 1)
    return several.length > 0 ? several : fitting
  }
  const alone = (query: Query): Candidate => toCandidate(topologies.get('io'), 1, query)

  /** The smallest team, staffed with whatever is soonest. */
  const makeDo = (candidate: Candidate, terms: WeighTerms, reason: string): Plan => {
    const line = soonest(terms.lines('solve'))
    if (line) return toPlan(weighSingle(candidate, line, terms), reason)
    return { ...teamOf(candidate), predictedMs: 0, quality: 0, reason: 'no-usable-model', alternatives: [] }
  }

  const plan = (query: Query, state: ClusterState): Plan => {
    const terms: WeighTerms = {
      leftMs: query.deadlineAtMs - state.atMs,
      safety: safety.value,
      plansBackups: plansBackups !== false && mayBackUp(query, state),
      kind: { domain: query.domain, format: query.answerFormat },
      lines: createLines(query, state, predictor),
    }
    if (mustBeAlone(query)) {
      const single = alone(query)
      const weighed = weigh(single, terms)
      return weighed ? toPlan(weighed, query.soloReason as string) : makeDo(single, terms, query.soloReason as string)
    }
    const all = candidatesFor(query)
    const fitting = all
      .filter((candidate) => isAllowed(candidate, query, state))
      .map((candidate) => weigh(candidate, terms))
      .filter((weighed) => weighed !== null && fitsTokens(weighed, query)) as Weighed[]
    const ranked = asAsked(fitting, query)
    if (ranked.length === 0) return makeDo(all[0] as Candidate, terms, 'nothing-fits')
    ranked.sort((a, b) => b.score - a.score)
    const taken = memory.choose(ranked, { domain: query.domain, budgetMs: query.budgetMs, nowMs: state.atMs })
    if (ranked.length === 1) return toPlan(taken, 'only-fit')
    return toPlan(taken, taken === ranked[0] ? 'best-score' : 'kept-by-hysteresis', ranked)
  }
  return { name: 'rules', plan }
}
