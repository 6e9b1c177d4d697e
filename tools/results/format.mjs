/** @file How results are written: points, shares, intervals, cells, markdown tables. Differences are fractions of the arrivals. */
import { basename } from 'node:path'

/** Stands where a bench has no such cells, or a method was not run. */
export const none = '-'

export const points = (share, digits = 2) => (share >= 0 ? '+' : '') + (100 * share).toFixed(digits)
export const percent = (share, digits = 1) => (share === null ? none : (100 * share).toFixed(digits))
export const seconds = (ms) => (ms === null || Number.isNaN(ms) ? none : (ms / 1000).toFixed(1))
export const interval = (group) =>
  group ? `${points(group.estimate)} [${points(group.low)}, ${points(group.high)}]` : none
export const counts = (group) => (group ? `${group.wins} / ${group.ties} / ${group.losses}` : none)
export const place = ({ dataset, ratePerMinute, budgetSeconds }) =>
  `${dataset} ${ratePerMinute}/${budgetSeconds ?? 'mix'}`
export const worst = (group) => (group ? `${interval(group.worst)} at ${place(group.worst)}` : none)

export const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

/** null: nothing to average. */
export const meanOf = (rows, value) =>
  rows.length === 0 ? null : rows.reduce((sum, row) => sum + value(row), 0) / rows.length

/** A share pooled over cells: each counts by its arrivals. null: no cells. */
export function pooled(cells, share) {
  const arrived = cells.reduce((sum, cell) => sum + cell.arrived, 0)
  return arrived === 0 ? null : cells.reduce((sum, cell) => sum + share(cell) * cell.arrived, 0) / arrived
}

/** A method as a page names it: a policy by its folder's name, never by its path. */
export const label = (method) =>
  method.replace(/^policy:([^+]+)/, (_, path) => `policy:${basename(path.replace(/\/(policy\.json)?$/, ''))}`)

export const code = (method) => `\`${label(method)}\``
