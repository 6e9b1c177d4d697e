/**
 * @file Units after a value: recognised, so that they can be left out, and compared where both answers name one.
 *
 * An answer without a unit agrees with one that has it (`5` and `5\text{ cm}`); two known units that differ do not
 * (`5` cm and `5` m). Words that are no known unit ("apples") are left out. Nothing is converted.
 */

/** Canonical unit -> its spellings. Single letters are units only within `\text`: outside they are variables. */
const spellings: Readonly<Record<string, string>> = {
  mm: 'mm millimeter millimeters millimetre millimetres',
  cm: 'cm cms centimeter centimeters centimetre centimetres',
  m: 'm meter meters metre metres',
  km: 'km kms kilometer kilometers kilometre kilometres',
  inch: 'inch inches in',
  foot: 'ft foot feet',
  yard: 'yd yard yards',
  mile: 'mi mile miles',
  second: 's sec secs second seconds',
  minute: 'min mins minute minutes',
  hour: 'h hr hrs hour hours',
  day: 'day days',
  week: 'week weeks',
  month: 'month months',
  year: 'yr yrs year years',
  g: 'g gram grams',
  kg: 'kg kgs kilogram kilograms',
  pound: 'lb lbs pound pounds',
  ounce: 'oz ounce ounces',
  litre: 'l L liter liters litre litres',
  ml: 'ml mL milliliter milliliters millilitre millilitres',
  gallon: 'gallon gallons',
  degree: 'degree degrees deg',
  radian: 'rad radian radians',
  dollar: 'dollar dollars usd USD',
  cent: 'cent cents',
  mph: 'mph',
  unit: 'unit units',
  percent: 'percent',
}
const canonical = new Map(
  Object.entries(spellings).flatMap(([name, forms]) => forms.split(' ').map((form) => [form, name] as const)),
)

// Outside `\text`: words of two letters and more that cannot be a product of variables. "in" and "min" are words too.
const plainUnits = [...canonical.keys()].filter((form) => form.length > 1 && form !== 'in' && form !== 'rad')
const trailing = new RegExp(
  `(?<=[\\d})]|[\\d})]\\s|\\\\pi\\s?)\\s*((?:(?:square|cubic|sq)\\s+)?(?:${plainUnits.join('|')})(?:\\s+(?:per|an?)\\s+[a-z]+|/[a-z]+)?)\\s*(\\^\\{?[23]\\}?)?$`,
  'i',
)

/** Puts plain unit words at the end of `text` into `\text{...}`. */
export function markUnits(text: string): string {
  const match = trailing.exec(text.slice(-80))
  if (match === null) return text
  return `${text.slice(0, text.length - match[0].length)}\\text{${match[1]}}${match[2] ?? ''}`
}

/** `words` with an exponent (1 where there is none) as a canonical unit; null: no unit that we know. */
export function unitOf(words: string, exponent: number): string | null {
  const [, shape, name = ''] = /^(square|sq\.?|cubic|cu\.?)?\s*(\S+)$/i.exec(words.trim()) ?? []
  const known = canonical.get(name) ?? canonical.get(name.toLowerCase())
  if (known === undefined) return null
  const power = shape === undefined ? exponent : /^sq/i.test(shape) ? 2 : 3
  return power === 1 ? known : `${known}^${power}`
}
