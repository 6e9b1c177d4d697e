import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSyntheticQuestions } from './create-synthetic-questions.ts'
import { type Question, syntheticDatasets } from './question.ts'
import { passageGroup, storyGroup, textGroup, textHash } from './question-key.ts'
import { countParts, partNames, splitQuestions } from './split-questions.ts'

const question = (id: string, group: string): Question => ({
  id,
  text: id,
  dataset: 'made-up',
  benchmark: 'math',
  format: 'number',
  key: '1',
  wrongAnswers: ['2', '3', '4'],
  difficulty: null,
  textScore: null,
  level: null,
  group,
})
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => question(`q${index}`, `group ${index >> 1}`))

describe('groups', () => {
  it('mask numbers, case and white space, nothing else', () => {
    expect(textGroup('Add 3 and  4.5\nto 1,000')).toBe(textGroup('add 17 and 2 to 6'))
    expect(textGroup('Add 3 and 4')).not.toBe(textGroup('Add 3 to 4'))
    expect(textGroup('What is $3+4$?')).not.toBe(textGroup('What is $3-4$?'))
  })

  it('join a story with its double of other numbers by the first 40 letters', () => {
    const story = "Ivo's bakery sells 12 loaves every morning to people from the village."
    expect(storyGroup(story)).toBe(storyGroup(story.replace('12', '840311')))
    expect(storyGroup(`${story} How many?`)).toBe(storyGroup(story.replace('from the village', 'who pass')))
    expect(storyGroup(story)).not.toBe(storyGroup(story.replace('sells', 'gives')))
  })

  it('join the questions on one passage, and tell short ones apart', () => {
    const passage = 'The treaty was signed in 1648 after long talks between many envoys. '.repeat(5)
    expect(passageGroup(`${passage}Who signed?`)).toBe(passageGroup(`${passage}Where was it?`))
    expect(passageGroup('Who signed the treaty?')).not.toBe(passageGroup('Where was the treaty signed?'))
  })

  it('have hashes of 16 hexadecimal digits', () => {
    expect(textHash('')).toMatch(/^[0-9a-f]{16}$/)
    expect(textHash('a')).not.toBe(textHash('b'))
  })
})

describe('splitQuestions', () => {
  it('puts every question into one part, in order, whole groups together, whatever the rest', () => {
    const all = many(400)
    fc.assert(
      fc.property(fc.shuffledSubarray(all), (some) => {
        const parts = splitQuestions(some)
        for (const name of partNames) {
          const whole = new Set(splitQuestions(all)[name].map(({ id }) => id))
          expect(parts[name]).toEqual(some.filter(({ id }) => whole.has(id)))
        }
        const groups = partNames.map((name) => new Set(parts[name].map(({ group }) => group)))
        expect(groups.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(some.map(({ group }) => group)).size)
      }),
      { numRuns: 30 },
    )
  })

  it('keeps 45, 10 and 45 % in the mean', () => {
    const { train, validation, test } = countParts(splitQuestions(many(40_000)))
    // 20,000 groups of two: 4 deviations of a share are 0.014 and 0.0085.
    expect(Math.abs(train / 40_000 - 0.45)).toBeLessThan(0.014)
    expect(Math.abs(validation / 40_000 - 0.1)).toBeLessThan(0.0085)
    expect(train + validation + test).toBe(40_000)
  })

  it.each(syntheticDatasets)('deals %s so that training and test have every level', (dataset) => {
    const questions = createSyntheticQuestions({ dataset, count: 600, seed: 1 })
    const parts = splitQuestions(questions)
    for (const name of ['train', 'test'] as const) {
      expect(new Set(parts[name].map(({ level }) => level)).size).toBe(5)
      expect(parts[name].length / 600).toBeGreaterThan(0.35)
    }
    expect(parts.validation.length).toBeGreaterThan(30)
  })
})
