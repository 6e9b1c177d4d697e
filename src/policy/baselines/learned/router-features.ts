/**
 * @file What `masrouter` sees: the question, the price, and each team or model by what it is known to be worth and to cost.
 *
 * Neither the load nor any time is among it: that is the method. Nothing names a model, so another pool needs no training.
 * Costs are in quality points, as the price setting weighs them.
 */
import { type AnswerFormat, type Domain, domains } from '../../../core/index.ts'
import { handFeatureNames } from '../../embed/index.ts'
import type { CandidateScorerConfig } from '../../nn/index.ts'
import { type FeatureRow, scaledOdds, scaledTokens } from '../../observe/index.ts'
import type { Candidate } from '../../planner/index.ts'

const formats: readonly AnswerFormat[] = ['number', 'choice', 'code', 'text']
/** Topologies that are routed to; `cot` is left out, since depth is set by the domain. */
export const routedTopologies = ['io', 'chain', 'full-connected', 'debate', 'reflection'] as const

/** The part of a query that is read. */
export interface RoutedQuestion {
  readonly domain: Domain
  readonly answerFormat: AnswerFormat
  /** As `handFeatureNames`. */
  readonly hand: Float32Array
}

/** A model for one domain, at its depth and price. */
export interface OfferedModel {
  /** Probability of a right answer within the cap, 0-1. */
  readonly quality: number
  /** Expected tokens of an answer. */
  readonly outputTokens: number
  readonly billions: number
  /** Of an answer, in quality points. */
  readonly cost: number
}

/** What a decision is about; `offered` must not be empty. */
export interface RouterScene {
  readonly question: RoutedQuestion
  /** Quality points per thousand tokens and billion parameters. */
  readonly priceWeight: number
  readonly offered: readonly OfferedModel[]
}

/** One agent of a team, or its aggregator. */
export interface RoutedPlace {
  readonly candidate: Candidate
  /** null: the aggregator. */
  readonly agent: number | null
  /** Calls that the agent makes. */
  readonly calls: number
  /** Places among `offered` of the models of the agents before it. */
  readonly before: readonly number[]
}

const shapeNames = [...routedTopologies.map((topology) => `topology.${topology}`), 'agents', 'calls', 'waves']

const questionNames = [
  ...domains.map((domain) => `domain.${domain}`),
  ...formats.map((format) => `format.${format}`),
  'price',
  'bestQuality',
  'bestNet',
  'costOfBest',
  'costOfBestNet',
  ...handFeatureNames.map((name) => `text.${name}`),
]

export const routerFeatureNames = {
  team: {
    context: questionNames,
    candidate: [...shapeNames, 'reviews', 'alone', 'costIfBest', 'costIfBestNet'],
  },
  model: {
    context: [...questionNames, ...shapeNames, 'merges', 'place', 'ownCalls'],
    candidate: ['odds', 'behindBest', 'behindBestNet', 'cost', 'tokens', 'size', 'taken', 'takenShare'],
  },
} as const

export const routerScorerConfig = (level: 'team' | 'model', hidden: number): CandidateScorerConfig => ({
  contextSize: routerFeatureNames[level].context.length,
  candidateSize: routerFeatureNames[level].candidate.length,
  hidden,
})

/** 0 for nothing, 0.6 for ten points, 1.15 for a whole answer. */
const scaledCost = (points: number): number => Math.log1p(100 * points) / 4

const netOf = ({ quality, cost }: OfferedModel): number => quality - cost

const bestBy = (offered: readonly OfferedModel[], worth: (model: OfferedModel) => number): OfferedModel =>
  offered.reduce((best, model) => (worth(model) > worth(best) ? model : best))

function standards({ offered }: RouterScene) {
  return { best: bestBy(offered, ({ quality }) => quality), bestNet: bestBy(offered, netOf) }
}

function putQuestion(row: FeatureRow, scene: RouterScene): void {
  const { question, priceWeight } = scene
  const { best, bestNet } = standards(scene)
  row.putOneOf<Domain>(domains, question.domain)
  row.putOneOf(formats, question.answerFormat)
  row.put(Math.log1p(1000 * priceWeight) / 2)
  row.put(scaledOdds(best.quality))
  row.put(netOf(bestNet))
  row.put(scaledCost(best.cost))
  row.put(scaledCost(bestNet.cost))
  for (let place = 0; place < handFeatureNames.length; place += 1) row.put(question.hand[place] ?? 0)
}

function putShape(row: FeatureRow, { topology, agents, steps, waves }: Candidate): void {
  row.putOneOf<string>(routedTopologies, topology)
  row.put(agents / 6)
  row.put(steps.length / 12)
  row.put(waves.length / 7)
}

/** Context of the choice of a team. */
export function putTeamContext(row: FeatureRow, scene: RouterScene): void {
  row.begin(0)
  putQuestion(row, scene)
  row.end()
}

/** One row for each team. */
export function putRoutedTeams(row: FeatureRow, candidates: readonly Candidate[], scene: RouterScene): void {
  const { best, bestNet } = standards(scene)
  for (const [index, candidate] of candidates.entries()) {
    const { steps } = candidate
    row.begin(index)
    putShape(row, candidate)
    row.putFlag(steps.some(({ kind }) => kind === 'review' || kind === 'revise'))
    row.putFlag(steps.length === 1)
    row.put(scaledCost(steps.length * best.cost))
    row.put(scaledCost(steps.length * bestNet.cost))
    row.end()
  }
}

/** Context of the choice of one agent's model. */
export function putModelContext(row: FeatureRow, scene: RouterScene, place: RoutedPlace): void {
  row.begin(0)
  putQuestion(row, scene)
  putShape(row, place.candidate)
  row.putFlag(place.agent === null)
  row.put((place.agent ?? place.candidate.agents) / 6)
  row.put(place.calls / 2)
  row.end()
}

/** One row for each model. */
export function putOfferedModels(row: FeatureRow, scene: RouterScene, { before, calls }: RoutedPlace): void {
  const { best, bestNet } = standards(scene)
  for (const [index, model] of scene.offered.entries()) {
    const taken = before.filter((place) => place === index).length
    row.begin(index)
    row.put(scaledOdds(model.quality))
    row.put(10 * (best.quality - model.quality))
    row.put(10 * (netOf(bestNet) - netOf(model)))
    row.put(scaledCost(calls * model.cost))
    row.put(scaledTokens(model.outputTokens))
    row.put(Math.log(model.billions) / 4)
    row.putFlag(taken > 0)
    row.put(taken / Math.max(1, before.length))
    row.end()
  }
}
