/**
 * @file Trains `gptswarm`: for each domain, which model should read which, by what the aggregator's answer comes to.
 *
 * As published, load and deadline play no part: teams are played on an idle pool, on the graded training questions that our
 * own learners get. The strongest model by what those show merges, all answer at one depth. Some seconds a domain on one core.
 */
import { type Domain, domains, type Profile, type ProfilePrior, type StrategyId } from '../../../core/index.ts'
import {
  type Candidate,
  type GraphEdge,
  layOutSwarm,
  likeliestGraph,
  type SwarmPolicy,
  swarmSchemaId,
} from '../../../policy/index.ts'
import { aggregatorRoleOf, pickRoles } from '../../../team/index.ts'
import { priorUnder } from '../../knowledge/index.ts'
import type { Question } from '../../questions/index.ts'
import type { Asked } from '../learners/dual/asked-question.ts'
import { type PlayGround, playTeam, type Team } from '../learners/dual/play-team.ts'
import { askedByDomain, gradedOf, groundOf } from './graded-ground.ts'
import { learnEdges } from './learn-edges.ts'

export interface FitSwarmOptions {
  readonly profile: Profile
  /** Training questions, one list for each set. */
  readonly sets: readonly (readonly Question[])[]
  /** Questions that nothing is learnt from, to tell what was gained. */
  readonly heldOut: readonly Question[]
  readonly seed: number
  /** Default 250. */
  readonly iterations?: number
  /** Graphs sampled for each question and iteration. Default 4. */
  readonly samples?: number
}

/** Share of right answers on held-out questions along one graph. */
export interface SwarmLine {
  readonly domain: Domain
  readonly graph: 'learnt' | 'complete' | 'none'
  readonly edges: number
  readonly right: number
}

export interface SwarmFit {
  readonly policy: SwarmPolicy
  readonly report: readonly SwarmLine[]
}

/** The depth that depth-blind baselines answer at. */
const strategy: StrategyId = 'Concise'
const learningRate = 0.1
/** Draws of their own for learning and judging. */
const answerSeeds = { learn: 5_000_011, judge: 6_000_011 }
/** Plays of every held-out question. */
const judgedPlays = 8

export function fitSwarm(options: FitSwarmOptions): SwarmFit {
  const { profile, sets, heldOut, seed, iterations = 250, samples = 4 } = options
  const graded = gradedOf(sets, seed)
  const prior = priorUnder({ profile, know: 'estimated', sets, kin: [], seed })
  const ground = groundOf(profile, graded, seed + answerSeeds.learn)
  const models = Object.keys(profile.prior.models)
  const graphs = Object.fromEntries(
    [...askedByDomain(graded)].map(([domain, asked]) => {
      const play = createSwarmPlay({ domain, models, prior, ground })
      const { edges, probabilities } = learnEdges(
        {
          nodes: models.length,
          questions: asked.length,
          reward: (graph, { iteration, question }) =>
            play(graph, asked[question] as Asked, `swarm|${seed}|${iteration}|${question}`) ? 1 : 0,
        },
        { iterations, samples, learningRate, seed: seed + domains.indexOf(domain) },
      )
      const chances = edges.map(([from, to], place) => ({
        from: models[from] as string,
        to: models[to] as string,
        probability: Math.round(1000 * (probabilities[place] as number)) / 1000,
      }))
      return [domain, chances]
    }),
  )
  const policy: SwarmPolicy = {
    schema: swarmSchemaId,
    tag: 'fitted',
    source: `${iterations} iterations of ${samples} graphs for each of ${graded.length} graded training questions in the twin of ${profile.id}, seed ${seed}`,
    seed,
    graphs,
  }
  return { policy, report: judge({ policy, profile, prior, heldOut, seed }) }
}

interface SwarmScene {
  readonly domain: Domain
  readonly models: readonly string[]
  /** What is known of the models: tells the strongest. */
  readonly prior: ProfilePrior
  readonly ground: PlayGround
}

/** Whether the aggregator is right along a graph. */
function createSwarmPlay({ domain, models, prior, ground }: SwarmScene) {
  const quality = (model: string) => prior.models[model]?.quality.value[domain][strategy] ?? 0
  const strongest = models.reduce((best, model) => (quality(model) > quality(best) ? model : best))
  const roles = { role: pickRoles(domain, 1)[0] as string, aggregatorRole: aggregatorRoleOf(domain) }
  return (graph: readonly GraphEdge[], asked: Asked, luck: string): boolean => {
    const steps = layOutSwarm(models.length, graph, roles)
    const team: Team = {
      candidate: asCandidate(steps, models.length),
      arms: steps.map(({ id, isLast }) => ({
        model: isLast ? strongest : (models[Number(id.split('/')[1])] as string),
        strategy,
      })),
    }
    return playTeam(team, asked, { ground, luck }).isRight
  }
}

/** Waves are left out: plays go by the steps alone. */
const asCandidate = (steps: Candidate['steps'], agents: number): Candidate => ({
  topology: 'graph',
  agents,
  merge: 'model',
  steps,
  waves: [],
  stopsOnAgreement: false,
})

interface Judged extends Pick<FitSwarmOptions, 'profile' | 'heldOut' | 'seed'> {
  readonly policy: SwarmPolicy
  readonly prior: ProfilePrior
}

/** The learnt graph beside the complete one and none at all. */
function judge({ policy, profile, prior, heldOut, seed }: Judged): readonly SwarmLine[] {
  const models = Object.keys(profile.prior.models)
  const ground = groundOf(profile, heldOut, seed + answerSeeds.judge)
  return [...askedByDomain(heldOut)].flatMap(([domain, asked]) => {
    const play = createSwarmPlay({ domain, models, prior, ground })
    const complete = models.flatMap((_, to) => Array.from({ length: to }, (__, from): GraphEdge => [from, to]))
    const graphs = { learnt: likeliestGraph(policy, domain, models) ?? complete, complete, none: [] }
    return (['learnt', 'complete', 'none'] as const).map((graph): SwarmLine => {
      let right = 0
      for (const [index, one] of asked.entries())
        for (let turn = 0; turn < judgedPlays; turn += 1)
          if (play(graphs[graph], one, `judged|${turn}|${index}`)) right += 1
      return { domain, graph, edges: graphs[graph].length, right: right / (judgedPlays * asked.length) }
    })
  })
}
