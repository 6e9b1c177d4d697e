/**
 * @file Trains `masrouter` from top to bottom: prices, depths, the cascade, and what it does with held-out questions.
 *
 * As published it learns from questions and prices alone: teams are played on an idle pool, without load or deadline, on the
 * graded training questions that our own learners get. MasRouter chooses no depth, and one depth for everything would make it
 * a straw man: each domain has, at each price, the depth at which the best single model is worth most. What it learns hangs on
 * the draw, so it begins several times and keeps what is worth most on held-out questions. Minutes on one core.
 */
import {
  type Domain,
  domains,
  invariant,
  type ModelPrior,
  type Profile,
  type ProfilePrior,
  type StrategyId,
  strategyIds,
} from '../../../core/index.ts'
import {
  argmax,
  billionsOf,
  createCascade,
  createFeatures,
  offerOf,
  type PriceSetting,
  priceSettings,
  type Route,
  type RouterPolicy,
  type RouterSettings,
  routedCandidates,
} from '../../../policy/index.ts'
import { createTopologyBook } from '../../../team/index.ts'
import { priorUnder } from '../../knowledge/index.ts'
import type { Question } from '../../questions/index.ts'
import type { Asked } from '../learners/dual/asked-question.ts'
import { type PlayGround, playTeam } from '../learners/dual/play-team.ts'
import { askedByDomain, gradedOf, groundOf } from './graded-ground.ts'
import {
  learnRouter,
  type RoutedTask,
  type RouterIteration,
  type RouterProblem,
  type RouterTraining,
  usualTraining,
} from './learn-router.ts'

export interface TrainMasRouterOptions {
  readonly profile: Profile
  /** Training questions, one list for each set. */
  readonly sets: readonly (readonly Question[])[]
  /** Questions that nothing is learnt from, to tell what was learnt. */
  readonly heldOut: readonly Question[]
  readonly seed: number
  readonly training?: Partial<Omit<RouterTraining, 'seed'>>
  /** Trainings, under seeds one after the other. Default 3. */
  readonly restarts?: number
  readonly onIteration?: (line: RouterIteration, restart: number) => void
}

/** What held-out questions of a domain are given at a price. */
export interface RouterLine {
  readonly domain: Domain
  readonly price: PriceSetting
  readonly strategy: StrategyId
  /** Share of right answers, 0-1. */
  readonly right: number
  /** Thousand tokens times billion parameters, a question. */
  readonly cost: number
  readonly calls: number
  /** Commonest team and its models. */
  readonly commonest: string
}

export interface MasRouterFit {
  readonly policy: RouterPolicy
  /** Questions that were learnt from. */
  readonly graded: number
  readonly seed: number
  readonly training: Omit<RouterTraining, 'seed'>
  /** What each training came to on held-out questions, mean over domains and prices. */
  readonly worths: readonly number[]
  /** Place among them of the one that was kept. */
  readonly kept: number
  readonly report: readonly RouterLine[]
}

/** At these a thousand tokens of a model of 30 billion parameters cost 1.5, 12 and 90 points. */
const priceWeights: RouterSettings['priceWeights'] = { low: 0.0005, mid: 0.004, high: 0.03 }
const hidden = 32
/** Draws of their own for learning and judging. */
const answerSeeds = { learn: 7_000_003, judge: 8_000_009 }
/** Plays of every held-out question. */
const judgedPlays = 4
const usualRestarts = 3

export async function trainMasRouter(options: TrainMasRouterOptions): Promise<MasRouterFit> {
  const { profile, sets, heldOut, seed, restarts = usualRestarts, onIteration } = options
  const graded = gradedOf(sets, seed)
  const prior = priorUnder({ profile, know: 'estimated', sets, kin: [], seed })
  const asked = [...askedByDomain(graded).values()].flat()
  const settings = { hidden, priceWeights, depths: depthsFor(prior) }
  const problem = problemOf(asked, { profile, prior, ground: groundOf(profile, graded, seed + answerSeeds.learn) })
  const judged = { prior, ground: groundOf(profile, heldOut, seed + answerSeeds.judge), heldOut }
  const training = { ...usualTraining, ...options.training }
  const fits: { readonly policy: RouterPolicy; readonly report: readonly RouterLine[] }[] = []
  for (let restart = 0; restart < restarts; restart += 1) {
    const tell = (line: RouterIteration) => onIteration?.(line, restart)
    const networks = await learnRouter(problem, settings, { ...training, seed: seed + restart }, tell)
    const policy = { ...settings, networks }
    fits.push({ policy, report: judge({ policy, ...judged }) })
  }
  const worths = fits.map(({ report }) => worthOf(report))
  const kept = worths.indexOf(Math.max(...worths))
  const best = fits[kept]
  invariant(best !== undefined, 'masrouter was not to be trained even once')
  return { ...best, graded: asked.length, seed, training, worths, kept }
}

/** What a question is worth, mean over domains and prices; 0 where none was asked. */
const worthOf = (report: readonly RouterLine[]): number =>
  report.reduce((sum, { right, cost, price }) => sum + right - priceWeights[price] * cost, 0) /
  Math.max(1, report.length)

function problemOf(
  asked: readonly Asked[],
  { profile, prior, ground }: { readonly profile: Profile; readonly prior: ProfilePrior; readonly ground: PlayGround },
): RouterProblem {
  const costOf = createCosts(prior)
  return {
    models: Object.keys(profile.prior.models),
    priorOf: (model) => prior.models[model] as ModelPrior,
    tasks: tasksOf(asked),
    utility: (route, { task, price, luck }) => {
      const played = playTeam(route, asked[task] as Asked, { ground, luck })
      return (played.isRight ? 1 : 0) - priceWeights[price] * costOf(played.answers)
    },
  }
}

/** For each domain and price the depth at which the best single model, by what is known of it, is worth most after its cost. */
function depthsFor(prior: ProfilePrior): RouterSettings['depths'] {
  const worthAt = (domain: Domain, strategy: StrategyId, price: PriceSetting) =>
    Math.max(
      ...Object.entries(prior.models).map(([model, own]) => {
        const priceWeight = priceWeights[price]
        const { quality, cost } = offerOf({ model, prior: own }, { domain, strategy, priceWeight })
        return quality - cost
      }),
    )
  const depthAt = (domain: Domain, price: PriceSetting): StrategyId =>
    strategyIds.reduce((best, depth) => (worthAt(domain, depth, price) > worthAt(domain, best, price) ? depth : best))
  const byPrice = (domain: Domain) => Object.fromEntries(priceSettings.map((price) => [price, depthAt(domain, price)]))
  return Object.fromEntries(domains.map((domain) => [domain, byPrice(domain)])) as RouterSettings['depths']
}

/** Thousand output tokens times billion parameters. */
function createCosts({ models }: ProfilePrior) {
  const billions = new Map(Object.entries(models).map(([model, { tier }]) => [model, billionsOf(model, tier)]))
  return (answers: ReturnType<typeof playTeam>['answers']): number =>
    answers.reduce((sum, { arm, outputTokens }) => sum + (outputTokens / 1000) * (billions.get(arm.model) ?? 0), 0)
}

function tasksOf(asked: readonly Asked[]): readonly RoutedTask[] {
  const topologies = createTopologyBook()
  return asked.map(({ question, domain, format }) => ({
    question: { domain, answerFormat: format, hand: createFeatures(question.text).hand },
    candidates: routedCandidates(topologies, { domain, answerFormat: format }),
  }))
}

interface Judged {
  readonly policy: RouterPolicy
  readonly prior: ProfilePrior
  readonly ground: PlayGround
  readonly heldOut: readonly Question[]
}

/** Routes as they are served: the most likely ones. */
function judge({ policy, prior, ground, heldOut }: Judged): readonly RouterLine[] {
  const cascade = createCascade(policy, (model) => prior.models[model] as ModelPrior)
  const models = Object.keys(prior.models)
  const costOf = createCosts(prior)
  return [...askedByDomain(heldOut)].flatMap(([domain, asked]) => {
    const tasks = tasksOf(asked)
    return priceSettings.map((price): RouterLine => {
      const routes = tasks.map((task) => cascade({ ...task, price, models, take: ({ logits }) => argmax(logits) }))
      const plays = routes.flatMap((route, index) =>
        Array.from({ length: judgedPlays }, (_, turn) =>
          playTeam(route, asked[index] as Asked, { ground, luck: `judged|${turn}|${index}` }),
        ),
      )
      const meanOf = (value: (play: (typeof plays)[number]) => number) =>
        plays.reduce((sum, play) => sum + value(play), 0) / plays.length
      return {
        domain,
        price,
        strategy: policy.depths[domain][price],
        right: meanOf(({ isRight }) => (isRight ? 1 : 0)),
        cost: meanOf(({ answers }) => costOf(answers)),
        calls: meanOf(({ calls }) => calls),
        commonest: commonestOf(routes.map(nameOf)),
      }
    })
  })
}

const nameOf = ({ candidate, arms }: Route): string =>
  `${candidate.topology} ${candidate.agents}: ${arms.map(({ model }) => model).join(', ')}`

function commonestOf(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].reduce((most, next) => (next[1] > most[1] ? next : most))[0]
}
