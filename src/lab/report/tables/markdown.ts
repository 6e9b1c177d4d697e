/** @file Markdown tables and the forms of numbers in them. Fractions are shown in percent, differences in points. */
import type { CellPlace } from '../results/results.ts'

export interface Column<Row> {
  readonly head: string
  readonly value: (row: Row) => string
  /** Default: right, as numbers stand. */
  readonly align?: 'left'
}

const escapeCell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

export function markdownTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(columns.map(({ head }) => head)),
    line(columns.map(({ align }) => (align === 'left' ? '---' : '---:'))),
    ...rows.map((row) => line(columns.map(({ value }) => escapeCell(value(row))))),
  ].join('\n')
}

/** Stands where a number has no meaning. */
export const none = '-'

const orNone = (format: (value: number) => string) => (value: number | null | undefined) =>
  value === null || value === undefined || Number.isNaN(value) ? none : format(value)

/** A fraction: `93.4`. */
export const percent = orNone((fraction) => (100 * fraction).toFixed(1))
/** A fraction near 1: `99.871`. */
export const finePercent = orNone((fraction) => (100 * fraction).toFixed(3))
/** A difference of fractions, in points: `+3.2`. Never `-0.0`. */
export const points = orNone((fraction) => {
  const text = (100 * fraction).toFixed(1)
  return Number(text) === 0 ? '0.0' : fraction > 0 ? `+${text}` : text
})
export const seconds = orNone((ms) => (ms / 1000).toFixed(1))
export const oneDecimal = orNone((value) => value.toFixed(1))
export const twoDecimals = orNone((value) => value.toFixed(2))
export const signed = orNone((value) => (value > 0 ? `+${value.toFixed(2)}` : value.toFixed(2)))
export const whole = orNone((value) => value.toFixed(0))

/** `+3.2 [1.1, 5.4]`, in points. */
export const interval = (it: { readonly estimate: number; readonly low: number; readonly high: number }): string =>
  `${points(it.estimate)} [${points(it.low)}, ${points(it.high)}]`

export const budgetText = (budgetSeconds: number | null): string =>
  budgetSeconds === null ? '10-300 s' : `${budgetSeconds} s`

/** `mixed, 100/min, 30 s`. */
export const placeText = ({ dataset, ratePerMinute, budgetSeconds }: CellPlace): string =>
  `${dataset}, ${ratePerMinute}/min, ${budgetText(budgetSeconds)}`

export const code = (text: string): string => `\`${text}\``
