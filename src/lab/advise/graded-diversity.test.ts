import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keyedRandom } from '../../core/index.ts'
import { type GradedRow, gradedDiversity, readGraded, unknownModels } from './graded-diversity.ts'
import { jointOf } from './joint-outcome.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inframind-graded-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const fileOf = (text: string): string => {
  const file = join(folder, 'graded.jsonl')
  writeFileSync(file, text)
  return file
}

const row = (id: number, model: string, correct: boolean, more: Partial<GradedRow> = {}): GradedRow => ({
  id: String(id),
  set: 'math',
  domain: 'math',
  model,
  strategy: 'Concise',
  correct,
  ...more,
})
const many = (count: number, of: (id: number) => readonly GradedRow[]) =>
  Array.from({ length: count }, (_, id) => of(id)).flat()
const pairIn = (rows: readonly GradedRow[], models = ['a', 'b']) =>
  gradedDiversity(rows, { models, seed: 1 })[0]?.pairs[0]

describe('two outcomes', () => {
  it('correlate as a table of four counts says', () => {
    // 4 both right, 2 the first alone, 1 the second alone, 3 neither: phi = (4 x 3 - 2 x 1) / sqrt(6 x 4 x 5 x 5).
    const first = [1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    const second = [1, 1, 1, 1, 0, 0, 1, 0, 0, 0]
    const { both, either, phi } = jointOf(first, second)
    expect([both, either]).toEqual([expect.closeTo(0.4, 12), expect.closeTo(0.7, 12)])
    expect(phi).toBeCloseTo(10 / Math.sqrt(600), 12)
    expect(jointOf(first, first).phi).toBeCloseTo(1, 12)
    expect(jointOf([1, 1], [0, 1]).phi).toBeNaN()
  })
})

describe('graded answers', () => {
  it('show twins and strangers', () => {
    const twins = pairIn(many(60, (id) => ['a', 'b'].map((model) => row(id, model, id % 3 > 0))))!
    expect(twins).toMatchObject({ questions: 60, phi: expect.closeTo(1, 9), judge: expect.closeTo(0, 9) })
    expect(twins.judgeInterval).toEqual([expect.closeTo(0, 9), expect.closeTo(0, 9)])
    const strangers = pairIn(many(60, (id) => [row(id, 'a', id % 3 > 0), row(id, 'b', id % 2 > 0)]))!
    expect(strangers).toMatchObject({ better: 'a', other: 'b', phi: expect.closeTo(0, 9) })
    expect(strangers.judge).toBeCloseTo(1 / 6, 9)
    expect(strangers.betterAlone).toBeCloseTo(2 / 3, 9)
  })

  it('have intervals that shrink with the questions and hold the truth', () => {
    const random = keyedRandom(3, 'outcomes')
    const draw = (count: number) =>
      pairIn(many(count, (id) => [row(id, 'a', random.uniform() < 0.7), row(id, 'b', random.uniform() < 0.6)]))!
    const [few, lots] = [draw(60), draw(1500)]
    const width = ([low, high]: readonly [number, number]) => high - low
    expect(width(lots.phiInterval!)).toBeLessThan(width(few.phiInterval!) / 3)
    expect(lots.phiInterval![0]).toBeLessThan(0)
    expect(lots.phiInterval![1]).toBeGreaterThan(0)
    expect(lots.judgeInterval[0]).toBeLessThan(0.18)
    expect(lots.judgeInterval[1]).toBeGreaterThan(0.18)
  })

  it('take each model at its best depth, and repeats by their share', () => {
    const rows = many(30, (id) => [
      row(id, 'a', id % 2 === 0),
      row(id, 'a', id % 2 === 1),
      row(id, 'b', true, { strategy: 'DeepThink' }),
      row(id, 'b', false, { strategy: 'Flash' }),
    ])
    expect(pairIn(rows)).toMatchObject({ better: 'b', betterAlone: 1, otherAlone: 0.5, phi: null, phiInterval: null })
  })

  it('say nothing of pairs with few questions in common, or of models not asked for', () => {
    const rows = many(40, (id) => [row(id, id < 20 ? 'a' : 'b', true), row(id, 'c', id % 2 > 0)])
    expect(gradedDiversity(rows, { models: ['a', 'b'], seed: 1 })).toEqual([])
    expect(gradedDiversity(rows, { models: ['a', 'b', 'c'], seed: 1 })[0]?.pairs).toHaveLength(2)
    // The same id in another set is another question.
    const apart = many(40, (id) => [row(id, 'a', true), row(id, 'b', true, { set: 'gsm8k' })])
    expect(gradedDiversity(apart, { models: ['a', 'b'], seed: 1 })).toEqual([])
  })
})

describe('the file', () => {
  it('is read line by line, fields that are not needed left aside', () => {
    const lines = [
      { id: 7, set: 's', domain: 'code', model: 'm', strategy: null, correct: true, output_tokens: 12, cut: false },
      { id: 'q', set: 's', domain: 'code', model: 'm', correct: false },
    ]
    expect(readGraded(fileOf(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n\n`))).toHaveLength(2)
  })

  it('may end in a torn line, but hold none before', () => {
    const whole = `${JSON.stringify(row(1, 'm', true))}\n`
    expect(readGraded(fileOf(`${whole}${whole}{"id":1`))).toHaveLength(2)
    expect(() => readGraded(fileOf(`${whole}{"id":1\n${whole}`))).toThrow(/graded\.jsonl:2/)
  })

  it('names the models that are not of the pool', () => {
    expect(unknownModels([row(1, 'z', true), row(1, 'a', true), row(2, 'z', true), row(2, 'b', true)], ['a'])).toEqual([
      'b',
      'z',
    ])
  })

  it.each<[string, string, RegExp]>([
    ['a line that is no JSON', '{"id":1', /graded\.jsonl:1: expected a graded answer/],
    ['a line without a verdict', '{"id":1,"set":"s","domain":"math","model":"m"}', /graded\.jsonl:1: .*correct/],
    ['nothing', '\n', /expected graded answers, got none/],
  ])('with %s is refused', (_, text, says) => {
    expect(() => readGraded(fileOf(text))).toThrow(says)
  })

  it('that is not there is refused', () => {
    expect(() => readGraded(join(folder, 'none.jsonl'))).toThrow(/--graded: expected a readable file/)
  })
})
