/** @file Ours against the others: the summary, the best single arm in hindsight, and the verdicts. */
import type { Comparison, GroupComparison } from '../numbers/comparison.ts'
import type { ReportNumbers } from '../numbers/report-numbers.ts'
import { type Column, code, interval, markdownTable, none, percent, placeText, points } from './markdown.ts'

type Group = 'all' | 'single' | 'mixed'

const groupText = (group: GroupComparison | null, text: (group: GroupComparison) => string): string =>
  group === null ? none : text(group)

const inGroup =
  (group: Group, text: (group: GroupComparison) => string) =>
  (comparison: Comparison): string =>
    groupText(comparison[group], text)

const columns: readonly Column<Comparison>[] = [
  { head: 'against', align: 'left', value: ({ method }) => code(method) },
  { head: 'single-dataset cells', value: inGroup('single', interval) },
  { head: 'mixed cells', value: inGroup('mixed', interval) },
  { head: 'cells', value: inGroup('all', ({ cells }) => String(cells)) },
  { head: 'above, % of cells', value: inGroup('all', ({ shareAbove }) => percent(shareAbove)) },
  { head: 'won / tied / lost', value: inGroup('all', ({ wins, ties, losses }) => `${wins} / ${ties} / ${losses}`) },
  {
    head: 'after Holm',
    value: inGroup(
      'all',
      ({ cells, winsOfMany: won, lossesOfMany: lost }) => `${won} / ${cells - won - lost} / ${lost}`,
    ),
  },
  { head: 'not worse', value: inGroup('all', ({ notWorse, cells }) => `${notWorse} of ${cells}`) },
  {
    head: 'worst cell',
    align: 'left',
    value: inGroup('all', ({ worst }) => `${interval(worst)} at ${placeText(worst)}`),
  },
]

export function comparisonTable({ ours, margin, comparisons }: ReportNumbers): string {
  if (comparisons.length === 0) return `Nothing to compare ${code(ours)} with: it is the only method.`
  return [
    `Correct goodput of ${code(ours)} less that of each other method, in points of the arrivals: mean over the cells with`,
    'its 95 % interval (two-way bootstrap over questions and seeds, paired, 1,000 replicates). A difference whose interval',
    'holds 0 is called none and counts as a tie; "after Holm" corrects for the number of cells. "Not worse": the interval',
    `lies above ${points(-margin)} points.`,
    '',
    markdownTable(comparisons, columns),
  ].join('\n')
}

/** Cell by cell against the best single arm in hindsight, with the arm; null: no such method was run. */
export function bestFixedTable({ comparisons }: ReportNumbers): string | null {
  const cells = comparisons.filter(({ method }) => method.split('+')[0] === 'best-fixed').flatMap(({ cells }) => cells)
  if (cells.length === 0) return null
  return markdownTable(cells, [
    { head: 'cell', align: 'left', value: placeText },
    { head: 'best arm in hindsight', align: 'left', value: ({ chosen }) => chosen.map(code).join(', ') || none },
    { head: 'ours, %', value: ({ ours }) => percent(ours) },
    { head: 'best-fixed, %', value: ({ theirs }) => percent(theirs) },
    { head: 'difference', value: interval },
    { head: 'verdict', align: 'left', value: ({ verdict }) => verdict },
  ])
}
