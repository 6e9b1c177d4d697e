/** @file The loaders beside the calibration data: every question usable, read by the policy as what it is, split as told. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { paperTruth } from '../../../test/paper-profile.ts'
import { sharedDataFolder } from '../../../test/shared-data.ts'
import { mean } from '../../core/index.ts'
import { classify } from '../../policy/index.ts'
import { createAnswerModel } from '../../twin/index.ts'
import { availableDatasets, loadQuestions } from './load-questions.ts'
import type { Question } from './question.ts'
import { type QuestionSet, questionSets } from './question-sets.ts'
import { countParts, partNames } from './split-questions.ts'

const shared = sharedDataFolder()
const folder = shared === null ? null : join(shared, 'questions')

/** Rows of each file (one of MMLU-Pro is there twice), and what the policy should read off the texts. */
const expected = {
  math: { count: 377, domain: 'math', format: 'number' },
  gsm8k: { count: 986, domain: 'math', format: 'number' },
  'gsm-hard': { count: 987, domain: 'math', format: 'number' },
  mbpp: { count: 747, domain: 'code', format: 'code' },
  humaneval: { count: 132, domain: 'code', format: 'code' },
  'mmlu-pro': { count: 1042, domain: 'knowledge', format: 'choice' },
} as const
const names = Object.keys(expected) as readonly (keyof typeof expected)[]

const loaded = new Map<string, readonly Question[]>()
function questionsOf(dataset: string): readonly Question[] {
  const questions = loaded.get(dataset) ?? loadQuestions({ folder: folder as string, dataset })
  loaded.set(dataset, questions)
  return questions
}

const show = (line: string) => process.stdout.write(`${line}\n`)
const shareOf = (questions: readonly Question[], isMeant: (question: Question) => boolean) =>
  questions.filter(isMeant).length / questions.length

/** `scores`: mean 0, deviation 1. */
function correlation(scores: readonly number[], values: readonly number[]): number {
  const centred = values.map((value) => value - mean(values))
  const spread = Math.sqrt(mean(centred.map((value) => value ** 2)))
  return mean(centred.map((value, index) => (value / spread) * (scores[index] as number)))
}

describe.skipIf(folder === null)('beside the calibration data', () => {
  it('all six sets are found', () => {
    expect(availableDatasets(folder as string)).toEqual(names)
  })

  it.each(names)('%s is whole, and the twin takes every question', (dataset) => {
    const questions = questionsOf(dataset)
    expect(questions).toHaveLength(expected[dataset].count)
    expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length)
    const model = createAnswerModel({ truth: paperTruth(), questions, seed: 1, text: 'compact' })
    for (const question of questions) {
      const said =
        question.format === 'code' ? `\`\`\`python\n${question.key}\n\`\`\`` : `The answer is \\boxed{${question.key}}.`
      expect(model.isRight(question, said), question.key).toBe(true)
      expect(model.isRight(question, question.key), question.key).toBe(true)
      expect(model.find(question.text)?.id).toBe(question.id)
    }
  })

  it.each(names)('%s is read by the policy as what it is', (dataset) => {
    const questions = questionsOf(dataset)
    const read = (question: Question) => classify({ messages: [], text: question.text })
    const domain = shareOf(questions, (question) => read(question).domain === expected[dataset].domain)
    const format = shareOf(questions, (question) => read(question).answerFormat === expected[dataset].format)
    show(`${dataset}: domain read right ${(100 * domain).toFixed(1)} %, answer format ${(100 * format).toFixed(1)} %`)
    expect(domain).toBeGreaterThan(0.98)
    expect(format).toBeGreaterThan(0.99)
  })

  it.each(names)('%s has a difficulty where the set gives one, and a standard text score', (dataset) => {
    const questions = questionsOf(dataset)
    const hasDifficulty = dataset === 'math' || dataset === 'mmlu-pro'
    expect(questions.every(({ difficulty }) => (difficulty !== null) === hasDifficulty)).toBe(true)
    const scores = questions.map(({ textScore }) => textScore as number)
    expect(mean(scores)).toBeCloseTo(0, 9)
    expect(mean(scores.map((score) => score ** 2))).toBeCloseTo(1, 9)
    if (hasDifficulty) {
      const r = correlation(
        scores,
        questions.map(({ difficulty }) => difficulty as number),
      )
      show(`${dataset}: text score against difficulty R2 ${(r ** 2).toFixed(3)}`)
      expect(r).toBeGreaterThan(0.2)
    }
  })

  it('the parts have their shares, and no group is in two of them, across sets too', () => {
    const sets = questionSets({ folder, datasets: [...names, 'mixed'], seed: 1 })
    for (const [dataset, set] of sets) {
      const counts = countParts(set)
      show(`${dataset}: train ${counts.train}, validation ${counts.validation}, test ${counts.test}`)
      const total = counts.train + counts.validation + counts.test
      // HumanEval, the smallest, has 132 groups: 3 deviations of a share of 0.45 are 0.13.
      expect(Math.abs(counts.train / total - 0.45)).toBeLessThan(0.13)
    }
    const mixed = sets.get('mixed') as QuestionSet
    const groups = partNames.map((part) => new Set(mixed[part].map(({ group }) => group)))
    const all = new Set(groups.flatMap((group) => [...group]))
    expect(groups.reduce((sum, { size }) => sum + size, 0)).toBe(all.size)
    // Nearly all hard stories have their original here.
    const easy = new Set(questionsOf('gsm8k').map(({ group }) => group))
    expect(shareOf(questionsOf('gsm-hard'), ({ group }) => easy.has(group))).toBeGreaterThan(0.95)
  })

  it.each(['mbpp', 'humaneval'] as const)('%s: a sample of reference programs passes, of mistakes fails', (dataset) => {
    const sample = questionsOf(dataset).filter((_, index) => index % 12 === 0)
    const right = sample.map(({ key, tests = '' }) => [key, tests] as const)
    const wrong = sample.flatMap(({ wrongAnswers, tests = '' }) =>
      wrongAnswers.map((program) => [program, tests] as const),
    )
    const passed = runPython([...right, ...wrong])
    expect(passed).toEqual([...right.map(() => true), ...wrong.map(() => false)])
  })
})

/** Runs each [program, tests]: whether the tests pass. The programs are the sets' own and those made here. */
function runPython(pairs: readonly (readonly [string, string])[]): boolean[] {
  const runner = `
import contextlib, io, json, sys
def passes(program, tests):
    code = compile(program, "program", "exec")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            scope = {}
            exec(code, scope)
            exec(tests, scope)
        return True
    except Exception:
        return False
print(json.dumps([passes(*pair) for pair in json.load(sys.stdin)]))
`
  return JSON.parse(
    execFileSync('python3', ['-I', '-W', 'ignore', '-c', runner], {
      input: JSON.stringify(pairs),
      encoding: 'utf8',
      timeout: 50_000,
    }),
  )
}
