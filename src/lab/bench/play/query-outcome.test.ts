import { describe, expect, it } from 'vitest'
import { aRunRecord } from '../../../testing/index.ts'
import { neverMs, outcomeOf, unanswered } from './query-outcome.ts'

const base = aRunRecord({
  arrivedAtMs: 1000,
  finishedAtMs: 3500,
  budgetMs: 5000,
  outcome: 'answered',
  degraded: [],
  answer: '4',
})
const of = (parts: Partial<typeof base>, isCorrect = true) => outcomeOf({ ...base, ...parts }, isCorrect)
const query = (answerFormat: typeof base.query.answerFormat) => ({ ...base.query, answerFormat })

describe('what came of a query', () => {
  it('is counted from its arrival, under its own budget', () => {
    expect(of({})).toEqual({ latencyMs: 2500, isCorrect: true, isStrict: true, isDegraded: false, budgetMs: 5000 })
  })

  it.each(['failed', 'refused', 'aborted'] as const)('is no answer where it %s, right or not', (outcome) => {
    expect(of({ outcome })).toEqual(unanswered(5000))
    expect(of({ outcome }).latencyMs).toBe(neverMs)
  })

  it.each(['insurance', 'best-so-far', 'cut'] as const)('is a fall-back by %s: right perhaps, strict never', (kind) => {
    expect(of({ degraded: [kind] })).toMatchObject({ isCorrect: true, isStrict: false, isDegraded: true })
  })

  it.each(['steps-dropped', 'steps-failed'] as const)('is no fall-back with %s alone, but not complete', (kind) => {
    expect(of({ degraded: [kind] })).toMatchObject({ isStrict: false, isDegraded: false })
  })

  it('is strict only where an answer was read, if the format has one', () => {
    expect(of({ answer: null, query: query('number') }).isStrict).toBe(false)
    expect(of({ answer: null, query: query('choice') }).isStrict).toBe(false)
    expect(of({ answer: null, query: query('code') }).isStrict).toBe(true)
    expect(of({ answer: null, query: query('text') }).isStrict).toBe(true)
  })

  it('is wrong where the key says so', () => {
    expect(of({}, false).isCorrect).toBe(false)
  })
})
