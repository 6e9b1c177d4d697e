/**
 * @file The plans that a line may mix: single arms, votes, reviews and merges, and plans that wait and see.
 *
 * Contingent ones: a probe (two arms side by side; agreeing answers stand, else an escalation answers) and an insured arm
 * (a late switch to a second one). Where answers cannot be compared (programs, texts) nothing can be voted on or probed; a
 * model merges instead, as the planner has it. Arms are indices into a table's `arms`.
 *
 * Fifteen arms give some two thousand plans. A pool with more arms is combined from a shortlist (the best arms, and the
 * best among the cheap), so that the line of a large pool is one over these plans.
 */
import { type AnswerFormat, type Arm, armKey } from '../../core/index.ts'
import { isComparable } from '../../team/index.ts'

export type FluidPlan =
  | { readonly kind: 'single'; readonly arm: number }
  | { readonly kind: 'vote'; readonly arms: readonly number[] }
  | { readonly kind: 'review'; readonly arm: number; readonly reviewer: number }
  | { readonly kind: 'merge'; readonly arms: readonly number[]; readonly merger: number }
  | { readonly kind: 'probe'; readonly arms: readonly [number, number]; readonly escalation: number }
  /** `cancels`: the first call is given up at the switch; else it may still come first. */
  | { readonly kind: 'insured'; readonly arm: number; readonly fallback: number; readonly cancels: boolean }

/** Whether everything it does is settled beforehand. */
export const isStatic = ({ kind }: FluidPlan): boolean => kind !== 'probe' && kind !== 'insured'

/** `probe(a:Flash + b:Concise > c:DeepThink)` and the like, for reports. */
export function describePlan(plan: FluidPlan, arms: readonly Arm[]): string {
  const name = (arm: number) => armKey(arms[arm]!)
  const all = (team: readonly number[]) => team.map(name).join(' + ')
  switch (plan.kind) {
    case 'single':
      return name(plan.arm)
    case 'vote':
      return `vote(${all(plan.arms)})`
    case 'review':
      return `review(${name(plan.arm)} > ${name(plan.reviewer)})`
    case 'merge':
      return `merge(${all(plan.arms)} > ${name(plan.merger)})`
    case 'probe':
      return `probe(${all(plan.arms)} > ${name(plan.escalation)})`
    case 'insured':
      return `insured(${name(plan.arm)} ${plan.cancels ? '>' : '|'} ${name(plan.fallback)})`
  }
}

/** An arm as the shortlist sees it: means over the questions. */
export interface ArmWorth {
  readonly accuracy: number
  readonly workMs: number
}

const mostCombined = 15

/** The arms that are combined, best first: all where they are few, else half by accuracy and half by accuracy among the cheaper ones. */
export function shortlist(worth: readonly ArmWorth[]): readonly number[] {
  const byAccuracy = worth.map((_, arm) => arm).sort((a, b) => worth[b]!.accuracy - worth[a]!.accuracy || a - b)
  if (byAccuracy.length <= mostCombined) return byAccuracy
  const works = worth.map(({ workMs }) => workMs).sort((a, b) => a - b)
  const cheapMs = works[works.length >> 2]!
  const best = byAccuracy.slice(0, Math.ceil(mostCombined / 2))
  const cheap = byAccuracy.filter((arm) => worth[arm]!.workMs <= cheapMs && !best.includes(arm))
  const chosen = new Set([...best, ...cheap.slice(0, mostCombined - best.length)])
  return byAccuracy.filter((arm) => chosen.has(arm))
}

export interface PlanListOptions {
  readonly arms: readonly Arm[]
  readonly format: AnswerFormat
  /** Arms to combine, best first: among equal answers the earlier arm's counts. */
  readonly combined: readonly number[]
}

/** All plans; single arms first. */
export function listPlans({ arms, format, combined }: PlanListOptions): readonly FluidPlan[] {
  const singles = arms.map((_, arm): FluidPlan => ({ kind: 'single', arm }))
  const reviews = pairs(combined).map(([arm, reviewer]): FluidPlan => ({ kind: 'review', arm, reviewer }))
  const insured = pairs(combined)
    .filter(([arm, fallback]) => arm !== fallback)
    .flatMap(([arm, fallback]) =>
      [true, false].map((cancels): FluidPlan => ({ kind: 'insured', arm, fallback, cancels })),
    )
  const teams = teamsOfThree(combined, arms)
  const joint = isComparable(format)
    ? [...teams.map((team): FluidPlan => ({ kind: 'vote', arms: team })), ...listProbes(combined)]
    : teams.flatMap((team) => combined.map((merger): FluidPlan => ({ kind: 'merge', arms: team, merger })))
  return [...singles, ...reviews, ...joint, ...insured]
}

const pairs = (arms: readonly number[]): readonly (readonly [number, number])[] =>
  arms.flatMap((first) => arms.map((second) => [first, second] as const))

/** One arm three times, and three models at one depth. */
function teamsOfThree(combined: readonly number[], arms: readonly Arm[]): readonly (readonly number[])[] {
  const same = combined.map((arm) => [arm, arm, arm])
  const mixed = combined.flatMap((a, i) =>
    combined.slice(i + 1).flatMap((b, j) => combined.slice(i + j + 2).map((c) => [a, b, c])),
  )
  const isOneDepth = (team: readonly number[]) => new Set(team.map((arm) => arms[arm]!.strategy)).size === 1
  return [...same, ...mixed.filter(isOneDepth)]
}

/** Two arms, which may be the same one twice, then any. One array for all plans of a pair: the scorer knows it again. */
const listProbes = (combined: readonly number[]): readonly FluidPlan[] =>
  combined.flatMap((a, i) =>
    combined.slice(i).flatMap((b) => {
      const team = [a, b] as const
      return combined.map((escalation): FluidPlan => ({ kind: 'probe', arms: team, escalation }))
    }),
  )
