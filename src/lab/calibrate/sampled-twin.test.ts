/** @file The twin asked as real models were: repeatable, with depths and second looks that follow its truth. */
import { describe, expect, it } from 'vitest'
import { paperTruth } from '../../../test/paper-profile.ts'
import { accuracyOf, intraclassCorrelation } from './repeat-samples.ts'
import { createSampledTwin } from './sampled-twin.ts'

const truth = paperTruth()
const model = 'Mistral-Small-24B-Instruct-2501'
const twinOf = (benchmark: string) => createSampledTwin({ truth, benchmark, count: 1500, seed: 1 })

describe('a sampled twin', () => {
  it('gives the same answers again, and others under another seed', () => {
    const cell = { model, strategy: null, repeats: 2 }
    expect(twinOf('math').ask(cell)).toEqual(twinOf('math').ask(cell))
    const other = createSampledTwin({ truth, benchmark: 'math', count: 1500, seed: 2 })
    expect(other.ask(cell).tokens).not.toEqual(twinOf('math').ask(cell).tokens)
  })

  it('counts the right answers as the twin judges them', () => {
    const { questions, accuracy, firstRight } = twinOf('math').ask({ model, strategy: null, repeats: 4 })
    expect(accuracyOf(questions)).toBeCloseTo(accuracy, 12)
    expect(firstRight.filter(Boolean).length).toBe(questions.filter(({ answers }) => answers[0] === 'right').length)
    // 1,500 questions: the deviation of a share of 0.7 is 0.012; 4 of them.
    expect(Math.abs(accuracy - truth.cotAccuracy.value['math']![model]!)).toBeLessThan(0.05)
  })

  it.each(['math', 'mmlu-pro', 'mbpp'])('%s: repeats are alike, but not the same', (benchmark) => {
    const icc = intraclassCorrelation(twinOf(benchmark).ask({ model, strategy: null, repeats: 5 }).questions)
    expect(icc).toBeGreaterThan(0.2)
    expect(icc).toBeLessThan(0.8)
  })

  it('is shorter when asked to be concise, longer when asked to think', () => {
    const tokens = (['Flash', 'Concise', 'DeepThink'] as const).map((strategy) => {
      const { tokens: drawn } = twinOf('math').ask({ model, strategy, repeats: 1 })
      return drawn.reduce((sum, value) => sum + value, 0)
    })
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b))
  })

  it('keeps most of what was right at a second look, and mends some of the rest', () => {
    const { keep, fix, before, after } = twinOf('humaneval').revise(model)
    const [lowKeep, highKeep] = truth.review.value.keep
    const [lowFix, highFix] = truth.review.value.fixWithoutTests
    expect(keep).toBeGreaterThan(lowKeep - 0.03)
    expect(keep).toBeLessThan(highKeep + 0.03)
    expect(fix).toBeGreaterThan(lowFix - 0.07)
    expect(fix).toBeLessThan(highFix + 0.07)
    expect(after).toBeCloseTo(before * keep + (1 - before) * fix, 9)
  })
})
