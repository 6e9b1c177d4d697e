/**
 * @file Exact fractions of big integers: what plain numbers in answers are compared by.
 *
 * Operations answer null instead of growing beyond `longestBits`, so no expression can make them slow.
 */

export interface Rational {
  readonly over: bigint
  /** > 0; in lowest terms with `over`. */
  readonly under: bigint
}

const longestBits = 4096
const limit = 1n << BigInt(longestBits)

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value)
const bitsOf = (value: bigint): number => magnitude(value).toString(2).length

function greatestDivisor(first: bigint, second: bigint): bigint {
  let a = magnitude(first)
  let b = magnitude(second)
  while (b > 0n) [a, b] = [b, a % b]
  return a
}

/** `over / under` in lowest terms; null: division by zero, or beyond the limit. */
export function rational(over: bigint, under = 1n): Rational | null {
  if (under === 0n || magnitude(over) > limit || magnitude(under) > limit) return null
  const divisor = greatestDivisor(over, under) * (under < 0n ? -1n : 1n)
  return { over: over / divisor, under: under / divisor }
}

export const addRationals = (a: Rational, b: Rational): Rational | null =>
  rational(a.over * b.under + b.over * a.under, a.under * b.under)

export const multiplyRationals = (a: Rational, b: Rational): Rational | null =>
  rational(a.over * b.over, a.under * b.under)

export const divideRationals = (a: Rational, b: Rational): Rational | null =>
  rational(a.over * b.under, a.under * b.over)

/** `base` to a whole power; null where it has no value (0^0, 0^-1), the power is no whole number, or it is too long. */
export function raiseRational(base: Rational, exponent: Rational): Rational | null {
  if (exponent.under !== 1n || bitsOf(exponent.over) > 12) return null
  const power = magnitude(exponent.over)
  const bits = Math.max(bitsOf(base.over), bitsOf(base.under))
  if ((base.over === 0n && exponent.over <= 0n) || bits * Number(power) > longestBits) return null
  const over = base.over ** power
  const under = base.under ** power
  return exponent.over < 0n ? rational(under, over) : rational(over, under)
}

/** A decimal literal, digits with at most one point; null: it is none, or longer than 300 characters. */
export function parseDecimal(text: string): Rational | null {
  const [, whole = '', fraction = ''] = text.length > 300 ? [] : (/^(\d*)(?:\.(\d*))?$/.exec(text) ?? [])
  return whole + fraction === '' ? null : rational(BigInt(whole + fraction), 10n ** BigInt(fraction.length))
}

/** The nearest float, also where both parts are beyond the floats. */
export function toFloat({ over, under }: Rational): number {
  const shift = bitsOf(over) - bitsOf(under) - 64
  const scaled = shift >= 0 ? over / (under << BigInt(shift)) : (over << BigInt(-shift)) / under
  return Number(scaled) * 2 ** shift
}
