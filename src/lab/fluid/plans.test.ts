import { describe, expect, it } from 'vitest'
import { type Arm, strategyIds } from '../../core/index.ts'
import { describePlan, isStatic, listPlans, shortlist } from './plans.ts'

const arms: readonly Arm[] = ['a', 'b', 'c'].flatMap((model) => strategyIds.map((strategy) => ({ model, strategy })))
const combined = arms.map((_, arm) => arm)
const kindsOf = (format: 'number' | 'choice' | 'code' | 'text') => [
  ...new Set(listPlans({ arms, format, combined }).map(({ kind }) => kind)),
]

describe('the plans', () => {
  it('vote and probe where answers can be compared, and merge where not', () => {
    for (const format of ['number', 'choice'] as const)
      expect(kindsOf(format)).toEqual(['single', 'review', 'vote', 'probe', 'insured'])
    for (const format of ['code', 'text'] as const)
      expect(kindsOf(format)).toEqual(['single', 'review', 'merge', 'insured'])
  })

  it('hold each once', () => {
    for (const format of ['number', 'code'] as const) {
      const names = listPlans({ arms, format, combined }).map((plan) => describePlan(plan, arms))
      expect(new Set(names).size).toBe(names.length)
    }
  })

  it('are as many as the arms allow', () => {
    const count = (kind: string) =>
      listPlans({ arms, format: 'number', combined }).filter((plan) => plan.kind === kind).length
    expect(count('single')).toBe(9)
    expect(count('review')).toBe(81)
    expect(count('insured')).toBe(2 * 72)
    // Nine arms three times, and the three models at each of three depths.
    expect(count('vote')).toBe(9 + 3)
    expect(count('probe')).toBe(45 * 9)
  })

  it('take single arms from all, teams from the combined alone', () => {
    const plans = listPlans({ arms, format: 'number', combined: [4] })
    expect(plans.map((plan) => describePlan(plan, arms)).slice(9)).toEqual([
      'review(b:Concise > b:Concise)',
      'vote(b:Concise + b:Concise + b:Concise)',
      'probe(b:Concise + b:Concise > b:Concise)',
    ])
  })

  it('are static unless they wait and see', () => {
    const plans = listPlans({ arms, format: 'number', combined })
    expect([...new Set(plans.filter(isStatic).map(({ kind }) => kind))]).toEqual(['single', 'review', 'vote'])
    const insured = plans.filter(({ kind }) => kind === 'insured').slice(0, 2)
    expect(insured.map((plan) => describePlan(plan, arms))).toEqual([
      'insured(a:Flash > a:Concise)',
      'insured(a:Flash | a:Concise)',
    ])
  })
})

describe('the shortlist', () => {
  it('is all arms, best first, where they are few', () => {
    const worth = [0.2, 0.9, 0.5].map((accuracy) => ({ accuracy, workMs: 1 }))
    expect(shortlist(worth)).toEqual([1, 2, 0])
  })

  it('of many holds the best, and the best of the cheap', () => {
    // The later the better and the dearer.
    const worth = Array.from({ length: 100 }, (_, arm) => ({ accuracy: arm / 100, workMs: arm }))
    expect(shortlist(worth)).toEqual([99, 98, 97, 96, 95, 94, 93, 92, 25, 24, 23, 22, 21, 20, 19])
  })
})
