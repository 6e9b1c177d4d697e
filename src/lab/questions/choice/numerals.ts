/** @file Questions on sequences and ways of writing numbers, levels 1 to 4. */
import type { Draw, Template } from '../template.ts'
import { type ChoiceProblem, choiceTemplate, numericChoice } from './choice-template.ts'

const romanDigits = [
  ['M', 1000],
  ['CM', 900],
  ['D', 500],
  ['CD', 400],
  ['C', 100],
  ['XC', 90],
  ['L', 50],
  ['XL', 40],
  ['X', 10],
  ['IX', 9],
  ['V', 5],
  ['IV', 4],
  ['I', 1],
] as const

function romanText(value: number): string {
  let [left, text] = [value, '']
  for (const [digits, worth] of romanDigits) {
    while (left >= worth) {
      text += digits
      left -= worth
    }
  }
  return text
}

function sequenceSteady(draw: Draw): ChoiceProblem {
  const [first, step] = [draw.between(2, 60), draw.between(3, 19)]
  const shown = Array.from({ length: 5 }, (_, index) => first + index * step)
  const answer = first + 5 * step
  return numericChoice(draw, {
    text: `What number comes next: ${shown.join(', ')}?`,
    answer,
    mistakes: [answer + step, answer - 1, answer + 1, answer + 2, answer - 2, answer + 10],
  })
}

function remainderOf(draw: Draw): ChoiceProblem {
  const [divisor, times] = [draw.between(13, 29), draw.between(12, 90)]
  const answer = draw.between(1, divisor - 1)
  return numericChoice(draw, {
    text: `What is the remainder of ${divisor * times + answer} divided by ${divisor}?`,
    answer,
    // Ten remainders that could be, none as large as the divisor.
    mistakes: draw.sample(
      Array.from({ length: divisor }, (_, index) => index),
      10,
    ),
  })
}

function sequenceGrowing(draw: Draw): ChoiceProblem {
  const [first, step, growth] = [draw.between(1, 30), draw.between(2, 9), draw.between(2, 7)]
  const term = (index: number) => first + index * step + (growth * index * (index - 1)) / 2
  const answer = term(6)
  return numericChoice(draw, {
    text: `The steps between the numbers of a sequence grow by the same amount each time. It begins ${[0, 1, 2, 3, 4].map(term).join(', ')}. What is the seventh number of the sequence?`,
    answer,
    mistakes: [term(5), term(7), term(5) + term(4) - term(3), answer + growth, answer - growth, answer + step],
  })
}

function romanNumeral(draw: Draw): ChoiceProblem {
  const value = draw.between(140, 2990)
  return numericChoice(draw, {
    text: `An old stone over a door bears a year in Roman numerals, ${romanText(value)}, cut deep and easy to read. Which year is it?`,
    answer: value,
    mistakes: [value + 2, value - 2, value + 20, value - 20, value + 200, value - 10, value + 10, value + 100],
  })
}

function binaryNumber(draw: Draw): ChoiceProblem {
  const value = draw.between(70, 500)
  return numericChoice(draw, {
    text: `A row of lamps shows a number in binary, the most significant digit on the left; a lit lamp is a 1 and a dark lamp is a 0. The row reads ${value.toString(2)}. Which number is shown, written in decimal?`,
    answer: value,
    mistakes: [value * 2, Math.floor(value / 2), value + 1, value - 1, value + 16, value - 16, value + 32],
  })
}

function otherBase(draw: Draw): ChoiceProblem {
  const [base, value] = [draw.pick([3, 4, 5, 6, 7, 8, 9]), draw.between(200, 900)]
  return numericChoice(draw, {
    text: `On a far island people count in base ${base}: they use only the digits from 0 to ${base - 1}, and each place is worth ${base} times the place to its right. A fisherman there writes the number of fish in his net as ${value.toString(base)}. A visitor who is used to decimal numbers wants to write the same number of fish in his own way. What does he write?`,
    answer: value,
    mistakes: [
      Number.parseInt(value.toString(base), base + 1),
      value + base,
      value - base,
      value + base ** 2,
      value + 1,
    ],
  })
}

export const numeralChoices: readonly Template[] = [
  choiceTemplate('sequence-steady', 1, sequenceSteady),
  choiceTemplate('remainder-of', 1, remainderOf),
  choiceTemplate('sequence-growing', 2, sequenceGrowing),
  choiceTemplate('roman-numeral', 2, romanNumeral),
  choiceTemplate('binary-number', 3, binaryNumber),
  choiceTemplate('other-base', 4, otherBase),
]
