/** @file The twin's own verdicts and the scores of its texts must be the same: both judge the same runs. */
import { describe, expect, it } from 'vitest'
import { paperTruth } from '../../../test/paper-profile.ts'
import { pythonRunner } from '../../../test/python-runner.ts'
import { createAnswerModel } from '../../twin/index.ts'
import { createSyntheticQuestions, type SyntheticDataset } from '../questions/index.ts'
import { score } from './score.ts'

const model = 'Llama-3.2-3B-Instruct'

describe.each(['compact', 'full'] as const)('the twin’s %s answers', (text) => {
  it.each<[SyntheticDataset, number]>([
    ['synthetic-math', 400],
    ['synthetic-choice', 400],
    ['synthetic-code', 12],
  ])('to %s score as the twin says', async (dataset, count) => {
    const questions = createSyntheticQuestions({ dataset, count, seed: 5 })
    const answers = createAnswerModel({ truth: paperTruth(), questions, seed: 3, text })
    const verdicts = new Map<boolean | null, number>()
    for (const question of questions) {
      const meaning = { questionText: question.text, strategy: null, kind: 'solve', role: null, inputs: [] } as const
      const said = answers.answer(
        {
          id: question.id,
          messages: () => [],
          meaning,
          promptTokens: 100,
          maxOutputTokens: 1e9,
          deadlineAtMs: 0,
          body: {},
        },
        model,
      )
      const { verdict } = await score(question, said.text, { runner: pythonRunner })
      expect(verdict, said.text).toBe(said.isRight ? 'correct' : 'wrong')
      verdicts.set(said.isRight, (verdicts.get(said.isRight) ?? 0) + 1)
    }
    expect(verdicts.get(true), 'some are right').toBeGreaterThan(0)
    expect(verdicts.get(false), 'some are wrong').toBeGreaterThan(0)
  })
})
