/**
 * @file Judges answers to questions whose key is known, as the live benchmark judges them.
 *
 * Programs are judged in the sandbox; without one, and where the question or the machine is at fault, an answer goes
 * ungraded: that is counted, and no line is written.
 */
import { type CodeRunner, hashText } from '../../core/index.ts'
import type { Question } from '../questions/index.ts'
import { score } from '../scoring/index.ts'
import type { CallLine, GradedLine } from './lines.ts'

export interface Grader {
  /** Null: it cannot be judged. */
  grade(questionId: string, answer: { readonly text: string; readonly call: CallLine }): Promise<GradedLine | null>
  /** Answers that could not be judged. */
  readonly ungraded: number
}

const hex = (text: string, seed: number): string => hashText(text, seed).toString(16).padStart(8, '0')

/** `runner` null: programs go ungraded. */
export function createGrader(questions: readonly Question[], runner: CodeRunner | null): Grader {
  const byId = new Map(questions.map((question) => [question.id, question]))
  let ungraded = 0
  return {
    get ungraded() {
      return ungraded
    },
    grade: async (questionId, { text, call }) => {
      const question = byId.get(questionId)
      const verdict = question === undefined ? 'error' : (await score(question, text, { runner })).verdict
      if (question === undefined || verdict === 'error') {
        ungraded += 1
        return null
      }
      return {
        id: question.id,
        set: question.dataset,
        domain: call.domain,
        text_hash: hex(question.text, 1) + hex(question.text, 2),
        model: call.model,
        strategy: call.strategy,
        role: call.role,
        level: call.level,
        correct: verdict === 'correct',
        verdict,
        output_tokens: call.outputTokens,
        cut: call.isCut,
        call: call.id,
      }
    },
  }
}
