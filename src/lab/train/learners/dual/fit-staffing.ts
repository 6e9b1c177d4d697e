/**
 * @file How much another model than the siblings' is worth in a team: the diversity bonus that makes greedily staffed teams best.
 *
 * Teams are staffed as planner and executor do, wave by wave from the arms that a state of the pool leaves, under each
 * bonus of a grid, and played on the graded questions with the same luck. Which arms are left, and what they are charged,
 * is drawn: a bonus must be right under any load.
 */
import {
  type Arm,
  armKey,
  createRandom,
  type Domain,
  domains,
  type Profile,
  type Random,
} from '../../../../core/index.ts'
import { assumedTeamRules, type Candidate, listCandidates, type TeamRules } from '../../../../policy/index.ts'
import { createTopologyBook } from '../../../../team/index.ts'
import type { AskedPool } from './asked-question.ts'
import { type ArmWorths, armsOf, gradeArms, kindOf, observeTeam } from './observe-teams.ts'
import type { PlayGround } from './play-team.ts'

/** Bonuses tried, in quality points. */
export const diversityGrid: readonly number[] = [0, 0.015, 0.03, 0.05, 0.08, 0.12, 0.2]

/** Dearest price of an arm in a drawn state, in quality points. */
const dearest = 0.06
/** What a bonus other than the assumed one must gain to be taken: less is luck. */
const leastGain = 0.002

export interface StaffingOptions {
  readonly profile: Profile
  readonly ground: PlayGround
  readonly pools: readonly AskedPool[]
  /** States drawn for each pool. */
  readonly states: number
  readonly seed: number
}

export interface StaffingResult {
  /** Mean share of right answers by domain, for each bonus of the grid; null where nothing was played. */
  readonly curves: Readonly<Record<Domain, readonly number[] | null>>
  /** The best bonus by domain. */
  readonly diversity: Readonly<Partial<Record<Domain, number>>>
}

interface Offer {
  readonly arm: Arm
  readonly quality: number
  readonly price: number
}

/** The arms for the steps of `candidate`, taken as the greedy rule does. */
export function staffGreedily({ waves }: Candidate, offers: readonly Offer[], diversity: number): readonly Arm[] {
  return waves.flatMap(({ count, weight }) => {
    const taken: Arm[] = []
    for (let index = 0; index < count; index += 1) {
      const score = ({ arm, quality, price }: Offer) => {
        const isNew = taken.length > 0 && taken.every(({ model }) => model !== arm.model)
        return weight * quality - price + (isNew ? diversity : 0)
      }
      taken.push(offers.reduce((best, offer) => (score(offer) > score(best) ? offer : best)).arm)
    }
    return taken
  })
}

const drawOffers = (arms: readonly Arm[], worths: ArmWorths, random: Random): readonly Offer[] => {
  const charge = random.uniform() * dearest
  const all = arms.map((arm) => ({
    arm,
    quality: worths.get(armKey(arm))?.quality ?? 0,
    price: charge * random.uniform(),
    isLeft: random.uniform() < 0.7,
  }))
  const left = all.filter(({ isLeft }) => isLeft)
  return left.length > 0 ? left : all
}

/** Right answers of greedily staffed teams under every bonus. */
export function fitStaffing({ profile, ground, pools, states, seed }: StaffingOptions): StaffingResult {
  const random = createRandom(seed)
  const arms = armsOf(profile)
  const topologies = createTopologyBook()
  const sums = new Map<Domain, { readonly right: number[]; count: number }>()
  for (const pool of pools) {
    const worths = gradeArms(pool, arms, ground)
    const key = { domain: pool.domain, answerFormat: pool.format }
    const candidates = listCandidates(topologies, key, { breadth: 'wide' }).filter(({ waves }) => waves[0]!.count > 1)
    const sum = sums.get(pool.domain) ?? { right: diversityGrid.map(() => 0), count: 0 }
    sums.set(pool.domain, sum)
    for (let state = 0; state < states; state += 1) {
      const offers = drawOffers(arms, worths, random)
      for (const candidate of candidates) {
        sum.count += 1
        const luck = `staffing|${seed}|${state}|${kindOf(candidate)}`
        for (const [place, diversity] of diversityGrid.entries()) {
          const team = { candidate, arms: staffGreedily(candidate, offers, diversity) }
          sum.right[place]! += observeTeam(team, { pool, worths, ground, luck }).observed
        }
      }
    }
  }
  const curves = Object.fromEntries(
    domains.map((domain) => {
      const sum = sums.get(domain)
      return [domain, sum ? sum.right.map((right) => right / sum.count) : null]
    }),
  ) as Record<Domain, readonly number[] | null>
  return { curves, diversity: Object.fromEntries(domains.flatMap((domain) => bestOf(domain, curves[domain]))) }
}

/** The bonus of the highest point; the assumed one unless another is clearly better. */
function bestOf(domain: Domain, curve: readonly number[] | null): readonly (readonly [Domain, number])[] {
  if (curve === null) return []
  const highest = curve.indexOf(Math.max(...curve))
  const assumed = diversityGrid.indexOf(0.03)
  const isBetter = curve[highest]! - curve[assumed]! > leastGain
  return [[domain, diversityGrid[isBetter ? highest : assumed]!]]
}

/** `rules` with the bonuses that were found. */
export const withDiversity = (rules: TeamRules, diversity: StaffingResult['diversity']): TeamRules =>
  Object.fromEntries(
    domains.map((domain) => {
      const bonus = diversity[domain]
      const own = rules[domain] ?? assumedTeamRules[domain]
      return [domain, bonus === undefined ? own : { ...own, diversity: bonus }]
    }),
  ) as TeamRules
