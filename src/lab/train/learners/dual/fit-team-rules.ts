/**
 * @file Fits the team rules of each domain to plays of teams: what they made of their answers, against what was predicted.
 *
 *   minimise  sum_i ((observed_i - teamQuality_i(rules)) / deviation_i)^2 + sum_k ((rule_k - assumed_k) / spread_k)^2
 *
 * deviation_i^2 = observed (1 - observed) / questions + modelError^2: the model is coarse, and no number of questions makes
 * it exact. Few plays leave the rules near what is assumed; many make them what was seen.
 */
import { type Domain, domains } from '../../../../core/index.ts'
import { assumedTeamRules, type DomainTeamRules, type TeamRules, teamQuality } from '../../../../policy/index.ts'
import { minimise } from './minimise.ts'
import type { TeamObservation } from './observe-teams.ts'
import { ruleParameters, toRules } from './rule-parameters.ts'

/** What the form of the rules gets wrong by itself, in points of quality. */
const modelError = 0.015

const predict = ({ waves, domain, pool, isVote }: TeamObservation, rules: TeamRules): number =>
  teamQuality(waves, { domain, format: pool.format, isVote, rules }).quality

const deviationOf = ({ observed, questions }: TeamObservation): number =>
  Math.sqrt((observed * (1 - observed) + 0.01) / questions + modelError ** 2)

/** Rules for the domains that were played; the others stay as assumed. */
export function fitTeamRules(observations: readonly TeamObservation[]): TeamRules {
  return Object.fromEntries(
    domains.map((domain) => {
      const own = observations.filter((observation) => observation.domain === domain)
      return [domain, own.length === 0 ? assumedTeamRules[domain] : fitDomain(domain, own)]
    }),
  ) as Record<Domain, DomainTeamRules>
}

/** Of a domain's answer formats the one that was played most is fitted. */
function fitDomain(domain: Domain, observations: readonly TeamObservation[]): DomainTeamRules {
  const counts = new Map<TeamObservation['pool']['format'], number>()
  for (const { pool } of observations) counts.set(pool.format, (counts.get(pool.format) ?? 0) + 1)
  const [format] = [...counts].reduce((most, next) => (next[1] > most[1] ? next : most))
  const own = observations.filter(({ pool }) => pool.format === format)
  const deviations = own.map(deviationOf)
  const { values } = minimise(ruleParameters(domain, format), (tried) => {
    const rules = { ...assumedTeamRules, [domain]: toRules(domain, format, tried) }
    return own.map((observation, index) => (observation.observed - predict(observation, rules)) / deviations[index]!)
  })
  return toRules(domain, format, values)
}

/** How near predictions came to what teams of one kind did. In points of quality, 0-1. */
export interface Calibration {
  readonly domain: Domain
  readonly kind: string
  readonly teams: number
  readonly observed: number
  readonly predicted: number
  /** Root mean square of predicted - observed over the teams; holds the luck of the plays too. */
  readonly error: number
}

/** One line for each domain and kind of team, in the order in which they come. */
export function calibrationOf(observations: readonly TeamObservation[], rules: TeamRules): readonly Calibration[] {
  const groups = new Map<string, TeamObservation[]>()
  for (const observation of observations) {
    const key = `${observation.domain}|${observation.kind}`
    groups.set(key, [...(groups.get(key) ?? []), observation])
  }
  return [...groups.values()].map((own) => {
    const predicted = own.map((observation) => predict(observation, rules))
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    return {
      domain: own[0]!.domain,
      kind: own[0]!.kind,
      teams: own.length,
      observed: mean(own.map(({ observed }) => observed)),
      predicted: mean(predicted),
      error: Math.sqrt(mean(own.map(({ observed }, index) => (observed - predicted[index]!) ** 2))),
    }
  })
}
