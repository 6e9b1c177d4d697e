/** @file Cost, queues, prediction error, and every cell: how the methods went about it. */
import type { CellRow } from '../numbers/cell-rows.ts'
import type { QueueBalance } from '../numbers/queue-balance.ts'
import type { ReportNumbers } from '../numbers/report-numbers.ts'
import { groupBy } from '../results/group-by.ts'
import { distinct } from '../results/results.ts'
import {
  budgetText,
  type Column,
  code,
  markdownTable,
  none,
  oneDecimal,
  percent,
  seconds,
  signed,
  twoDecimals,
  whole,
} from './markdown.ts'

const methodColumn = {
  head: 'method',
  align: 'left',
  value: ({ method }: { readonly method: string }) => code(method),
} as const
const rateColumn = {
  head: 'rate, 1/min',
  value: ({ ratePerMinute }: { readonly ratePerMinute: number }) => String(ratePerMinute),
} as const

export const costTable = ({ costs }: ReportNumbers): string =>
  [
    'Per correct on-time answer, over all cells of a rate; what wrong and late answers used is in it. GPU seconds: engine',
    'time with a step under way.',
    '',
    markdownTable(costs, [
      methodColumn,
      rateColumn,
      { head: 'correct on time', value: ({ correctOnTime }) => whole(correctOnTime) },
      { head: 'output tokens', value: ({ outputTokens }) => whole(outputTokens) },
      { head: 'calls', value: ({ calls }) => twoDecimals(calls) },
      { head: 'GPU s', value: ({ gpuSeconds }) => twoDecimals(gpuSeconds) },
      { head: 'J', value: ({ joules }) => whole(joules) },
    ]),
  ].join('\n')

export function queueTable({ queues }: ReportNumbers): string {
  const models = distinct(queues.flatMap((balance) => balance.models.map(({ model }) => model)))
  const ofModel = (model: string): Column<QueueBalance> => ({
    head: model,
    value: (balance) => {
      const queue = balance.models.find((one) => one.model === model)
      return queue === undefined
        ? none
        : `${oneDecimal(queue.mean)} / ${oneDecimal(queue.p95)} / ${percent(queue.idleShare)}`
    },
  })
  return [
    `Calls running plus waiting on ${queues[0]?.dataset ?? 'no'} questions, over budgets and seeds: mean / 95th percentile /`,
    'share of the time idle in %, per model.',
    '',
    markdownTable(queues, [methodColumn, rateColumn, ...models.map(ofModel)]),
  ].join('\n')
}

export function predictionTable({ predictions }: ReportNumbers): string {
  if (predictions.length === 0) return 'No method predicted any time.'
  return [
    'log(actual / predicted) of times. Bias above 0: slower than predicted. Coverage: share inside the predicted 50 % and',
    '95 % intervals, in %.',
    '',
    markdownTable(predictions, [
      methodColumn,
      rateColumn,
      { head: 'of a', align: 'left', value: ({ of }) => of },
      { head: 'count', value: ({ count }) => whole(count) },
      { head: 'bias', value: ({ bias }) => signed(bias) },
      { head: 'spread', value: ({ spread }) => twoDecimals(spread) },
      { head: 'inside 50 %', value: ({ coverage50 }) => percent(coverage50) },
      { head: 'inside 95 %', value: ({ coverage95 }) => percent(coverage95) },
    ]),
  ].join('\n')
}

const cellColumns: readonly Column<CellRow>[] = [
  {
    ...methodColumn,
    value: ({ method, chosen }) =>
      chosen.length === 0 ? code(method) : `${code(method)} (${chosen.map(code).join(', ')})`,
  },
  rateColumn,
  { head: 'budget', value: ({ budgetSeconds }) => budgetText(budgetSeconds) },
  { head: 'correct goodput, %', value: ({ goodput }) => percent(goodput) },
  { head: 'on time, %', value: ({ attainment }) => percent(attainment) },
  { head: 'strict, %', value: ({ strictAttainment }) => percent(strictAttainment) },
  { head: 'accuracy, %', value: ({ accuracy }) => percent(accuracy) },
  { head: 'mean, s', value: ({ meanMs }) => seconds(meanMs) },
  { head: 'p95, s', value: ({ p95Ms }) => seconds(p95Ms) },
  { head: 'degraded, %', value: ({ degradedShare }) => percent(degradedShare) },
  { head: 'backlog, 1/min', value: ({ backlogSlope }) => signed(backlogSlope) },
  { head: 'stable', align: 'left', value: ({ isStable }) => (isStable ? 'yes' : 'no') },
]

/** A table for every dataset. Rates before budgets before methods, so that a cell's methods stand together. */
export const cellTables = ({ cells }: ReportNumbers): readonly { readonly dataset: string; readonly table: string }[] =>
  [...groupBy(cells, ({ dataset }) => dataset)].map(([dataset, rows]) => ({
    dataset,
    table: markdownTable(rows, cellColumns),
  }))
