/** @file Plays one twin under an exploring policy, and keeps what it decided and what came of it. */
import { armKey, keyedRandom, type Profile, type RunRecord } from '../../../core/index.ts'
import type { DecisionSink, Exploration } from '../../../policy/index.ts'
import { createArrivals, parseArrivals } from '../../../twin/arrivals/index.ts'
import type { FaultPlan } from '../../../twin/faults/index.ts'
import { type Method, planFaults, simulate } from '../../bench/index.ts'
import type { Question } from '../../questions/index.ts'
import type { Scenario, TrainingGround } from '../scenarios/index.ts'
import { chargesOf } from './charges.ts'
import type { Episode, EpisodeDecision } from './episode.ts'
import { createHindsight, type Hindsight } from './hindsight.ts'

export interface PlayOptions {
  readonly ground: TrainingGround
  readonly scenario: Scenario
  /** Place of the twin in its epoch. */
  readonly shard: number
  /** The method that explores with `exploration`. */
  readonly methodOf: (exploration: Exploration) => Method
  /** False: outcomes as drawn. True: the probability that the twin knows. */
  readonly usesHindsight: boolean
}

const hindsights = new WeakMap<Profile, Hindsight>()
function hindsightOf(profile: Profile): Hindsight {
  const hindsight = hindsights.get(profile) ?? createHindsight(profile)
  hindsights.set(profile, hindsight)
  return hindsight
}

/** Episodes in the order in which they ended. */
export async function playScenario(options: PlayOptions): Promise<readonly Episode[]> {
  const { ground, scenario, shard, methodOf } = options
  const profile = ground.pools[scenario.pool] as Profile
  const decided = new Map<string, EpisodeDecision[]>()
  const sink: DecisionSink = {
    decided: (level, runId, decision) => {
      const known = decided.get(runId)
      if (known) known.push({ level, decision })
      else decided.set(runId, [{ level, decision }])
    },
  }
  const hindsight = hindsightOf(profile)
  const episodes: Episode[] = []
  const { warmUpMinutes, minutes, ratePerMinute, budgetSeconds, seed } = scenario
  await simulate({
    profile,
    prior: ground.prior(scenario),
    ...ground.asked(scenario.dataset),
    method: methodOf({ random: keyedRandom(seed, 'exploration'), sink }),
    arrivals: createArrivals(parseArrivals(scenario.arrivals)),
    ratePerMinute,
    seed,
    warmUpMinutes,
    minutes,
    budgetSeconds,
    faults: faultsOf(scenario, profile),
    onRecord: (record, question, isCorrect) => {
      const decisions = decided.get(record.runId) ?? []
      decided.delete(record.runId)
      const coin = isCorrect ? 1 : 0
      const chance = options.usesHindsight ? hindsight.chanceRight(question, record, { seed, isCorrect }) : coin
      const correctness = record.outcome === 'answered' ? chance : 0
      episodes.push(toEpisode({ record, question, correctness, decisions }, { shard, scenario, hindsight }))
    },
  })
  return episodes
}

function faultsOf({ fault, warmUpMinutes, minutes }: Scenario, profile: Profile): FaultPlan {
  if (fault === null) return []
  const models = Object.keys(profile.models)
  const model = models[Math.floor(fault.place * models.length)] as string
  return planFaults([`${fault.kind}:${model}`], models, (warmUpMinutes + minutes / 2) * 60_000)
}

interface Played {
  readonly record: RunRecord
  readonly question: Question
  readonly correctness: number
  readonly decisions: readonly EpisodeDecision[]
}

interface PlayedIn {
  readonly shard: number
  readonly scenario: Scenario
  readonly hindsight: Hindsight
}

function toEpisode({ record, question, correctness, decisions }: Played, at: PlayedIn): Episode {
  const isAnswered = record.outcome === 'answered'
  const ratio = (record.finishedAtMs - record.arrivedAtMs) / Math.max(1, record.budgetMs)
  return {
    shard: at.shard,
    ratePerMinute: at.scenario.ratePerMinute,
    budgetMs: record.budgetMs,
    load: record.plan.load,
    isOnTime: isAnswered && record.isOnTime,
    isStrict: isAnswered && record.isOnTime && record.degraded.length === 0,
    correctness,
    latencyRatio: isAnswered ? ratio : Math.max(1, ratio),
    charges: chargesOf(record),
    privileged: at.hindsight.privileged(question),
    team: teamNameOf(record),
    arms: record.steps.flatMap(({ choice, sentAtMs }) =>
      sentAtMs === null || !('model' in choice) ? [] : [armKey(choice)],
    ),
    decisions,
  }
}

const teamNameOf = ({ plan: { topology, agents, merge } }: RunRecord): string =>
  `${topology} ${agents}${merge === 'none' ? '' : ` ${merge}`}`
