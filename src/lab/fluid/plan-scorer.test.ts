import { describe, expect, it } from 'vitest'
import { paperTruth } from '../../../test/paper-profile.ts'
import type { QuestionFacts } from '../../twin/index.ts'
import type { CallTable } from './call-table.ts'
import { PlanScorer } from './plan-scorer.ts'
import type { FluidPlan } from './plans.ts'

interface Call {
  readonly timeMs: number
  readonly ability: number
}

const meets = 0.4

/** One question, one draw, one model per arm; tokens come every ms after the first at 10 ms, the overhead is 5 ms. */
function tableOf(calls: readonly Call[], isLabelUsable = true): CallTable {
  return {
    format: 'number',
    arms: calls.map((_, arm) => ({ model: `m${arm}`, strategy: 'Flash' as const })),
    models: calls.map((_, arm) => `m${arm}`),
    modelOf: calls.map((_, arm) => arm),
    costs: calls.map(() => ({
      apiMs: 5,
      firstTokenMs: () => 10,
      tokenMs: () => 1,
      workMs: (promptTokens: number, outputTokens: number) => promptTokens + outputTokens,
    })),
    draws: 1,
    questions: [{ isLabelUsable } as QuestionFacts],
    promptTokens: Float64Array.of(100),
    meetChance: Float64Array.of(meets),
    timeMs: Float64Array.from(calls, ({ timeMs }) => timeMs),
    firstTokenMs: new Float64Array(calls.length).fill(10),
    tokenMs: new Float64Array(calls.length).fill(1),
    outputTokens: Float64Array.from(calls, ({ timeMs }) => timeMs - 9),
    ability: Float64Array.from(calls, ({ ability }) => ability),
  }
}

function score(
  plan: FluidPlan,
  calls: readonly Call[],
  { budgetMs = 1000, switchAtMs = 500, isLabelUsable = true } = {},
) {
  const scorer = new PlanScorer(tableOf(calls, isLabelUsable), {
    truth: paperTruth(),
    budgetMs,
    switchAtMs: new Float64Array(calls.length).fill(switchAtMs),
  })
  scorer.score(0, plan)
  return { value: scorer.value, workMs: [...scorer.workMs], kvTokenMs: [...scorer.kvTokenMs] }
}

const [weak, middling, strong]: readonly Call[] = [
  { timeMs: 59, ability: 0.3 },
  { timeMs: 109, ability: 0.6 },
  { timeMs: 409, ability: 0.9 },
] as const as [Call, Call, Call]
const calls = [weak, middling, strong] as readonly [Call, Call, Call]
const cut = { timeMs: 59, ability: 0 }
const { review, aggregator } = paperTruth()
const between = ([low, high]: readonly [number, number], able: number) => low + (high - low) * able

describe('a single arm', () => {
  it('is worth its ability in time, nothing when late or where the label is wrong', () => {
    expect(score({ kind: 'single', arm: 1 }, calls).value).toBe(0.6)
    expect(score({ kind: 'single', arm: 1 }, calls, { budgetMs: 109 }).value).toBe(0.6)
    expect(score({ kind: 'single', arm: 1 }, calls, { budgetMs: 108 }).value).toBe(0)
    expect(score({ kind: 'single', arm: 1 }, calls, { isLabelUsable: false }).value).toBe(0)
  })

  it('is charged for what it did until the deadline', () => {
    expect(score({ kind: 'single', arm: 1 }, calls).workMs).toEqual([0, 200, 0])
    expect(score({ kind: 'single', arm: 1 }, calls).kvTokenMs).toEqual([0, 104 * (100 + 50), 0])
    expect(score({ kind: 'single', arm: 1 }, calls, { budgetMs: 59 }).workMs).toEqual([0, 150, 0])
    expect(score({ kind: 'single', arm: 1 }, calls, { budgetMs: 8 }).workMs).toEqual([0, 100, 0])
    expect(score({ kind: 'single', arm: 1 }, calls, { budgetMs: 5 }).workMs).toEqual([0, 0, 0])
  })
})

describe('a vote', () => {
  it('is right with two of three, or with the first alone against two that differ', () => {
    const [a, b, c] = [0.9, 0.6, 0.3]
    const expected =
      a * b * c + a * b * (1 - c) + a * (1 - b) * c + (1 - a) * b * c + a * (1 - b) * (1 - c) * (1 - meets)
    expect(score({ kind: 'vote', arms: [2, 1, 0] }, calls).value).toBeCloseTo(expected, 12)
    expect(score({ kind: 'vote', arms: [2, 1, 0] }, calls).workMs).toEqual([150, 200, 500])
  })

  it('counts what is in hand at the deadline: of fewer than three the first stands', () => {
    expect(score({ kind: 'vote', arms: [2, 1, 0] }, calls, { budgetMs: 200 }).value).toBe(0.6)
    expect(score({ kind: 'vote', arms: [2, 1, 0] }, calls, { budgetMs: 60 }).value).toBe(0.3)
    expect(score({ kind: 'vote', arms: [2, 1, 0] }, calls, { budgetMs: 20 }).value).toBe(0)
    expect(score({ kind: 'vote', arms: [0, 1, 2] }, [cut, middling as Call, strong as Call]).value).toBe(0.6)
  })
})

describe('a probe', () => {
  const plan = { kind: 'probe', arms: [1, 0], escalation: 2 } as const
  const agreedRight = 0.6 * 0.3
  const disagreed = 1 - agreedRight - 0.4 * 0.7 * meets

  it('stands where the two agree, and asks the third where not', () => {
    const { value, workMs } = score(plan, calls)
    expect(value).toBeCloseTo(agreedRight + disagreed * 0.9, 12)
    expect(workMs).toEqual([150, 200, expect.closeTo(500 * disagreed, 9)])
  })

  it('keeps its first answer where the third comes late or cut', () => {
    expect(score(plan, calls, { budgetMs: 109 + 408 }).value).toBe(0.6)
    expect(score(plan, calls, { budgetMs: 109 + 409 }).value).toBeGreaterThan(0.6)
    expect(score(plan, [...calls.slice(0, 2), cut]).value).toBe(0.6)
    expect(score(plan, calls, { budgetMs: 100 }).value).toBe(0.3)
  })

  it('takes an answer that cannot be read for a disagreement', () => {
    expect(score(plan, [cut, middling as Call, strong as Call]).value).toBeCloseTo(0.9, 12)
    expect(score(plan, [cut, middling as Call, strong as Call], { budgetMs: 200 }).value).toBe(0.6)
    expect(score(plan, [cut, cut, strong as Call]).value).toBeCloseTo(0.9, 12)
  })

  it('is told from a plan with another team, and from itself on another question', () => {
    const scorer = new PlanScorer(tableOf(calls), {
      truth: paperTruth(),
      budgetMs: 1000,
      switchAtMs: new Float64Array(3),
    })
    scorer.score(0, plan)
    const first = scorer.value
    scorer.score(0, { ...plan, arms: [0, 0] })
    expect(scorer.value).not.toBe(first)
    scorer.score(0, plan)
    expect(scorer.value).toBe(first)
  })
})

describe('a review', () => {
  it('keeps what was right and mends what was wrong as the truth says, by the reviewer’s ability', () => {
    const { value, workMs } = score({ kind: 'review', arm: 0, reviewer: 2 }, calls)
    expect(value).toBeCloseTo(
      0.3 * between(review.value.keep, 0.9) + 0.7 * between(review.value.fixWithoutTests, 0.9),
      12,
    )
    expect(workMs).toEqual([150, 0, 500])
  })

  it('leaves the first answer where it comes late or cut, and solves afresh what was cut', () => {
    expect(score({ kind: 'review', arm: 0, reviewer: 2 }, calls, { budgetMs: 59 + 408 }).value).toBe(0.3)
    expect(score({ kind: 'review', arm: 1, reviewer: 0 }, [cut, ...calls.slice(1)]).value).toBe(0.6)
    expect(score({ kind: 'review', arm: 0, reviewer: 1 }, [cut, ...calls.slice(1)]).value).toBe(0.6)
    expect(score({ kind: 'review', arm: 2, reviewer: 0 }, calls, { budgetMs: 300 }).value).toBe(0)
  })
})

describe('a merge', () => {
  it('follows the aggregator’s table', () => {
    const [a, b, c] = [0.9, 0.6, 0.3]
    const plurality = a * b + a * (1 - b) * c + (1 - a) * b * c + a * (1 - b) * (1 - c) * (1 - meets)
    const none = (1 - a) * (1 - b) * (1 - c)
    const rule = aggregator.value
    const { value, workMs } = score({ kind: 'merge', arms: [2, 1, 0], merger: 1 }, calls)
    expect(value).toBeCloseTo(
      plurality * rule.pluralityRight +
        (1 - none - plurality) * (rule.minorityBase + rule.minoritySlope * 0.6) +
        none * rule.noneRight * 0.6,
      12,
    )
    expect(workMs).toEqual([150, 400, 500])
  })

  it('falls back on the first answer in hand', () => {
    expect(score({ kind: 'merge', arms: [2, 1, 0], merger: 1 }, calls, { budgetMs: 409 + 108 }).value).toBe(0.9)
    expect(score({ kind: 'merge', arms: [2, 1, 0], merger: 1 }, calls, { budgetMs: 58 }).value).toBe(0)
    expect(score({ kind: 'merge', arms: [0, 0, 0], merger: 1 }, [cut, ...calls.slice(1)]).value).toBe(0.6)
  })
})

describe('an insured arm', () => {
  const late = [{ timeMs: 809, ability: 0.9 }, ...calls.slice(0, 1)]

  it('needs no fallback when it is done by the switch', () => {
    const { value, workMs } = score({ kind: 'insured', arm: 2, fallback: 0, cancels: true }, calls)
    expect([value, ...workMs]).toEqual([0.9, 0, 0, 500])
  })

  it('is given up at the switch for the fallback, or runs on beside it', () => {
    const cancelled = score({ kind: 'insured', arm: 0, fallback: 1, cancels: true }, late)
    expect([cancelled.value, ...cancelled.workMs]).toEqual([0.3, 100 + 491, 150])
    const beside = score({ kind: 'insured', arm: 0, fallback: 1, cancels: false }, late)
    expect([beside.value, ...beside.workMs]).toEqual([0.9, 100 + 800, 150])
    const inVain = score({ kind: 'insured', arm: 0, fallback: 1, cancels: false }, late, { budgetMs: 800 })
    expect(inVain.value).toBe(0.3)
  })

  it('switches at once when its answer was cut', () => {
    const { value, workMs } = score({ kind: 'insured', arm: 0, fallback: 2, cancels: true }, [cut, ...calls.slice(1)], {
      switchAtMs: 900,
    })
    expect([value, ...workMs]).toEqual([0.9, 150, 0, 500])
  })

  it('is lost where the fallback is late too', () => {
    expect(score({ kind: 'insured', arm: 0, fallback: 1, cancels: true }, late, { budgetMs: 550 }).value).toBe(0)
    expect(score({ kind: 'insured', arm: 0, fallback: 1, cancels: true }, late, { switchAtMs: -10 }).value).toBe(0.3)
  })
})
