import { describe, expect, it } from 'vitest'
import { jsonLines, questionFolder } from '../../../test/question-folder.ts'
import { type QuestionSet, questionSets } from './question-sets.ts'
import { countParts, partNames } from './split-questions.ts'

const goods = ['stamps', 'nails', 'plums', 'cards', 'seeds', 'bolts', 'beads', 'coins']
const stories = Array.from({ length: 64 }, (_, index) => ({
  question: `A ${goods[index & 7]} dealer and a ${goods[index >> 3]} dealer share 12 crates. How many has each?`,
  answer: 6,
}))
const hardStories = stories.map(({ question }) => ({ input: question.replace('12', '90210'), target: 45105.0 }))
const problems = stories.map((_, index) => ({
  problem: `What is the word for ${goods[index & 7]} ${goods[index >> 3]}?`,
  answer: 'x',
}))
const folderOfThree = () =>
  questionFolder({
    'gsm8k.jsonl': jsonLines(stories),
    'gsm_hard.jsonl': jsonLines(hardStories),
    'math500.jsonl': jsonLines(problems),
    'desk.jsonl': jsonLines([{ messages: [{ role: 'user', content: 'Ok?' }], expected: 'ok' }]),
  })
const sizeOf = (set: QuestionSet | undefined) =>
  Object.values(countParts(set as QuestionSet)).reduce((a, b) => a + b, 0)

describe('questionSets', () => {
  it('loads the sets that are asked for, in that order', () => {
    const sets = questionSets({
      folder: folderOfThree(),
      datasets: ['desk', 'math', 'synthetic-code'],
      seed: 1,
      syntheticCount: 50,
    })
    expect([...sets.keys()]).toEqual(['desk', 'math', 'synthetic-code'])
    expect([...sets.values()].map(sizeOf)).toEqual([1, 64, 50])
    const math = sets.get('math') as QuestionSet
    expect(math.members).toHaveLength(1)
    expect(math.members[0]?.test).toEqual(math.test)
  })

  it('keeps a story and its hard double in one part', () => {
    const sets = questionSets({ folder: folderOfThree(), datasets: ['gsm8k', 'gsm-hard'], seed: 1 })
    for (const part of partNames) {
      const groups = (dataset: string) => sets.get(dataset)?.[part].map(({ group }) => group)
      expect(groups('gsm-hard')).toEqual(groups('gsm8k'))
    }
  })

  it('joins the published sets as mixed, each a member of its own', () => {
    const folder = folderOfThree()
    const mixed = questionSets({ folder, datasets: ['mixed'], seed: 1 }).get('mixed') as QuestionSet
    expect(mixed.dataset).toBe('mixed')
    expect(
      mixed.members.map((member) => new Set([...member.train, ...member.test].map(({ dataset }) => dataset))),
    ).toEqual(['math', 'gsm8k', 'gsm-hard'].map((dataset) => new Set([dataset])))
    for (const part of partNames) expect(mixed[part]).toEqual(mixed.members.flatMap((member) => member[part]))
  })

  it('makes the synthetic sets without a folder, the same for a seed', () => {
    const datasets = ['synthetic-math', 'mixed']
    const sets = questionSets({ folder: null, datasets, seed: 4 })
    expect(sizeOf(sets.get('synthetic-math'))).toBe(600)
    expect(sizeOf(sets.get('mixed'))).toBe(1800)
    expect(sets.get('mixed')?.members).toHaveLength(3)
    expect(questionSets({ folder: null, datasets, seed: 4 })).toEqual(sets)
    expect(questionSets({ folder: null, datasets, seed: 5 })).not.toEqual(sets)
  })

  it('names the nearest set for an unknown one, before anything is loaded', () => {
    const folder = questionFolder({ 'math500.jsonl': 'broken' })
    expect(() => questionSets({ folder, datasets: ['math', 'synthetic-mth'], seed: 1 })).toThrow(
      /expected a set of questions, got synthetic-mth\. Did you mean "synthetic-math"\?/,
    )
    expect(() => questionSets({ folder: null, datasets: ['math'], seed: 1 })).toThrow(/got math\./)
  })

  it('has nothing to mix in a folder without published sets', () => {
    const folder = questionFolder({ 'desk.jsonl': '{}' })
    expect(() => questionSets({ folder, datasets: ['mixed'], seed: 1 })).toThrow(/got mixed/)
  })
})
