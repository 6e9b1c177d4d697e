import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paperTruth } from '../../../test/paper-profile.ts'
import { jsonLines, questionFolder } from '../../../test/question-folder.ts'
import { ConfigError, type JsonObject } from '../../core/index.ts'
import { createAnswerModel } from '../../twin/index.ts'
import { availableDatasets, byQuestionId, loadQuestions } from './load-questions.ts'
import { canSimulate, type Question } from './question.ts'

const examples: Readonly<Record<string, JsonObject>> = {
  math: { problem: 'What is $7 \\cdot 8$?', answer: '56', level: 2 },
  gsm8k: { question: 'Ada has 3 bags of 4 stamps. How many is that?', answer: '#### 12' },
  'gsm-hard': { input: 'Ada has 31 bags of 4712 stamps. How many is that?', target: 146072.0 },
  mbpp: {
    task_id: 1,
    text: 'Add two numbers.',
    code: 'def add(a, b):\n  return a + b',
    test_list: ['assert add(1, 2) == 3'],
  },
  humaneval: {
    prompt: 'def twice(n):\n    """ Twice n. """\n',
    entry_point: 'twice',
    canonical_solution: '    return 2 * n\n',
    test: 'def check(candidate):\n    assert candidate(2) == 4\n',
  },
  'mmlu-pro': { question: 'Which floats?', options: ['Lead', 'Cork', 'Iron', 'Gold'], answer: 'B', irt_b: 0.3 },
  'my desk': { messages: [{ role: 'user', content: 'How many days has May?' }], expected: 31 },
}
const datasets = Object.keys(examples)
const load = (dataset: string, records: readonly unknown[]): readonly Question[] =>
  loadQuestions({ folder: questionFolder({ [`${dataset}.jsonl`]: jsonLines(records) }), dataset })

describe('loadQuestions', () => {
  it('knows every set of a folder, published ones first', () => {
    const files = Object.fromEntries(
      datasets.map((name) => [`${name}.jsonl.gz`, gzipSync(jsonLines([examples[name]]))]),
    )
    const folder = questionFolder({ ...files, 'a set.jsonl': '{}' })
    expect(availableDatasets(folder)).toEqual([
      'math',
      'gsm8k',
      'gsm-hard',
      'mbpp',
      'humaneval',
      'mmlu-pro',
      'a set',
      'my desk',
    ])
    for (const dataset of datasets) expect(loadQuestions({ folder, dataset })).toHaveLength(1)
  })

  it.each(datasets)('makes questions of %s that the twin can answer', (dataset) => {
    const questions = load(dataset, [examples[dataset]])
    const model = createAnswerModel({ truth: paperTruth(), questions, seed: 1, text: 'compact' })
    const [question] = questions as [Question]
    expect(question.id).toMatch(new RegExp(`^${dataset}-[0-9a-f]{16}$`))
    expect(question.dataset).toBe(dataset)
    expect(question.benchmark).toBe(dataset === 'my desk' ? 'gsm8k' : dataset)
    expect(canSimulate(question)).toBe(true)
    expect(model.isRight(question, question.key)).toBe(true)
    expect(question).not.toHaveProperty('identity')
    // Plain data: kept beside replies, it is read again as it was.
    expect(JSON.parse(JSON.stringify(question))).toEqual(question)
  })

  it('gives the same question the same id and mistakes in every file, and finds it by that', () => {
    const [first] = load('math', [examples['math']]) as [Question]
    const other = { ...examples['math'], problem: 'What is $7 \\cdot 9$?', answer: '63' }
    const both = load('math', [other, examples['math']])
    expect(both[1]).toMatchObject({ id: first.id, wrongAnswers: first.wrongAnswers, group: first.group })
    expect(byQuestionId(both).get(first.id)).toBe(both[1])
  })

  it('keeps the first of two with the same words', () => {
    const again = { ...examples['math'], answer: '57' }
    expect(load('math', [examples['math'], again]).map(({ key }) => key)).toEqual(['56'])
  })

  it('marks as live-only what has a rule but no answer', () => {
    const rule = { messages: [{ role: 'user', content: 'Say ok.' }], regex: 'ok' }
    const [live, simulated] = load('desk', [
      rule,
      { ...rule, messages: [{ role: 'user', content: 'Ok?' }], expected: 'ok' },
    ])
    expect([live, simulated].map((question) => canSimulate(question as Question))).toEqual([false, true])
    expect(live?.check).toEqual({ kind: 'regex', pattern: 'ok' })
  })

  it.each(datasets)('reads %s whole or not at all: one bad record refuses the set with its line', (dataset) => {
    const good = examples[dataset]
    expect(() => load(dataset, [good, {}, good, { nothing: 1 }])).toThrow(
      new RegExp(`CONFIG_INVALID[\\s\\S]*${dataset}\\.jsonl:2: expected[\\s\\S]*${dataset}\\.jsonl:4: expected`),
    )
  })

  it.each(datasets)('loads %s or refuses it with a ConfigError, whatever stands in a field', (dataset) => {
    const good = examples[dataset] as JsonObject
    const broken = fc.record({ name: fc.constantFrom(...Object.keys(good)), value: fc.jsonValue() })
    fc.assert(
      fc.property(broken, ({ name, value }) => {
        let questions: readonly Question[] = []
        try {
          questions = load(dataset, [good, { ...good, [name]: value }])
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
          return
        }
        for (const question of questions) {
          expect(question.text.trim()).not.toBe('')
          expect(question.key.trim()).not.toBe('')
          expect(canSimulate(question)).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })
})
