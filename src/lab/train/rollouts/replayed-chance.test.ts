/** @file Which replays of a run count: those in which the same calls could be read, and agree. */
import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../../../test/paper-profile.ts'
import { aRunRecord, aStepRecord } from '../../../testing/index.ts'
import { createBenchmarkFacts, createQuestionFacts, resolveBenchmark } from '../../../twin/answers/index.ts'
import { requireTruth } from '../../profile-file.ts'
import { createSyntheticQuestions, type Question } from '../../questions/index.ts'
import { createHindsight } from './hindsight.ts'
import { type ReplayTerms, replayedChance } from './replayed-chance.ts'

const profile = paperProfile()
const truth = requireTruth(profile)
const model = 'Llama-3.1-8B-Instruct'
const factsOf = (question: Question) => {
  const benchmark = createBenchmarkFacts(truth, resolveBenchmark(truth, question.benchmark))
  return createQuestionFacts(truth, { question, benchmark })
}
/** One that the model gets right about every second time. */
const question = createSyntheticQuestions({ dataset: 'synthetic-math', count: 200, seed: 4 }).find((asked) => {
  const facts = factsOf(asked)
  return facts.isLabelUsable && Math.abs(facts.of(model).at('Concise').ability - 0.5) < 0.1
}) as Question
const facts = factsOf(question)

/** Three agents of one model that voted; two answers were the same. */
const stepOf = (place: number, answer: string | null) =>
  aStepRecord({
    stepId: `0/${place}`,
    choice: { model, strategy: 'Concise', reason: 'greedy', price: 0, score: 0 },
    answer,
  })
const record = aRunRecord({
  answeredBy: 'vote',
  answer: '7',
  steps: [stepOf(0, '7'), stepOf(1, '7'), stepOf(2, '8')],
})
const chanceWith = (readingOf: ReplayTerms['readingOf'], isCorrect = true) =>
  replayedChance(record, { facts, truth, seed: 1, isCorrect, readingOf })

describe('the replays of a vote', () => {
  it('are none where nothing can be read that could be read in the run: the coin is left', () => {
    expect(chanceWith(() => null)).toBe(1)
    expect(chanceWith(() => null, false)).toBe(0)
  })

  it('are none where all agree, though two of the run did not', () => {
    expect(chanceWith(() => '7')).toBe(1)
  })

  it('are all where the same two agree, whatever else was said', () => {
    const asked: string[] = []
    let call = 0
    const chance = chanceWith((_, format) => {
      asked.push(format)
      call += 1
      return call % 3 === 0 ? 'other' : 'same'
    })
    // Eight replays and the run itself.
    expect(Number.isInteger(Math.round(9 * chance * 1e9) / 1e9)).toBe(true)
    expect(asked).toHaveLength(3 * 8)
    expect(new Set(asked)).toEqual(new Set(['number']))
    expect(chance).toBeLessThan(1)
  })

  it('are read in the format that the run was asked in, whatever the key is written in', () => {
    const inWords = { ...question, format: 'text' as const }
    const chancesOf = (asked: Question) => {
      const hindsight = createHindsight(profile)
      return Array.from({ length: 20 }, (_, seed) => hindsight.chanceRight(asked, record, { seed, isCorrect: true }))
    }
    const chances = chancesOf(question)
    expect(chancesOf(inWords)).toEqual(chances)
    // Replays did count.
    expect(Math.min(...chances)).toBeLessThan(1)
  })
})
