/** @file Every word problem is worked out again from the numbers in its text alone, by search where that is possible. */
import { describe, expect, it } from 'vitest'
import { createSyntheticQuestions } from '../create-synthetic-questions.ts'

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const only = (values: readonly number[]): number => {
  expect(values).toHaveLength(1)
  return values[0] as number
}

/** By template: the answer from the numbers of the text, in their order. */
const solvers: Record<string, (numbers: readonly number[], text: string) => number> = {
  'shop-total': ([a, p, b, q]) => Number(a) * Number(p) + Number(b) * Number(q),
  'left-over': ([start, given, more]) => only(range(0, 200).filter((n) => n - Number(more) + Number(given) === start)),
  'equal-share': ([total, aside, children]) =>
    only(range(0, 100).filter((each) => each * Number(children) + Number(aside) === total)),
  'fence-perimeter': ([long, wide, gate]) => Number(long) + Number(wide) + Number(long) + Number(wide) - Number(gate),
  'one-step-equation': ([a, b, c]) => only(range(0, 100).filter((x) => Number(a) * x + Number(b) === c)),
  discount: ([price, percent, coupon]) => Number(price) * (1 - Number(percent) / 100) - Number(coupon),
  'missing-score': (numbers) => {
    const [goal, scores] = [numbers.at(-1), numbers.slice(0, -1)]
    const total = scores.reduce((sum, score) => sum + score, 0)
    return only(range(-100, 300).filter((score) => (total + score) / (scores.length + 1) === goal))
  },
  'two-legs': ([h1, v1, h2, v2]) =>
    [...Array(h1).fill(v1), ...Array(h2).fill(v2)].reduce((sum: number, km: number) => sum + km, 0),
  'ratio-share': ([money, a, b]) => {
    const units = only(range(1, 500).filter((unit) => unit * Number(a) + unit * Number(b) === money))
    return units * Number(b) - units * Number(a)
  },
  ages: ([times, years, sum]) =>
    only(range(1, 100).filter((age) => age + Number(years) + Number(times) * age + Number(years) === sum)),
  'ticket-sale': ([tickets, adult, child, money]) =>
    only(range(0, Number(tickets)).filter((n) => n * Number(adult) + (Number(tickets) - n) * Number(child) === money)),
  'pipes-together': ([a, b]) => 1 / (1 / Number(a) + 1 / Number(b)),
  'theatre-seats': ([first, more, rows]) =>
    range(0, Number(rows) - 1).reduce((sum, row) => sum + Number(first) + row * Number(more), 0),
  'up-and-down': ([price, up, down]) => Number(price) * (1 + Number(up) / 100) * (1 - Number(down) / 100),
  'next-with-remainder': ([divisor, rest, from]) =>
    range(Number(from) + 1, Number(from) + 100).find((eggs) => eggs % Number(divisor) === rest) as number,
  dilution: ([litres, strong, weak]) => (Number(litres) * Number(strong)) / Number(weak) - Number(litres),
  'sum-and-product': ([around, area]) =>
    only(range(1, 100).filter((side) => side * (Number(around) / 2 - side) === area && side > Number(around) / 4)),
  'head-start': ([bus, lead, car]) => (Number(lead) / (Number(car) - Number(bus))) * Number(car),
  'baker-profit': ([loaves, cost, rent, percent, price]) => {
    const full = (Number(loaves) * Number(percent)) / 100
    const income = full * Number(price) + ((Number(loaves) - full) * Number(price)) / 2
    return income - Number(loaves) * Number(cost) - Number(rent)
  },
  'clock-of-powers': (numbers, text) => {
    const lamps = numbers[0] as number
    const base = Number(/remainder of (\d+) times/.exec(text)?.[1])
    const presses = Number(/pressed (\d+) times/.exec(text)?.[1])
    return range(1, presses).reduce((lamp) => (lamp * base) % lamps, 1)
  },
  lockers: ([total, , a, b, c]) =>
    range(1, Number(total)).filter((n) => (n % Number(a) === 0 || n % Number(b) === 0) && n % Number(c) !== 0).length,
  committee: ([women, men, seats]) => {
    const members = range(1, Number(women) + Number(men))
    const grow = (chosen: readonly number[]): number => {
      if (chosen.length === seats) {
        return chosen.some((member) => member <= Number(women)) && chosen.some((member) => member > Number(women))
          ? 1
          : 0
      }
      return members
        .filter((member) => member > (chosen.at(-1) ?? 0))
        .reduce((sum, next) => sum + grow([...chosen, next]), 0)
    }
    return grow([])
  },
  'pond-algae': ([start, factor, taken, days]) =>
    range(1, Number(days)).reduce((weight) => weight * Number(factor) - Number(taken), Number(start)),
  'coin-jar': (numbers) => {
    const [coins, extra, cents] = [numbers[0] as number, numbers[5] as number, numbers[6] as number]
    const fits = range(0, coins).flatMap((quarters) => {
      const nickels = coins - quarters - 2 * quarters - (quarters + extra)
      const worth = 25 * quarters + 20 * quarters + 5 * nickels + quarters + extra
      return nickels >= 0 && worth === cents ? [nickels] : []
    })
    return only(fits)
  },
}

const questions = createSyntheticQuestions({ dataset: 'synthetic-math', count: 600, seed: 11 })
const groups = [...new Set(questions.map(({ group }) => group))].sort()

describe('word problems', () => {
  it('come from at least 20 templates, each with a solver here', () => {
    expect(groups).toEqual(Object.keys(solvers).sort())
    expect(groups.length).toBeGreaterThanOrEqual(20)
  })

  it.each(groups)('of %s have the answer that the text gives', (group) => {
    for (const { text, key } of questions.filter((question) => question.group === group)) {
      const numbers = [...text.matchAll(/\d+(?:\.\d+)?/g)].map(([digits]) => Number(digits))
      expect(solvers[group]?.(numbers, text), text).toBeCloseTo(Number(key), 6)
    }
  })
})
