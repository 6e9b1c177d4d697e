/** @file Answers in time, pooled, with bounds. */
import type { ReportNumbers } from '../numbers/report-numbers.ts'
import { code, finePercent, markdownTable, whole } from './markdown.ts'

export function attainmentTable({ attainment, ours }: ReportNumbers): string {
  // Others over all rates only: their rates stand in the table of all cells.
  const shown = attainment.filter((row) => row.method === ours || row.ratePerMinute === null)
  return [
    'Share of all arrivals that were answered in time, in %, pooled over cells; "at least": one-sided 95 % binomial bound',
    '(Clopper-Pearson). The bound takes queries as independent; those of one overloaded run are not, so it is somewhat too',
    'sure there. Strict: only planned, complete, parsed answers count; with fall-backs the plain share says little alone.',
    '',
    markdownTable(shown, [
      { head: 'method', align: 'left', value: ({ method }) => code(method) },
      { head: 'budgets', align: 'left', value: ({ budgets }) => budgets },
      { head: 'rate, 1/min', value: ({ ratePerMinute }) => (ratePerMinute === null ? 'all' : String(ratePerMinute)) },
      { head: 'arrived', value: ({ arrived }) => whole(arrived) },
      { head: 'on time', value: ({ share }) => finePercent(share) },
      { head: 'at least', value: ({ shareAtLeast }) => finePercent(shareAtLeast) },
      { head: 'strict', value: ({ strictShare }) => finePercent(strictShare) },
      { head: 'at least', value: ({ strictShareAtLeast }) => finePercent(strictShareAtLeast) },
    ]),
  ].join('\n')
}
