/**
 * @file MasRouter's cascade: from the question and the price to a team, then to a model for each agent, one after the other.
 *
 * Serving takes the most likely choice, training draws one; both run this code. Networks are those of our own policies, from
 * scratch: no base scores. Roles are the line-up's, depth is the domain's, and an aggregator's model is chosen like an agent's.
 * Source: MasRouter, Yue et al. 2025, arXiv 2502.11133 (collaboration mode, roles and models as a cascade, REINFORCE on
 * utility less cost); its networks are not rebuilt here.
 */
import {
  type AnswerFormat,
  type Arm,
  type Domain,
  invariant,
  type ModelId,
  type ModelPrior,
  type StrategyId,
} from '../../../core/index.ts'
import { outputCapTokens, type TopologyBook } from '../../../team/index.ts'
import { createCandidateScorer, type ScoredDecision } from '../../nn/index.ts'
import { FeatureRow } from '../../observe/index.ts'
import { type Candidate, toCandidate } from '../../planner/index.ts'
import { billionsOf, clippedLogNormal, isReasoningModelName, shareBeyond } from '../../predict/index.ts'
import {
  type OfferedModel,
  putModelContext,
  putOfferedModels,
  putRoutedTeams,
  putTeamContext,
  type RoutedPlace,
  type RoutedQuestion,
  type RouterScene,
  routedTopologies,
  routerScorerConfig,
} from './router-features.ts'
import type { PriceSetting, RouterLevel, RouterPolicy, RouterSettings } from './router-policy.ts'

/** What a choice is made from; views that the next choice writes over. */
export interface RouterChoice extends Pick<ScoredDecision, 'context' | 'candidates' | 'count' | 'base'> {
  readonly level: RouterLevel
  readonly logits: Float32Array
}

export interface RouteTerms {
  readonly question: RoutedQuestion
  readonly price: PriceSetting
  /** At least one. */
  readonly models: readonly ModelId[]
  /** At least one. */
  readonly candidates: readonly Candidate[]
  /** Place of what is taken. Not asked where there is but one. */
  readonly take: (choice: RouterChoice) => number
}

/** A team and who holds its steps, in their order. */
export interface Route {
  readonly candidate: Candidate
  readonly arms: readonly Arm[]
}

export type Cascade = (terms: RouteTerms) => Route

export const mostRoutedAgents = 6
/** Far more than teams; models of a pool beyond it are a mistake. */
const mostCandidates = 256

/** Every team that is routed to: an agent alone, and each topology with up to six; alike teams once. */
export function routedCandidates(
  topologies: Pick<TopologyBook, 'find'>,
  key: { readonly domain: Domain; readonly answerFormat: AnswerFormat },
): readonly Candidate[] {
  // With one agent only `reflection` differs from `io`; with two, `full-connected` is `chain`.
  const fewest = { io: 1, chain: 2, 'full-connected': 3, debate: 2, reflection: 1 }
  return routedTopologies.flatMap((id) => {
    const topology = topologies.find(id)
    if (!topology) return []
    const counts = Array.from({ length: mostRoutedAgents + 1 - fewest[id] }, (_, index) => fewest[id] + index)
    return counts.map((agents) => asRouted(toCandidate(topology, agents, key, 'model')))
  })
}

/** As published: nobody looks whether answers agree. */
export const asRouted = (candidate: Candidate): Candidate => ({ ...candidate, stopsOnAgreement: false })

/** What is known of a model for a domain, beforehand and under the cap of `strategy`. */
export function offerOf(
  { model, prior }: { readonly model: ModelId; readonly prior: ModelPrior },
  { domain, strategy, priceWeight }: { domain: Domain; strategy: StrategyId; priceWeight: number },
): OfferedModel {
  const { mean, sigma } = prior.outputTokens.value[domain][strategy]
  const cap = outputCapTokens({ strategy, domain, isReasoningModel: isReasoningModelName(model) })
  const clipped = clippedLogNormal(mean, sigma, cap)
  const outputTokens = Math.exp(clipped.mu + clipped.sigma ** 2 / 2)
  const billions = billionsOf(model, prior.tier)
  return {
    quality: prior.quality.value[domain][strategy] * (1 - shareBeyond(mean, sigma, cap)),
    outputTokens,
    billions,
    cost: (priceWeight * billions * outputTokens) / 1000,
  }
}

/**
 * Throws `INVARIANT_VIOLATED` where the networks' size does not fit. `createScorer` default: the fast one, which copies the
 * weights; the plain one reads them as they are at each call, as who trains them needs it.
 */
export function createCascade(
  policy: RouterPolicy,
  priorOf: (model: ModelId) => ModelPrior,
  createScorer: typeof createCandidateScorer = createCandidateScorer,
): Cascade {
  const offer = createOffers(policy, priorOf)
  const chooseTeam = createLevel('team', policy, createScorer)
  const chooseModel = createLevel('model', policy, createScorer)
  return ({ question, price, models, candidates, take }) => {
    const { domain } = question
    const strategy = policy.depths[domain][price]
    const offered = models.map((model) => offer(model, domain, price))
    const scene: RouterScene = { question, priceWeight: policy.priceWeights[price], offered }
    const team = chooseTeam(candidates.length, take, (context, rows) => {
      putTeamContext(context, scene)
      putRoutedTeams(rows, candidates, scene)
    })
    const candidate = candidates[team] as Candidate
    const chosen: number[] = []
    const places = placesOf(candidate)
    for (const own of places) {
      const place = { ...own, candidate, before: chosen.slice() }
      const model = chooseModel(models.length, take, (context, rows) => {
        putModelContext(context, scene, place)
        putOfferedModels(rows, scene, place)
      })
      chosen.push(model)
    }
    const modelAt = (id: string) => models[chosen[places.findIndex(({ agent }) => agent === agentOf(id))] as number]
    return { candidate, arms: candidate.steps.map(({ id }) => ({ model: modelAt(id) as ModelId, strategy })) }
  }
}

/** Place of the agent that takes a step; null for the step that merges. */
function agentOf(stepId: string): number | null {
  const agent = Number(stepId.split('/')[1] ?? Number.NaN)
  return Number.isInteger(agent) ? agent : null
}

/** The agents in their order, then the aggregator where there is one. */
function placesOf({ steps }: Candidate): readonly Pick<RoutedPlace, 'agent' | 'calls'>[] {
  const calls = new Map<number | null, number>()
  for (const { id } of steps) calls.set(agentOf(id), (calls.get(agentOf(id)) ?? 0) + 1)
  return [...calls].map(([agent, count]) => ({ agent, calls: count }))
}

function createOffers({ depths, priceWeights }: RouterSettings, priorOf: (model: ModelId) => ModelPrior) {
  const known = new Map<string, OfferedModel>()
  return (model: ModelId, domain: Domain, price: PriceSetting): OfferedModel => {
    const key = `${domain}|${price}|${model}`
    const terms = { domain, strategy: depths[domain][price], priceWeight: priceWeights[price] }
    const offered = known.get(key) ?? offerOf({ model, prior: priorOf(model) }, terms)
    known.set(key, offered)
    return offered
  }
}

type Write = (context: FeatureRow, rows: FeatureRow) => void

/** One network with its inputs. */
function createLevel(
  level: RouterLevel,
  { hidden, networks }: RouterPolicy,
  createScorer: typeof createCandidateScorer,
) {
  const config = routerScorerConfig(level, hidden)
  const network = createScorer(config, networks[level])
  const context = new Float32Array(config.contextSize)
  const candidates = new Float32Array(mostCandidates * config.candidateSize)
  const base = new Float32Array(mostCandidates)
  const [contextRow, rows] = [
    new FeatureRow(context, config.contextSize),
    new FeatureRow(candidates, config.candidateSize),
  ]
  return (count: number, take: RouteTerms['take'], write: Write): number => {
    if (count === 1) return 0
    invariant(count <= mostCandidates, `${count} candidates of a ${level}, more than ${mostCandidates}`)
    write(contextRow, rows)
    const logits = network.score({ context, candidates, count, base })
    return take({ level, context, candidates, count, base, logits })
  }
}
