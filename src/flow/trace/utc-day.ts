/**
 * @file The UTC date of an instant, by arithmetic: a function of its argument alone, where the platform's dates are barred.
 *
 * Counts days in eras of 400 years whose years begin in March, so that the leap day falls at a year's end.
 * Source: H. Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
 */

const dayMs = 86_400_000
/** Days from 0000-03-01 to the epoch. */
const epochDay = 719_468
const daysPerEra = 146_097

/** `YYYY-MM-DD` of `ms` since the Unix epoch; years 0 to 9999. Such dates sort as strings do. */
export function utcDay(ms: number): string {
  const day = Math.floor(ms / dayMs) + epochDay
  const era = Math.floor(day / daysPerEra)
  const dayOfEra = day - era * daysPerEra
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  // Months from March = 0: their lengths repeat 31, 30, 31, 30, 31.
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const dayOfMonth = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
  const padded = (value: number, length: number) => String(value).padStart(length, '0')
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(dayOfMonth, 2)}`
}
