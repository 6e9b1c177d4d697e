/**
 * @file Plausible wrong numbers for a word problem: one operation too many, too few or the other way round, then slips.
 */
import type { Random } from '../../../core/index.ts'
import { distinctMistakes, shuffled } from './distinct-answers.ts'

/** A plain decimal: at most 4 decimals; none above a million, nor where the right answer has none. */
function valueText(value: number, isWhole: boolean): string {
  const decimals = isWhole || Math.abs(value) >= 1e6 ? 0 : 4
  return String(Number(value.toFixed(decimals)))
}

/** Wrong answers to a problem whose answer is `right`, in the form of `String(right)`. `text`: of the problem. */
export function wrongValues(
  right: number,
  { text, random }: { readonly text: string; readonly random: Random },
): readonly string[] {
  const given = (text.match(/\d[\d,]*(?:\.\d+)?/g) ?? []).slice(0, 12).map((found) => Number(found.replaceAll(',', '')))
  const slips = given.flatMap((value) => [right + value, right - value, right * value, right / (value || 2)])
  const drawn = shuffled([...slips, right * 2, right / 2, right * 10, right / 10], random)
  // Enough whatever the value: near it for a small one, at its scale for a large one.
  const scale = Math.max(1, Math.abs(right) / 20)
  const near = [1, 2, 3, 4, 5, 6, 7, 8].map((step) => right + (random.below(2) === 0 ? step : -step) * scale)
  const isPlausible = (value: number) => Number.isFinite(value) && (value >= 0 || right < 0)
  const candidates = [
    ...drawn.filter(isPlausible),
    ...near.filter(isPlausible),
    ...[1, 2, 3].map((n) => right + n * scale),
  ]
  return distinctMistakes(
    String(right),
    candidates.map((value) => valueText(value, Number.isInteger(right))),
  )
}
