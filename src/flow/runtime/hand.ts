/**
 * @file The answers in hand: what a run could give its caller right now.
 *
 * Every finished step that answered the question leaves its answer here, the insurance call's too. The runtime turns to
 * it when time runs out, when answers agree, or when a vote is to be counted.
 */
import type { AnswerFormat, AnswerInHand, CallResult } from '../../core/index.ts'
import { agreementOf, isComparable, voteOn } from '../../team/index.ts'
import type { Attempt } from './attempt.ts'

export interface HeldAnswer {
  readonly attempt: Attempt
  readonly result: CallResult
  readonly answer: AnswerInHand
}

export class Hand {
  readonly #format: AnswerFormat
  readonly #held: HeldAnswer[] = []
  #insurance: HeldAnswer | null = null

  constructor(format: AnswerFormat) {
    this.#format = format
  }

  add(held: HeldAnswer): void {
    if (held.attempt.init.isInsurance) this.#insurance = held
    else this.#held.push(held)
  }

  /** Answers of the plan's own steps, in the order they came. */
  get answers(): readonly AnswerInHand[] {
    return this.#held.map(({ answer }) => answer)
  }

  get isEmpty(): boolean {
    return this.#held.length === 0 && this.#insurance === null
  }

  get agreement(): number | null {
    return isComparable(this.#format) ? agreementOf(this.answers) : null
  }

  output(stepId: string): HeldAnswer | undefined {
    // A step that was tried again has two answers: the later one counts.
    return this.#held.findLast(({ answer }) => answer.stepId === stepId)
  }

  /** The answer of most steps; null where none can be compared. */
  vote(): HeldAnswer | null {
    const voted = voteOn(this.answers)
    return voted === null ? null : (this.output(voted.winner.stepId) ?? null)
  }

  /** Whether `outstanding` more votes could still change the outcome. */
  isDecided(outstanding: number): boolean {
    const counts = new Map<string, number>()
    for (const { answer } of this.answers) if (answer !== null) counts.set(answer, (counts.get(answer) ?? 0) + 1)
    const [first = 0, second = 0] = [...counts.values()].sort((a, b) => b - a)
    return first >= 2 && first > second + outstanding
  }

  /**
   * The best complete answer so far: the vote where answers can be compared, else the whole one expected to be best;
   * the insurance call's answer before a truncated one. Null: nothing is in hand.
   */
  best(): HeldAnswer | null {
    const voted = this.vote()
    if (voted) return voted
    const whole = this.#held.filter(({ answer }) => !answer.isTruncated)
    return this.#likeliest(whole) ?? this.#insurance ?? this.#likeliest(this.#held)
  }

  #likeliest(held: readonly HeldAnswer[]): HeldAnswer | null {
    let best: HeldAnswer | null = null
    for (const candidate of held) {
      const quality = candidate.attempt.init.choice.estimate.quality
      // Later steps build on earlier ones: at equal quality the later answer goes.
      if (best === null || quality >= best.attempt.init.choice.estimate.quality) best = candidate
    }
    return best
  }
}
