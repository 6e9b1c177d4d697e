/** @file Reads flag values; a wrong one ends with exit code 2 and says what is expected. */
import { InvalidArgumentError } from 'commander'

/** A number within bounds. Throws commander's InvalidArgumentError. */
export function numberFlag(range: { readonly min: number; readonly max: number; readonly whole?: boolean }) {
  const expected = `${range.whole ? 'a whole number' : 'a number'} from ${range.min} to ${range.max}`
  return (text: string): number => {
    const value = Number(text)
    const isWhole = !range.whole || Number.isInteger(value)
    if (text.trim() === '' || !(value >= range.min && value <= range.max) || !isWhole) {
      throw new InvalidArgumentError(`Expected ${expected}, got "${text}".`)
    }
    return value
  }
}

/** A comma list of positive numbers. */
export function numberListFlag(text: string): readonly number[] {
  const values = text.split(',').map(Number)
  if (values.some((value) => !(value > 0 && value <= 86_400))) {
    throw new InvalidArgumentError(`Expected budgets in seconds such as 10,30,60, got "${text}".`)
  }
  return values
}

/** A comma list of words; empty ones are left out. */
export const listFlag = (text: string): readonly string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

/** A comma list of budgets in seconds; `mix`: drawn per query, here null. */
export function budgetListFlag(text: string): readonly (number | null)[] {
  return listFlag(text).map((word) => (word === 'mix' ? null : (numberListFlag(word)[0] as number)))
}

/** A comma list of rates per minute. */
export function rateListFlag(text: string): readonly number[] {
  const rates = listFlag(text).map(Number)
  if (rates.length > 0 && rates.every((rate) => rate > 0 && Number.isFinite(rate))) return rates
  throw new InvalidArgumentError(`Expected rates per minute such as 10,50,200, got "${text}".`)
}

/** Gathers a flag that may be given several times. */
export const collectFlag = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]
