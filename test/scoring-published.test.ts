/**
 * @file Scoring held against the published sets, where they are on this machine: every key is right however a reply
 * announces it, every distractor is wrong.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadQuestions, type Question } from '../src/lab/questions/index.ts'
import { score } from '../src/lab/scoring/index.ts'
import { sharedDataFolder } from './shared-data.ts'

const folder = sharedDataFolder()

function sayings({ dataset, format, key }: Question): readonly string[] {
  if (format === 'choice') return [`The answer is (${key}).`, `Answer: ${key}`, `(${key})`]
  if (dataset !== 'math') return [`#### ${key}`, `The answer is ${key}.`, `So it is **${key}**.`, key]
  const minerva = `Final Answer: The final answer is $${key}$. I hope it is correct.`
  return [`The answer is \\boxed{${key}}.`, minerva, `Working.\n\n$$${key}$$`, key]
}

describe.skipIf(folder === null)('the published sets (skipped without the calibration data)', () => {
  it.each(['math', 'gsm8k', 'gsm-hard', 'mmlu-pro'])('%s', async (dataset) => {
    const questions = await loadQuestions({ folder: join(folder as string, 'questions'), dataset })
    expect(questions.length).toBeGreaterThan(300)
    const astray: string[] = []
    for (const question of questions) {
      for (const saying of sayings(question)) {
        const { verdict } = await score(question, saying, { runner: null })
        if (verdict !== 'correct') astray.push(`${question.id}: the key scores ${verdict}`)
      }
      for (const wrong of question.wrongAnswers) {
        const [saying] = sayings({ ...question, key: wrong })
        const { verdict } = await score(question, saying as string, { runner: null })
        if (verdict !== 'wrong') astray.push(`${question.id}: a distractor scores ${verdict}`)
      }
    }
    expect(astray).toEqual([])
  })
})
