/** @file Questions on counting, chance and order, levels 3 to 5. */
import { people } from '../names.ts'
import type { Draw, Template } from '../template.ts'
import { type ChoiceProblem, choiceTemplate, numericChoice } from './choice-template.ts'

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))
const choose = (n: number, k: number): number => factorial(n) / factorial(k) / factorial(n - k)
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b
const fractionText = (top: number, bottom: number): string => `${top / gcd(top, bottom)}/${bottom / gcd(top, bottom)}`

function chooseBooks(draw: Draw): ChoiceProblem {
  const n = draw.between(6, 14)
  const k = draw.between(2, Math.min(5, n - 2))
  const answer = choose(n, k)
  return numericChoice(draw, {
    text: `${draw.pick(people)} has ${n} different books on the shelf and wants to take ${k} of them on a journey. The order in which they are packed does not matter. How many different selections are there?`,
    answer,
    mistakes: [factorial(n) / factorial(n - k), n * k, choose(n, k - 1), choose(n - 1, k), choose(n + 1, k), n ** 2],
  })
}

function bothLanguages(draw: Draw): ChoiceProblem {
  const [both, first, second, neither] = [
    draw.between(3, 15),
    draw.between(4, 20),
    draw.between(4, 20),
    draw.between(1, 9),
  ]
  const total = both + first + second + neither
  return numericChoice(draw, {
    text: `Of ${total} guests at a party ${first + both} speak Spanish, ${second + both} speak Polish, and ${neither} speak neither of the two languages. How many of the guests speak both?`,
    answer: both,
    mistakes: [both + neither, first, second, first + second, total - first - second, both + 1, both + 2],
  })
}

const words: readonly string[] = [
  'LEVEL',
  'BANANA',
  'COFFEE',
  'PEPPER',
  'KITTEN',
  'BALLOON',
  'LETTER',
  'RABBIT',
  'SUMMER',
  'TATTOO',
  'COCOON',
  'ERROR',
  'MADAM',
  'PAPAYA',
  'SETTEE',
  'BOTTLE',
  'CARROT',
  'DINNER',
  'FERRET',
  'GALLEON',
  'HAMMER',
  'JELLY',
  'MUMMY',
  'NINETEEN',
  'OTTER',
  'PUPPET',
  'RIVER',
  'SALSA',
  'TEMPLE',
  'WILLOW',
]

function letterTiles(draw: Draw): ChoiceProblem {
  const word = draw.pick(words)
  const counts = [...new Set(word)].map((letter) => word.split(letter).length - 1)
  const answer = counts.reduce((ways, count) => ways / factorial(count), factorial(word.length))
  return numericChoice(draw, {
    text: `${draw.pick(people)} has one wooden tile for each letter of the word ${word}, and tiles with the same letter cannot be told apart. All the tiles are laid side by side in one row, whether or not the result can be read as a word. How many different rows of letters can be made in this way?`,
    answer,
    mistakes: [factorial(word.length), answer * 2, answer / 2, factorial(counts.length), answer * 3, answer / 3],
  })
}

function diceChance(draw: Draw): ChoiceProblem {
  const [first, second] = [draw.between(4, 12), draw.between(4, 12)]
  const least = draw.between(5, first + second - 2)
  const total = first * second
  let ways = 0
  for (let a = 1; a <= first; a += 1) for (let b = 1; b <= second; b += 1) if (a + b >= least) ways += 1
  const answer = fractionText(ways, total)
  const slips = [total - ways, ways + 1, ways - 1, ways + 2, ways - 2, ways + 3, ways - 3, ways + 4, ways - 4, ways + 5]
  const others = [...slips, ...Array.from({ length: total }, (_, index) => index + 1)]
  const wrong = new Set(others.filter((top) => top > 0 && top < total).map((top) => fractionText(top, total)))
  wrong.delete(answer)
  return {
    text: `Two fair dice of unusual shape lie on the table. The faces of the first are numbered from 1 to ${first}, the faces of the second from 1 to ${second}, and on each of them every face is equally likely to come up. Both are thrown once, without one having any influence on the other. What is the probability that the two numbers that come up add to ${least} or more?`,
    answer,
    mistakes: [...wrong].slice(0, 9),
  }
}

const ordinals = ['third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth']

function raceOrder(draw: Draw): ChoiceProblem {
  const runners = draw.sample(people, 10)
  const clues = runners.slice(1).map((runner, index) => `${runner} came in directly behind ${runners[index]}`)
  const place = draw.between(0, ordinals.length - 1)
  const answer = runners[place + 2] as string
  return {
    text: `Ten runners finished a race, no two of them at the same time. Afterwards the spectators remember the following: ${draw.sample(clues, clues.length).join('; ')}. Who was the ${ordinals[place]} to finish?`,
    answer,
    mistakes: runners.filter((runner) => runner !== answer),
  }
}

function lighthouses(draw: Draw): ChoiceProblem {
  const [a, b, c] = draw.sample([4, 6, 8, 9, 10, 12, 14, 15, 18, 20], 3) as [number, number, number]
  const minutes = draw.between(25, 90)
  const together = lcm(lcm(a, b), c)
  const answer = Math.floor((minutes * 60) / together)
  return numericChoice(draw, {
    text: `Three lighthouses stand along the coast. The first flashes every ${a} seconds, the second every ${b} seconds and the third every ${c} seconds, each of them with a very short flash. At midnight all three flash at the same moment, and a watchman starts his clock. How many more times, not counting the flash at midnight, do all three flash at the same moment during the first ${minutes} minutes on his clock, the last second of that time included?`,
    answer,
    mistakes: [
      answer + 1,
      Math.floor((minutes * 60) / (a * b * c)),
      Math.floor((minutes * 60) / lcm(a, b)),
      answer * 2,
    ],
  })
}

export const reasoningChoices: readonly Template[] = [
  choiceTemplate('choose-books', 3, chooseBooks),
  choiceTemplate('both-languages', 3, bothLanguages),
  choiceTemplate('letter-tiles', 4, letterTiles),
  choiceTemplate('dice-chance', 5, diceChance),
  choiceTemplate('race-order', 5, raceOrder),
  choiceTemplate('lighthouses', 5, lighthouses),
]
