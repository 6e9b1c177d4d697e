/** @file Every multiple-choice question is worked out again from its text alone, with other means than the template's. */
import { describe, expect, it } from 'vitest'
import { createSyntheticQuestions } from '../create-synthetic-questions.ts'

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const numbersOf = (text: string): number[] => [...text.matchAll(/\d+(?:\.\d+)?/g)].map(([digits]) => Number(digits))

/** A clock text, some minutes later, by the calendar of the platform. */
const clockAfter = (start: string, minutes: number): string =>
  new Date(Date.parse(`2021-01-01T${start}:00Z`) + minutes * 60_000).toISOString().slice(11, 16)

const factors: Record<string, number> = {
  'metres kilometres': 1000,
  'centimetres metres': 100,
  'millimetres metres': 1000,
  'kilograms tonnes': 1000,
  'millilitres litres': 1000,
}
const worth: Record<string, number> = { I: 1, V: 5, X: 10, L: 50, C: 100, D: 500, M: 1000 }

/** Ways to lay out letters of which equal ones cannot be told apart, by counting prefixes. */
function arrangements(letters: readonly string[]): number {
  if (letters.length === 0) return 1
  const first = [...new Set(letters)]
  return first.reduce((sum, letter) => {
    const index = letters.indexOf(letter)
    return sum + arrangements([...letters.slice(0, index), ...letters.slice(index + 1)])
  }, 0)
}

/** Rows of Pascal's triangle by addition. */
const pascal = (n: number): number[] =>
  range(1, n).reduce((row: number[]) => [1, ...row.slice(1).map((value, index) => value + (row[index] ?? 0)), 1], [1])

/** By template: the text of the right option. */
const solvers: Record<string, (text: string) => string | number> = {
  'unit-length': (text) => {
    const [, small, amount, large] = /How many (\w+) are ([\d.]+) (\w+)\?/.exec(text) ?? []
    return Math.round(Number(amount) * (factors[`${small} ${large}`] ?? Number.NaN))
  },
  'unit-time': (text) => {
    const [hours = 0, minutes = 0] = numbersOf(text)
    return (hours * 60 + minutes) * 60
  },
  'clock-add': (text) => {
    const [, start = '', hours, minutes] = /at (\d\d:\d\d) .* for (\d+) hours and (\d+) minutes/.exec(text) ?? []
    return clockAfter(start, Number(hours) * 60 + Number(minutes))
  },
  'date-after': (text) => {
    const [, date, days] = /on (\d+ \w+) of a year.* exactly (\d+) days/.exec(text) ?? []
    const end = new Date(Date.parse(`${date} 2021 UTC`) + Number(days) * 86_400_000)
    return `${end.getUTCDate()} ${end.toLocaleString('en-GB', { month: 'long', timeZone: 'UTC' })}`
  },
  'flight-zones': (text) => {
    const [, start = '', behind, hours, minutes, ahead] =
      /at (\d\d:\d\d) .* are (\d+) hours behind .* takes (\d+) hours and (\d+) minutes.* are (\d+) hours ahead/.exec(
        text,
      ) ?? []
    return clockAfter(clockAfter(start, Number(behind) * 60), (Number(hours) + Number(ahead)) * 60 + Number(minutes))
  },
  'sequence-steady': (text) => {
    const shown = numbersOf(text)
    return 2 * (shown.at(-1) as number) - (shown.at(-2) as number)
  },
  'remainder-of': (text) => {
    const [value = 0, divisor = 1] = numbersOf(text)
    return range(0, divisor - 1).find((rest) => Number.isInteger((value - rest) / divisor)) as number
  },
  'sequence-growing': (text) => {
    const sequence = numbersOf(text)
    const growth = () => (sequence.at(-1) ?? 0) - 2 * (sequence.at(-2) ?? 0) + (sequence.at(-3) ?? 0)
    while (sequence.length < 7) sequence.push(2 * (sequence.at(-1) ?? 0) - (sequence.at(-2) ?? 0) + growth())
    return sequence[6] as number
  },
  'roman-numeral': (text) => {
    const digits = [...(/numerals, ([A-Z]+),/.exec(text.replace('Roman numerals', 'numerals'))?.[1] ?? '')].map(
      (d) => worth[d] ?? 0,
    )
    return digits.reduce((sum, value, index) => sum + (value < (digits[index + 1] ?? 0) ? -value : value), 0)
  },
  'binary-number': (text) => Number(`0b${/reads ([01]+)\./.exec(text)?.[1]}`),
  'other-base': (text) => {
    const [, base, digits = ''] = /in base (\d+):.* as (\d+)\./.exec(text) ?? []
    return [...digits].reduce((value, digit) => value * Number(base) + Number(digit), 0)
  },
  'choose-books': (text) => {
    const [n = 0, k = 0] = numbersOf(text)
    return pascal(n)[k] as number
  },
  'both-languages': (text) => {
    const [total = 0, first = 0, second = 0, neither = 0] = numbersOf(text)
    return range(0, total).find((both) => first + second - both + neither === total) as number
  },
  'letter-tiles': (text) => arrangements([...(/word ([A-Z]+),/.exec(text)?.[1] ?? '')]),
  'dice-chance': (text) => {
    const [, first = 0, , second = 0, least = 0] = numbersOf(text.replace('1 to', '1 to'))
    const rolls = range(1, first).flatMap((a) => range(1, second).map((b) => a + b))
    const chance = rolls.filter((sum) => sum >= least).length / rolls.length
    const bottom = range(1, rolls.length).find((d) => Math.abs(chance * d - Math.round(chance * d)) < 1e-9) as number
    return `${Math.round(chance * bottom)}/${bottom}`
  },
  'race-order': (text) => {
    const behind = new Map([...text.matchAll(/(\w+) came in directly behind (\w+)/g)].map(([, a, b]) => [b, a]))
    const order = [...behind.keys()].filter((runner) => ![...behind.values()].includes(runner))
    while (behind.has(order.at(-1))) order.push(behind.get(order.at(-1)))
    const places = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth']
    return order[places.indexOf(/the (\w+) to finish/.exec(text)?.[1] ?? '')] as string
  },
  lighthouses: (text) => {
    const [a = 1, b = 1, c = 1, minutes = 0] = numbersOf(text)
    return range(1, minutes * 60).filter((second) => [a, b, c].every((every) => second % every === 0)).length
  },
}

const questions = createSyntheticQuestions({ dataset: 'synthetic-choice', count: 500, seed: 12 })
const groups = [...new Set(questions.map(({ group }) => group))].sort()

const optionsOf = (text: string): Map<string, string> =>
  new Map([...text.matchAll(/^([A-J])\) (.+)$/gm)].map(([, letter = '', option = '']) => [letter, option]))

describe('multiple choice', () => {
  it('comes from at least 15 templates, each with a solver here', () => {
    expect(groups).toEqual(Object.keys(solvers).sort())
    expect(groups.length).toBeGreaterThanOrEqual(15)
  })

  it('always offers ten different options', () => {
    for (const { text } of questions) {
      const options = optionsOf(text)
      expect([...options.keys()].join('')).toBe('ABCDEFGHIJ')
      expect(new Set(options.values()).size, text).toBe(10)
    }
  })

  it.each(groups)('of %s has the key that the text gives', (group) => {
    for (const { text, key } of questions.filter((question) => question.group === group)) {
      const stem = text.slice(0, text.indexOf('\nA) '))
      expect(optionsOf(text).get(key), text).toBe(String(solvers[group]?.(stem)))
    }
  })

  it('puts the right option at every letter about equally often', () => {
    for (const letter of 'ABCDEFGHIJ') {
      const share = questions.filter(({ key }) => key === letter).length / questions.length
      // 500 draws at 0.1: a deviation of 0.0134; 4 of them.
      expect(Math.abs(share - 0.1)).toBeLessThan(0.054)
    }
  })
})
