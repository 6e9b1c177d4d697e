import { describe, expect, it } from 'vitest'
import { paperTruth } from '../../../test/paper-profile.ts'
import type { CallMeaning } from '../../core/index.ts'
import { createQuestionFacts } from './question-facts.ts'
import { createBenchmarkFacts } from './truth-tables.ts'
import { decideAnswer } from './verdict.ts'

const truth = paperTruth()

const facts = createQuestionFacts(truth, {
  question: {
    id: 'q',
    text: 'q',
    benchmark: 'gsm8k',
    format: 'number',
    key: '42',
    wrongAnswers: ['1', '2', '3', '4'],
    difficulty: 0,
    textScore: null,
  },
  benchmark: createBenchmarkFacts(truth, 'gsm8k'),
})

const meaning = (
  kind: CallMeaning['kind'],
  inputs: readonly string[],
  inputModels?: readonly string[],
): CallMeaning => ({
  questionText: 'q',
  strategy: null,
  kind,
  role: null,
  inputs,
  ...(inputModels ? { inputModels } : {}),
})

/** The chance of a right answer, read off as the draw at which it turns wrong. */
function chanceOf(what: CallMeaning, ability: number): number {
  let [low, high] = [0, 1]
  for (let round = 0; round < 40; round += 1) {
    const middle = (low + high) / 2
    const { isSolution } = decideAnswer({ facts, meaning: what, ability, luck: { right: middle, wrong: 0 } }, truth)
    if (isSolution) low = middle
    else high = middle
  }
  return low
}

const failing = (what: CallMeaning) =>
  decideAnswer({ facts, meaning: what, ability: 0.5, luck: { right: 0.999_999, wrong: 0 } }, truth)

describe('solving afresh', () => {
  it('is right with the ability, and otherwise makes the commonest mistake first', () => {
    expect(chanceOf(meaning('solve', []), 0.37)).toBeCloseTo(0.37, 6)
    expect(chanceOf(meaning('solve', ['42', '42']), 0.37)).toBeCloseTo(0.37, 6)
    expect(failing(meaning('solve', [])).answer).toBe(facts.wrong[0])
  })

  it.each(['revise', 'review', 'aggregate'] as const)('is what %s does when there is nothing to read', (kind) => {
    expect(chanceOf(meaning(kind, ['', '  ', 'no answer here']), 0.37)).toBeCloseTo(0.37, 6)
  })
})

describe.each(['revise', 'review'] as const)('%s', (kind) => {
  it('keeps a right answer with 0.90 to 0.97 and mends a wrong one with 0.20 to 0.45, by ability', () => {
    expect(chanceOf(meaning(kind, ['The answer is 42.']), 0)).toBeCloseTo(0.9, 6)
    expect(chanceOf(meaning(kind, ['42']), 1)).toBeCloseTo(0.97, 6)
    expect(chanceOf(meaning(kind, ['2']), 0)).toBeCloseTo(0.2, 6)
    expect(chanceOf(meaning(kind, ['2']), 0.5)).toBeCloseTo(0.325, 6)
  })

  it('leaves what it does not mend, and spoils a right answer into a common mistake', () => {
    expect(failing(meaning(kind, ['The answer is 3.']))).toEqual({ answer: '3', isSolution: false })
    expect(failing(meaning(kind, ['42']))).toEqual({ answer: facts.wrong[0], isSolution: false })
  })

  it('looks at the plurality of several answers, at the first of a tie', () => {
    expect(chanceOf(meaning(kind, ['2', '42.0', '42']), 0)).toBeCloseTo(0.9, 6)
    expect(chanceOf(meaning(kind, ['2', '42']), 0)).toBeCloseTo(0.2, 6)
    expect(chanceOf(meaning(kind, ['42', '2']), 0)).toBeCloseTo(0.9, 6)
  })
})

describe('aggregating', () => {
  it('rarely invents an answer, mostly keeps the plurality, and can find a right minority', () => {
    expect(chanceOf(meaning('aggregate', ['1', '2', '2']), 0.8)).toBeCloseTo(0.08, 6)
    expect(chanceOf(meaning('aggregate', ['42', '2', '42']), 0.1)).toBeCloseTo(0.97, 6)
    expect(chanceOf(meaning('aggregate', ['2', '2', '42']), 0.5)).toBeCloseTo(0.55, 6)
  })

  it('weighs the answers by the accuracy of their models', () => {
    const models = ['Llama-3.2-3B-Instruct', 'DeepSeek-R1-Distill-Qwen-32B']
    expect(chanceOf(meaning('aggregate', ['2', '42'], models), 0.5)).toBeCloseTo(0.97, 6)
    expect(chanceOf(meaning('aggregate', ['42', '2'], models), 0.5)).toBeCloseTo(0.55, 6)
  })

  it('gives the wrong plurality when it fails', () => {
    expect(failing(meaning('aggregate', ['42', '3', '3'])).answer).toBe('3')
  })
})
