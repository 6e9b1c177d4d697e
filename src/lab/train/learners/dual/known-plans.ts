/**
 * @file The teams that the program may give queries to, with what is known of each: worth, engine time, cache.
 *
 * Teams of the planner's wide list, staffed with one arm throughout and greedily under a few prices of time; single arms
 * among them. Layout as the fluid program reads it: [worth, work of each model in ms, KV of each model in token-ms].
 */
import {
  type AnswerFormat,
  type Arm,
  type Domain,
  type ModelId,
  normalCdf,
  type Profile,
  type ProfilePrior,
  strategyIds,
} from '../../../../core/index.ts'
import {
  type Candidate,
  isReasoningModelName,
  listCandidates,
  type TeamRules,
  teamQuality,
} from '../../../../policy/index.ts'
import { createTopologyBook, outputCapTokens } from '../../../../team/index.ts'
import type { ProgramClass } from '../../../fluid/index.ts'
import { staffGreedily } from './fit-staffing.ts'

export interface KnownPlanOptions {
  readonly profile: Profile
  readonly prior: ProfilePrior
  readonly teamRules: TeamRules
  readonly budgetsMs: readonly number[]
}

/** An arm as it is known on an idle pool. */
export interface KnownArm {
  readonly arm: Arm
  /** P(right) under the usual cap. */
  readonly quality: number
  readonly serviceMs: number
  readonly outputTokens: number
  readonly length: { readonly cutShare: number }
}

const formatOf: Readonly<Record<Domain, AnswerFormat>> = {
  math: 'number',
  code: 'code',
  knowledge: 'choice',
  general: 'text',
}
/** Prices of a second of service that staffs are drawn up under, in quality points. */
const secondPrices = [0, 0.002, 0.005, 0.01, 0.03]
/** Expected time must fit the budget this many times, as the planner has it to begin with. */
const room = 2.2
const promptTokens = 300

/** One class for each budget. */
export function knownPlans(domain: Domain, options: KnownPlanOptions): readonly ProgramClass[] {
  const arms = knownArms(domain, options)
  const models = Object.keys(options.profile.models)
  const key = { domain, answerFormat: formatOf[domain] }
  const plans = listCandidates(createTopologyBook(), key, { breadth: 'wide' }).flatMap((candidate) =>
    staffings(candidate, arms, options.teamRules[domain].diversity ?? 0).map((team) =>
      knowPlan({ candidate, team }, { domain, models, options }),
    ),
  )
  return options.budgetsMs.map((budgetMs) => ({
    questions: 1,
    sums: Float64Array.from(plans.filter(({ ms }) => room * ms <= budgetMs).flatMap(({ numbers }) => [...numbers])),
  }))
}

/** What the prior says of every arm under the usual caps, on a pool where nothing runs. */
export function knownArms(domain: Domain, { prior }: Pick<KnownPlanOptions, 'prior'>): readonly KnownArm[] {
  return Object.entries(prior.models).flatMap(([model, { quality, outputTokens, ttft, tpot }]) =>
    strategyIds.map((strategy): KnownArm => {
      const cap = outputCapTokens({ strategy, domain, isReasoningModel: isReasoningModelName(model) })
      const { meanTokens, cutShare } = cappedLength(outputTokens.value[domain][strategy], cap)
      return {
        arm: { model, strategy },
        quality: quality.value[domain][strategy] * (1 - cutShare),
        serviceMs: ttft.value.fixedMs + promptTokens * ttft.value.perTokenMs + meanTokens * tpot.value.idleMs,
        outputTokens: meanTokens,
        length: { cutShare },
      }
    }),
  )
}

/** Mean of min(X, cap) and P(X > cap), X lognormal with this mean and log-spread. */
function cappedLength({ mean, sigma }: { readonly mean: number; readonly sigma: number }, cap: number) {
  if (sigma === 0) return { meanTokens: Math.min(mean, cap), cutShare: mean > cap ? 1 : 0 }
  const z = (Math.log(cap / mean) + (sigma * sigma) / 2) / sigma
  const cutShare = 1 - normalCdf(z)
  return { meanTokens: mean * normalCdf(z - sigma) + cap * cutShare, cutShare }
}

/** Arms by step: every arm throughout, and what the greedy rule takes under each price of time. */
function staffings(
  candidate: Candidate,
  known: readonly KnownArm[],
  diversity: number,
): readonly (readonly KnownArm[])[] {
  const throughout = known.map((arm) => candidate.steps.map(() => arm))
  const greedy = secondPrices.map((price) => {
    const offers = known.map((own) => ({ ...own, price: (price * own.serviceMs) / 1000 }))
    const arms = staffGreedily(candidate, offers, diversity)
    return arms.map((arm) => known.find((own) => own.arm === arm) as KnownArm)
  })
  return [...throughout, ...(candidate.steps.length > 1 ? greedy : [])]
}

interface Staffed {
  readonly candidate: Candidate
  readonly team: readonly KnownArm[]
}

interface PlanTerms {
  readonly domain: Domain
  readonly models: readonly ModelId[]
  readonly options: KnownPlanOptions
}

/** Expected time and numbers of one plan. */
function knowPlan({ candidate, team }: Staffed, { domain, models, options }: PlanTerms) {
  const { waves, merge, stopsOnAgreement } = candidate
  let first = 0
  const staffed = waves.map(({ kind, isEscalation, count }) => {
    const arms = team.slice(first, first + count)
    first += count
    return { kind, isEscalation, arms }
  })
  const kind = { domain, format: formatOf[domain], isVote: merge === 'vote', rules: options.teamRules }
  const { quality, escalationChance, laterChance } = teamQuality(staffed, kind)
  const numbers = new Float64Array(1 + 2 * models.length)
  numbers[0] = quality
  let ms = 0
  for (const [index, { arms, isEscalation }] of staffed.entries()) {
    const chance = isEscalation ? escalationChance : index > 0 && stopsOnAgreement ? laterChance : 1
    ms += Math.max(...arms.map(({ serviceMs }) => serviceMs))
    for (const { arm, serviceMs, outputTokens } of arms) {
      const model = models.indexOf(arm.model)
      const { slots } = options.profile.models[arm.model] as Profile['models'][string]
      numbers[1 + model]! += (chance * serviceMs) / slots.value
      numbers[1 + models.length + model]! += chance * serviceMs * (promptTokens + outputTokens / 2)
    }
  }
  return { ms, numbers }
}
