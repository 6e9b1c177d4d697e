import { describe, expect, it } from 'vitest'
import { aCallLine } from '../../../test/collect-builders.ts'
import type { CodeRunner } from '../../core/index.ts'
import { createSyntheticQuestions, type Question } from '../questions/index.ts'
import { createGrader } from './grader.ts'

const [sum] = createSyntheticQuestions({ dataset: 'synthetic-math', count: 1, seed: 1 }) as [Question]
const [program] = createSyntheticQuestions({ dataset: 'synthetic-code', count: 1, seed: 1 }) as [Question]
const call = aCallLine({ outputTokens: 40, isCut: true, status: 'cut', level: 10 })

describe('a grade', () => {
  it.each([
    ['correct', `The answer is ${sum.key}`, true],
    ['wrong', `The answer is ${sum.wrongAnswers[0]}`, false],
    ['unparsed', 'I would rather not say.', false],
  ])('is %s', async (verdict, text, correct) => {
    const line = await createGrader([sum], null).grade(sum.id, { text, call })
    expect(line).toMatchObject({
      id: sum.id,
      set: 'synthetic-math',
      verdict,
      correct,
      text_hash: sum.id.split('-').at(-1),
    })
    expect(line).toMatchObject({
      model: 'llama-8b',
      strategy: 'Concise',
      level: 10,
      output_tokens: 40,
      cut: true,
      call: call.id,
    })
  })

  it('of a program needs a sandbox; without one the answer goes ungraded and is counted', async () => {
    const grader = createGrader([program], null)
    expect(await grader.grade(program.id, { text: `\`\`\`\n${program.key}\n\`\`\``, call })).toBeNull()
    expect(grader.ungraded).toBe(1)
    const runner: CodeRunner = {
      run: async ({ input }) => ({
        status: 'ok',
        reason: null,
        output: input,
        errorOutput: '',
        exitCode: 0,
        wallMs: 1,
      }),
    }
    const graded = await createGrader([program], runner).grade(program.id, {
      text: `\`\`\`\n${program.key}\n\`\`\``,
      call,
    })
    expect(graded?.correct).toBe(true)
  })
})
