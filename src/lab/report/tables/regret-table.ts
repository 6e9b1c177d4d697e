/** @file The regret table, each column in words. */
import type { RegretParts } from '../numbers/regret.ts'
import type { ReportNumbers } from '../numbers/report-numbers.ts'
import { code, markdownTable, percent, placeText, points } from './markdown.ts'

interface Line extends RegretParts {
  readonly name: string
}

export function regretTable({ regret }: ReportNumbers): string {
  if (regret === null) return 'The summary holds no fluid lines, so there is no regret table.'
  const { rows, single, mixed, method, hasExact } = regret
  const lines: readonly Line[] = [
    ...(mixed ? [{ name: '**mean of mixed cells**', ...mixed }] : []),
    ...(single ? [{ name: '**mean of single-dataset cells**', ...single }] : []),
    ...rows.map((row) => ({ name: placeText(row), ...row })),
  ]
  return [
    `How far ${code(method)} stays below the fluid line of a cell, and why, in points of the arrivals.`,
    '',
    '- Lines: correct goodput of the best mix of contingent plans that the pool can carry on average, with no queueing time',
    "  and optimistic step times, knowing each question's true difficulty, what its text tells, or nothing. The first bounds",
    '  policies that keep to these plans, but for chance: a run may draw easier questions than the line was made from.',
    '  "Static" is the line without probes, insurance and cancellation: no bound for anybody.',
    '- Distance = information + prediction + queueing + policy.',
    '- Information: line with true difficulty less line with the text. Exact for the lines.',
    hasExact
      ? "- Prediction: ours with the twin's own tables (second bench) less ours as run. Measured; the two runs share arrivals."
      : '- Prediction: needs the same bench with `--know exact` and `report --exact`; without it, it is part of policy.',
    '- Queueing: what the queries without a planned answer in time would have added, had they been answered as well as the',
    '  others, less what they earned. An approximation: such queries may be harder, and depth given up beforehand because of',
    '  load is not in it.',
    '- Policy: the rest, with the errors of the other columns and the chance that the line does not know.',
    '',
    markdownTable(lines, [
      { head: 'cell', align: 'left', value: ({ name }) => name },
      { head: 'line: difficulty', value: ({ lineDifficulty }) => percent(lineDifficulty) },
      { head: 'text', value: ({ lineText }) => percent(lineText) },
      { head: 'nothing', value: ({ lineNone }) => percent(lineNone) },
      { head: 'static', value: ({ lineStatic }) => percent(lineStatic) },
      { head: 'ours', value: ({ goodput }) => percent(goodput) },
      { head: 'distance', value: ({ distance }) => points(distance) },
      { head: 'information', value: ({ information }) => points(information) },
      { head: 'prediction', value: ({ prediction }) => points(prediction) },
      { head: 'queueing', value: ({ queueing }) => points(queueing) },
      { head: 'policy', value: ({ policy }) => points(policy) },
    ]),
  ].join('\n')
}
