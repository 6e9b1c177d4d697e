/**
 * @file Many teams played on graded questions: what each made of its answers, beside what its arms are worth alone.
 *
 * Every team of the planner's wide list is played with arms drawn at random: a third of the teams one arm throughout, the
 * others mixed; half of the draws from the better arms, as teams are staffed when served.
 */
import {
  type Arm,
  armKey,
  createRandom,
  type Domain,
  type ModelId,
  type Profile,
  type Random,
  strategyIds,
} from '../../../../core/index.ts'
import { type Candidate, listCandidates, type TeamWave } from '../../../../policy/index.ts'
import { createTopologyBook } from '../../../../team/index.ts'
import type { AskedPool } from './asked-question.ts'
import { answer, isRight, type PlayGround, playTeam, type Team } from './play-team.ts'

/** What an arm is alone on a pool: P(right), and how often its cap cuts it off. */
export interface ArmWorth {
  readonly quality: number
  readonly cutShare: number
}

/** By `armKey`. */
export type ArmWorths = ReadonlyMap<string, ArmWorth>

export interface TeamObservation {
  /** `io 3 model` and the like. */
  readonly kind: string
  readonly domain: Domain
  readonly pool: AskedPool
  readonly isVote: boolean
  readonly waves: readonly TeamWave[]
  /** Share of right answers, 0-1. */
  readonly observed: number
  readonly questions: number
}

/** Times that each arm answers a question by itself. */
const repeats = 4

export const armsOf = ({ prior }: Profile): readonly Arm[] =>
  Object.keys(prior.models).flatMap((model: ModelId) => strategyIds.map((strategy): Arm => ({ model, strategy })))

/** What each arm is worth alone, graded on the pool's questions. Kept off 0 and 1. */
export function gradeArms(pool: AskedPool, arms: readonly Arm[], ground: PlayGround): ArmWorths {
  return new Map(
    arms.map((arm) => {
      let [right, cut] = [0, 0]
      for (const asked of pool.asked)
        for (let repeat = 0; repeat < repeats; repeat += 1) {
          const { question } = asked
          const meaning = {
            questionText: question.text,
            strategy: arm.strategy,
            kind: 'solve',
            role: null,
            inputs: [],
          } as const
          const given = answer(ground, arm, { id: `alone|${armKey(arm)}|${repeat}`, asked, meaning })
          if (given.isCut) cut += 1
          else if (isRight(given.text, question, ground)) right += 1
        }
      const answers = pool.asked.length * repeats
      return [armKey(arm), { quality: (right + 0.5) / (answers + 1), cutShare: cut / (answers + 1) }] as const
    }),
  )
}

/** The team's waves, its arms worth what they are alone. */
export function wavesOf({ candidate, arms }: Team, worths: ArmWorths): readonly TeamWave[] {
  let first = 0
  return candidate.waves.map(({ kind, isEscalation, count }) => {
    const own = arms.slice(first, first + count)
    first += count
    return { kind, isEscalation, arms: own.map((arm) => knownArm(arm, worths)) }
  })
}

function knownArm(arm: Arm, worths: ArmWorths): TeamWave['arms'][number] {
  const { quality, cutShare } = worths.get(armKey(arm)) as ArmWorth
  return { arm, quality, length: { cutShare } }
}

export const kindOf = ({ topology, agents, merge }: Candidate): string => `${topology} ${agents} ${merge}`

/** Plays `team` once on every question of the pool. */
export function observeTeam(
  team: Team,
  { pool, worths, ground, luck }: { pool: AskedPool; worths: ArmWorths; ground: PlayGround; luck: string },
): TeamObservation {
  let right = 0
  for (const asked of pool.asked) if (playTeam(team, asked, { ground, luck }).isRight) right += 1
  return {
    kind: kindOf(team.candidate),
    domain: pool.domain,
    pool,
    isVote: team.candidate.merge === 'vote',
    waves: wavesOf(team, worths),
    observed: right / pool.asked.length,
    questions: pool.asked.length,
  }
}

export interface ObserveOptions {
  readonly profile: Profile
  readonly ground: PlayGround
  readonly pools: readonly AskedPool[]
  /** Teams of each kind played on each pool. */
  readonly teamsPerKind: number
  readonly seed: number
}

/** Teams of several agents only: one alone is worth what it is. */
export function observeTeams({
  profile,
  ground,
  pools,
  teamsPerKind,
  seed,
}: ObserveOptions): readonly TeamObservation[] {
  const random = createRandom(seed)
  const arms = armsOf(profile)
  const topologies = createTopologyBook()
  return pools.flatMap((pool, place) => {
    const worths = gradeArms(pool, arms, ground)
    const ranked = [...arms].sort((a, b) => worths.get(armKey(b))!.quality - worths.get(armKey(a))!.quality)
    const key = { domain: pool.domain, answerFormat: pool.format }
    const candidates = listCandidates(topologies, key, { breadth: 'wide' }).filter(({ steps }) => steps.length > 1)
    return candidates.flatMap((candidate) =>
      Array.from({ length: teamsPerKind }, (_, index) =>
        observeTeam(
          { candidate, arms: drawArms(candidate, ranked, random) },
          { pool, worths, ground, luck: `team|${seed}|${place}|${kindOf(candidate)}|${index}` },
        ),
      ),
    )
  })
}

/** `ranked`: best first. */
function drawArms({ steps }: Candidate, ranked: readonly Arm[], random: Random): readonly Arm[] {
  const better = ranked.slice(0, Math.ceil(ranked.length / 3))
  const draw = () => random.pick(random.uniform() < 0.5 ? better : ranked)
  const throughout = random.uniform() < 1 / 3 ? draw() : null
  return steps.map(() => throughout ?? draw())
}
