/** @file The role x model table: what each kind of step takes at a low, a middle and a high load. */
import type { Advice } from './advice.ts'
import { percent, textColumns } from './text-columns.ts'

type Row = Advice['roles'][number]
type Pick = Row['picks'][number]

export function roleText(rows: readonly Row[]): readonly string[] {
  if (rows.length === 0) return []
  const changing = rows.filter(({ picks }) => new Set(picks.map(nameOf)).size > 1).length
  const says =
    changing === 0
      ? 'Load changes none of them: engines are not short at these rates.'
      : `Load changes ${changing} of ${rows.length}.`
  const rates = rows[0]!.picks.map(({ load, ratePerMinute }) => `${load} ${Number(ratePerMinute.toPrecision(3))}/min`)
  const lines = [
    `5. Who takes which step, by quality less price at load ${rates.join(', ')}. ${says}`,
    '   quality: right and in time after the step; seconds of the call at rest; its price in points, load by load.',
  ]
  for (const domain of new Set(rows.map((row) => row.domain))) {
    const own = rows.filter((row) => row.domain === domain)
    const cells = own.flatMap(({ step, importance, picks }) =>
      choicesOf(picks).map((cells, index) => [index === 0 ? `${step}, ${importance}` : '', ...cells]),
    )
    const roles = own.filter(({ step }) => step === 'solve').map((row) => `${row.importance}: ${row.roles.join(', ')}`)
    lines.push(
      `   ${domain}; ${roles.join('; ')}`,
      ...textColumns(['step', '<load', '<takes', 'quality', 'seconds', '<price'], cells),
    )
  }
  return lines
}

const nameOf = ({ choice }: Pick): string => (choice === null ? 'left out' : `${choice.model} ${choice.strategy}`)

/** One line for each choice: loads, choice, quality, seconds, prices. */
function choicesOf(picks: readonly Pick[]): readonly (readonly string[])[] {
  return [...new Set(picks.map(nameOf))].map((name) => {
    const own = picks.filter((pick) => nameOf(pick) === name)
    const chosen = own.flatMap(({ choice }) => choice ?? [])
    const loads = own.length === picks.length ? 'any' : own.map(({ load }) => load).join(', ')
    const prices = chosen.map(({ price }) => (100 * price).toFixed(2)).join(' / ')
    const [first] = chosen
    return [loads, name, first ? percent(first.quality) : '', first ? first.seconds.toFixed(1) : '', prices]
  })
}
