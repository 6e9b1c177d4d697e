/** @file A word problem with a number for an answer: the template's own part, and what turns it into a question. */
import type { Level } from '../question.ts'
import type { Draw, Filled, Template } from '../template.ts'
import { numberText, wrongNumbers } from '../wrong-numbers.ts'

export interface MathProblem {
  readonly text: string
  /** Exact to 4 decimals. */
  readonly answer: number
  /** Results of typical slips; some may coincide with the answer by chance and are then left out. */
  readonly mistakes: readonly number[]
}

const endings: readonly string[] = [
  'Give the answer as a number.',
  'Answer with a single number.',
  'State the final answer as a number.',
]

const wrongCount = 5

export function mathTemplate(id: string, level: Level, problem: (draw: Draw) => MathProblem): Template {
  const fill = (draw: Draw): Filled => {
    const { text, answer, mistakes } = problem(draw)
    const wrong = wrongNumbers({ right: answer, mistakes }, { count: wrongCount, draw })
    return { text: `${text} ${draw.pick(endings)}`, key: numberText(answer), wrongAnswers: wrong.map(numberText) }
  }
  return { id, level, fill }
}
