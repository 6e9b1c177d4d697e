/** @file Plausible wrong numbers: the template's typical mistakes first, then slips near the right value. */
import type { Draw } from './template.ts'

/** A number as an answer is written: at most 4 decimals, no trailing zeros, no exponent below 1e21. */
export const numberText = (value: number): string => String(Number(value.toFixed(4)))

/** `count` distinct wrong values, none within 0.01 of `right` or of another. Mistakes that are not finite are left out. */
export function wrongNumbers(
  { right, mistakes }: { readonly right: number; readonly mistakes: readonly number[] },
  { count, draw }: { readonly count: number; readonly draw: Draw },
): number[] {
  const wrong: number[] = []
  const add = (value: number) => {
    const isNew = [right, ...wrong].every((other) => Math.abs(other - value) > 0.01)
    // A wrong answer keeps the sign and kind of the right one, or it would give itself away.
    const isPlausible = Number.isFinite(value) && (value >= 0 || right < 0)
    if (isNew && isPlausible && (Number.isInteger(value) || !Number.isInteger(right))) wrong.push(value)
  }
  for (const value of mistakes) add(Number(value.toFixed(4)))
  const step = Math.max(1, Math.round(Math.abs(right) / 20))
  for (let distance = 1; wrong.length < count; distance += 1) {
    const sign = draw.between(0, 1) === 0 ? 1 : -1
    add(Number((right + sign * distance * step).toFixed(4)))
    add(Number((right - sign * distance * draw.pick([1, 2, 10])).toFixed(4)))
    add(right + distance * step)
  }
  return wrong.slice(0, count)
}
