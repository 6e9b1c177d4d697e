/**
 * @file The learner `dual` from top to bottom: what teams make of their answers, how to staff them, how well that predicts.
 *
 * Supervised: at most 500 graded training questions, answered by many teams in the twin's answer model. No pool, no load and
 * no exploration; some 20 s on one core.
 */
import { type Domain, domains, type Profile } from '../../../../core/index.ts'
import {
  assumedTeamRules,
  classify,
  type DomainTeamRules,
  type PriceStart,
  type TeamRules,
} from '../../../../policy/index.ts'
import { createAnswerModel } from '../../../../twin/index.ts'
import { mostGraded, pickGraded, priorUnder } from '../../../knowledge/index.ts'
import { requireTruth } from '../../../profile-file.ts'
import type { Question } from '../../../questions/index.ts'
import { poolsOf } from './asked-question.ts'
import { type DualPolicy, dualSchemaId } from './dual-policy.ts'
import { fitStaffing, type StaffingResult, withDiversity } from './fit-staffing.ts'
import { type Calibration, calibrationOf, fitTeamRules } from './fit-team-rules.ts'
import { observeTeams, type TeamObservation } from './observe-teams.ts'
import { startPrices } from './start-prices.ts'

export interface FitDualOptions {
  readonly profile: Profile
  /** Training questions, one list for each set. */
  readonly sets: readonly (readonly Question[])[]
  /** Questions that nothing is fitted to, to tell how well the fit predicts. */
  readonly heldOut: readonly Question[]
  readonly seed: number
  /** Teams of each kind that are played on each pool of questions. Default 16. */
  readonly teamsPerKind?: number
  /** States of a pool in which teams are staffed. Default 10. */
  readonly states?: number
}

/** How well teams are predicted, by the assumed rules and by the fitted ones, on questions that nothing was fitted to. */
export interface DualReport {
  readonly played: number
  readonly before: readonly Calibration[]
  readonly after: readonly Calibration[]
  readonly staffing: StaffingResult
}

export interface DualFit {
  readonly policy: DualPolicy
  readonly report: DualReport
}

/** What queries may be given, and how many may come: those of the benchmark, and beyond. */
const budgetsMs = [10_000, 30_000, 50_000, 100_000, 200_000, 300_000]
const ratesPerMinute = [10, 30, 50, 100, 200, 300, 400, 600]

/** Draws of their own for fitting, staffing and judging. */
const answerSeeds = { teams: 2_000_003, staffing: 3_000_017, heldOut: 4_000_037 }

export async function fitDual(options: FitDualOptions): Promise<DualFit> {
  const { profile, sets, seed, teamsPerKind = 16, states = 10 } = options
  const graded = pickGraded(sets, [], seed).own
  const observations = observe(options, graded, { teamsPerKind, answerSeed: seed + answerSeeds.teams })
  const fitted = fitTeamRules(observations)
  const staffing = fitStaffing({
    profile,
    ground: groundOf(profile, graded, seed + answerSeeds.staffing),
    pools: poolsOf(graded),
    states,
    seed,
  })
  const teamRules = rounded(withDiversity(fitted, staffing.diversity))
  const held = observe(options, options.heldOut, { teamsPerKind, answerSeed: seed + answerSeeds.heldOut })
  return {
    policy: {
      schema: dualSchemaId,
      tag: 'fitted',
      source: `${observations.length} teams played on ${graded.length} of at most ${mostGraded} graded training questions in the twin of ${profile.id}, seed ${seed}`,
      teamRules,
      prices: await pricesFor(options, teamRules),
    },
    report: {
      played: observations.length,
      before: calibrationOf(held, assumedTeamRules),
      after: calibrationOf(held, teamRules),
      staffing,
    },
  }
}

/** Prices for a traffic of all sets in equal shares, by what an honest estimate knows of the pool. */
function pricesFor({ profile, sets, seed }: FitDualOptions, teamRules: TeamRules): Promise<PriceStart> {
  const mix: Partial<Record<Domain, number>> = {}
  for (const questions of sets)
    for (const { text } of questions) {
      const { domain } = classify({ messages: [], text })
      if (domain !== 'general') mix[domain] = (mix[domain] ?? 0) + 1 / questions.length
    }
  const prior = priorUnder({ profile, know: 'estimated', sets, kin: [], seed })
  return startPrices({ profile, prior, teamRules, mix, budgetsMs, ratesPerMinute })
}

const groundOf = (profile: Profile, questions: readonly Question[], seed: number) => ({
  answers: createAnswerModel({ truth: requireTruth(profile), questions, seed, text: 'compact' }),
  prior: profile.prior,
})

const observe = (
  { profile, seed }: FitDualOptions,
  questions: readonly Question[],
  { teamsPerKind, answerSeed }: { readonly teamsPerKind: number; readonly answerSeed: number },
): readonly TeamObservation[] =>
  observeTeams({
    profile,
    ground: groundOf(profile, questions, answerSeed),
    pools: poolsOf(questions),
    teamsPerKind,
    seed,
  })

/** To four places: more would claim what the plays cannot tell. */
const roundNumber = (value: number): number => Math.round(value * 10_000) / 10_000

const rounded = (rules: TeamRules): TeamRules =>
  Object.fromEntries(
    domains.map((domain) => [
      domain,
      JSON.parse(JSON.stringify(rules[domain]), (_, value) =>
        typeof value === 'number' ? roundNumber(value) : value,
      ) as DomainTeamRules,
    ]),
  ) as TeamRules
