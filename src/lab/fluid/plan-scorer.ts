/**
 * @file What one plan is worth on one question with no queue anywhere, and what it takes from each engine.
 *
 * Worth: P(the answer that stands at the deadline is right), in the twin's answer model: given the question, calls are
 * right independently; wrong ones meet with the question's own chance; reviews and merges go by the profile's tables.
 * Whatever fell short leaves the best that is in hand, calls are given up at the deadline, and a call is charged for what
 * it did until then. A vote's tie, and the answer kept from a probe that came to nothing, is that of the first arm.
 *
 * Averages over the table's draws. One scorer serves one budget; its result lies in fields that the next call overwrites.
 */
import type { ProfileTruth } from '../../core/index.ts'
import type { CallTable } from './call-table.ts'
import type { FluidPlan } from './plans.ts'

type PlanOf<Kind extends FluidPlan['kind']> = Extract<FluidPlan, { readonly kind: Kind }>

export interface PlanScorerOptions {
  readonly truth: Pick<ProfileTruth, 'review' | 'aggregator'>
  readonly budgetMs: number
  /** By arm: the last instant at which a call started then is nearly sure to arrive. May be negative: there is none. */
  readonly switchAtMs: Float64Array
}

/** The most that one plan starts side by side. */
const mostAnswers = 3

/** What became of a team's first calls, by draw. */
interface TeamOutcome {
  row: number
  arms: readonly number[]
  /** How many came in time and can be read. */
  readonly answers: Int32Array
  /** [draw, answer]: their chances to be right, in the order of the arms. */
  readonly chances: Float64Array
  /** When the last call ends, in time or not. */
  readonly endsMs: Float64Array
  readonly workMs: Float64Array
  readonly kvTokenMs: Float64Array
}

export class PlanScorer {
  /** P(right and in time), 0-1. */
  value = 0
  /** By model, in ms of engine time. */
  readonly workMs: Float64Array
  /** By model: integral of KV tokens over time, in token-ms. */
  readonly kvTokenMs: Float64Array

  readonly #table: CallTable
  readonly #options: PlanScorerOptions
  readonly #team: TeamOutcome
  #row = 0
  #draw = 0

  constructor(table: CallTable, options: PlanScorerOptions) {
    const models = table.models.length
    this.#table = table
    this.#options = options
    this.workMs = new Float64Array(models)
    this.kvTokenMs = new Float64Array(models)
    this.#team = {
      row: -1,
      arms: [],
      answers: new Int32Array(table.draws),
      chances: new Float64Array(table.draws * mostAnswers),
      endsMs: new Float64Array(table.draws),
      workMs: new Float64Array(models),
      kvTokenMs: new Float64Array(models),
    }
  }

  score(row: number, plan: FluidPlan): void {
    const { draws, questions } = this.#table
    this.#row = row
    this.workMs.fill(0)
    this.kvTokenMs.fill(0)
    if (plan.kind === 'vote' || plan.kind === 'merge' || plan.kind === 'probe') this.#startTeam(plan.arms)
    let sum = 0
    for (this.#draw = 0; this.#draw < draws; this.#draw += 1) sum += this.#once(plan)
    this.value = questions[row]!.isLabelUsable ? sum / draws : 0
  }

  #once(plan: FluidPlan): number {
    switch (plan.kind) {
      case 'single':
        return this.#single(plan)
      case 'vote':
        return this.#standing()
      case 'review':
        return this.#review(plan)
      case 'merge':
        return this.#merge(plan)
      case 'probe':
        return this.#probe(plan)
      case 'insured':
        return this.#insured(plan)
    }
  }

  /** Where the call of `arm` in a plan's `seat` lies: seats of one arm have different luck. */
  #at(arm: number, seat: number): number {
    const { arms, draws } = this.#table
    return (this.#row * arms.length + arm) * draws + ((this.#draw + seat) % draws)
  }

  /** Charges `call`, of `arm`, that runs for at most `forMs`; with probability `chance` it is made at all. */
  #charge(call: number, arm: number, forMs: number, chance: number): void {
    const table = this.#table
    const model = table.modelOf[arm]!
    const costs = table.costs[model]!
    const wholeMs = table.timeMs[call]!
    const ranMs = Math.min(forMs, wholeMs)
    if (ranMs <= costs.apiMs) return
    const firstTokenMs = table.firstTokenMs[call]!
    const tokens =
      ranMs === wholeMs ? table.outputTokens[call]! : Math.max(0, (ranMs - firstTokenMs) / table.tokenMs[call]! + 1)
    const prompt = table.promptTokens[this.#row]!
    const weight = chance / table.draws
    this.workMs[model]! += weight * costs.workMs(prompt, tokens)
    this.kvTokenMs[model]! += weight * (ranMs - costs.apiMs) * (prompt + tokens / 2)
  }

  #single({ arm }: PlanOf<'single'>): number {
    const { timeMs, ability } = this.#table
    const { budgetMs } = this.#options
    const call = this.#at(arm, 0)
    this.#charge(call, arm, budgetMs, 1)
    return timeMs[call]! <= budgetMs ? ability[call]! : 0
  }

  /** Starts all of `arms` at once, in every draw. Plans that begin with the same team, one after another, share its outcome. */
  #startTeam(arms: readonly number[]): void {
    const team = this.#team
    if (team.row !== this.#row || team.arms !== arms) {
      team.row = this.#row
      team.arms = arms
      team.answers.fill(0)
      team.endsMs.fill(0)
      for (let seat = 0; seat < arms.length; seat += 1) this.#joinTeam(arms[seat]!, seat)
      team.workMs.set(this.workMs)
      team.kvTokenMs.set(this.kvTokenMs)
    }
    this.workMs.set(team.workMs)
    this.kvTokenMs.set(team.kvTokenMs)
  }

  #joinTeam(arm: number, seat: number): void {
    const { timeMs, ability, draws } = this.#table
    const { budgetMs } = this.#options
    const { answers, chances, endsMs } = this.#team
    for (let draw = 0; draw < draws; draw += 1) {
      this.#draw = draw
      const call = this.#at(arm, seat)
      this.#charge(call, arm, budgetMs, 1)
      endsMs[draw] = Math.max(endsMs[draw]!, timeMs[call]!)
      if (timeMs[call]! > budgetMs || ability[call] === 0) continue
      chances[draw * mostAnswers + answers[draw]!] = ability[call]!
      answers[draw]! += 1
    }
  }

  /** Chance of the team's answer at `index` among those that came and can be read; -1: there are not so many. */
  #chance(index: number): number {
    const { answers, chances } = this.#team
    return index < answers[this.#draw]! ? chances[this.#draw * mostAnswers + index]! : -1
  }

  /** Chance that the team's plurality is right. */
  #standing(): number {
    const [first, second, third] = [this.#chance(0), this.#chance(1), this.#chance(2)]
    if (third < 0) return Math.max(0, first)
    const outvoted = (1 - second) * (1 - third) * this.#table.meetChance[this.#row]!
    return first * (1 - outvoted) + (1 - first) * second * third
  }

  #review({ arm, reviewer }: PlanOf<'review'>): number {
    const { timeMs, ability } = this.#table
    const { budgetMs, truth } = this.#options
    const call = this.#at(arm, 0)
    this.#charge(call, arm, budgetMs, 1)
    if (timeMs[call]! > budgetMs) return 0
    const leftMs = budgetMs - timeMs[call]!
    const review = this.#at(reviewer, 1)
    this.#charge(review, reviewer, leftMs, 1)
    const [before, able] = [ability[call]!, ability[review]!]
    if (timeMs[review]! > leftMs || able === 0) return before
    if (before === 0) return able
    const { keep, fixWithoutTests: fix } = truth.review.value
    return before * between(keep, able) + (1 - before) * between(fix, able)
  }

  #merge({ arms, merger }: PlanOf<'merge'>): number {
    const { timeMs, ability } = this.#table
    const { budgetMs, truth } = this.#options
    const leftMs = budgetMs - this.#team.endsMs[this.#draw]!
    const call = this.#at(merger, arms.length)
    this.#charge(call, merger, leftMs, 1)
    const able = ability[call]!
    if (timeMs[call]! > leftMs || able === 0) return Math.max(0, this.#chance(0))
    if (this.#chance(0) < 0) return able
    const plurality = this.#standing()
    let none = 1
    for (let index = 0; index < this.#team.answers[this.#draw]!; index += 1) none *= 1 - this.#chance(index)
    const { noneRight, pluralityRight, minorityBase, minoritySlope } = truth.aggregator.value
    return (
      plurality * pluralityRight +
      Math.max(0, 1 - none - plurality) * (minorityBase + minoritySlope * able) +
      none * noneRight * able
    )
  }

  #probe({ escalation }: PlanOf<'probe'>): number {
    const { timeMs, ability, meetChance } = this.#table
    const leftMs = this.#options.budgetMs - this.#team.endsMs[this.#draw]!
    const [first, second] = [Math.max(0, this.#chance(0)), this.#chance(1)]
    if (leftMs < 0) return first
    const agreedRight = second < 0 ? 0 : first * second
    const agreedWrong = second < 0 ? 0 : (1 - first) * (1 - second) * meetChance[this.#row]!
    const disagreed = 1 - agreedRight - agreedWrong
    const call = this.#at(escalation, 2)
    this.#charge(call, escalation, leftMs, disagreed)
    if (timeMs[call]! <= leftMs && ability[call]! > 0) return agreedRight + disagreed * ability[call]!
    return first
  }

  #insured({ arm, fallback, cancels }: PlanOf<'insured'>): number {
    const { timeMs, ability } = this.#table
    const { budgetMs, switchAtMs } = this.#options
    const call = this.#at(arm, 0)
    const switchMs = Math.max(0, switchAtMs[fallback]!)
    const endsMs = timeMs[call]!
    const isReadable = ability[call]! > 0
    this.#charge(call, arm, cancels ? switchMs : budgetMs, 1)
    if (isReadable && endsMs <= switchMs) return ability[call]!
    // A cut answer is known when it comes, so the second call need not wait for the switch.
    const startsMs = isReadable ? switchMs : Math.min(endsMs, switchMs)
    const second = this.#at(fallback, 1)
    const isFirstInTime = isReadable && !cancels && endsMs <= budgetMs
    this.#charge(second, fallback, (isFirstInTime ? endsMs : budgetMs) - startsMs, 1)
    if (isFirstInTime) return ability[call]!
    return startsMs + timeMs[second]! <= budgetMs ? ability[second]! : 0
  }
}

const between = ([low, high]: readonly [number, number], able: number): number => low + (high - low) * able
