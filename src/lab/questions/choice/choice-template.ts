/** @file A question with ten options: the template's own part, and what turns it into a question. */
import type { Level } from '../question.ts'
import type { Draw, Filled, Template } from '../template.ts'
import { wrongNumbers } from '../wrong-numbers.ts'

export interface ChoiceProblem {
  readonly text: string
  /** Text of the right option. */
  readonly answer: string
  /** Texts of the others: 9 of them, distinct. */
  readonly mistakes: readonly string[]
}

const letters = [...'ABCDEFGHIJ']

const endings: readonly string[] = [
  'Which option is right? Answer with its letter.',
  'Choose one option and answer with the letter.',
  'Answer with the letter of the right option.',
]

export function choiceTemplate(id: string, level: Level, problem: (draw: Draw) => ChoiceProblem): Template {
  const fill = (draw: Draw): Filled => {
    const { text, answer, mistakes } = problem(draw)
    const options = draw.sample([answer, ...mistakes], letters.length)
    const lines = options.map((option, index) => `${letters[index]}) ${option}`)
    const key = letters[options.indexOf(answer)] as string
    return {
      text: `${text}\n${lines.join('\n')}\n${draw.pick(endings)}`,
      key,
      wrongAnswers: letters.filter((letter) => letter !== key),
    }
  }
  return { id, level, fill }
}

interface NumericProblem {
  readonly text: string
  readonly answer: number
  readonly mistakes: readonly number[]
  /** How a value is written as an option; distinct values must give distinct texts. */
  readonly format?: (value: number) => string
}

/** A problem whose options are numbers: the mistakes, filled up with slips near the right value. */
export function numericChoice(draw: Draw, { text, answer, mistakes, format = String }: NumericProblem): ChoiceProblem {
  const wrong = wrongNumbers({ right: answer, mistakes }, { count: letters.length - 1, draw })
  return { text, answer: format(answer), mistakes: wrong.map(format) }
}
