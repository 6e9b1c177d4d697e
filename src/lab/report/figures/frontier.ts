/** @file Quality against latency: each method's points over its budgets, unstable cells left out. */
import { distinct } from '../results/results.ts'
import { byMethod, columnsFor, type Figure, type FigureInput, panel, rowsOn, subtitleOf } from './figure.ts'

/** Seconds with a label on the axis. */
const marks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

/** Place of drawn budgets on a method's line: after every fixed one, as in the tables. */
const drawnLast = 1e9

/** null: no stable cell. */
export function frontierFigure(input: FigureInput): Figure | null {
  const values = rowsOn(input, input.dataset).flatMap((row) =>
    row.meanMs === null || row.meanMs === 0
      ? []
      : [
          {
            method: row.method,
            rate: `${row.ratePerMinute} per minute`,
            budget: row.budgetSeconds ?? drawnLast,
            latency: row.meanMs / 1000,
            goodput: 100 * row.goodput,
          },
        ],
  )
  if (values.length === 0) return null
  const rates = distinct(values.map(({ rate }) => rate))
  const latencies = values.map(({ latency }) => latency)
  const domain: [number, number] = [Math.min(...latencies) / 1.3, Math.max(...latencies) * 1.3]
  const title = 'Quality and latency'
  return {
    name: 'quality-latency',
    title,
    spec: {
      title: {
        text: title,
        subtitle: subtitleOf(input, `${input.dataset} questions`, 'a point per budget', 'stable cells only'),
      },
      data: { values },
      facet: { field: 'rate', type: 'nominal', sort: rates, title: 'arrivals' },
      columns: columnsFor(rates.length),
      spec: {
        ...panel,
        mark: { type: 'line', point: { size: 40 }, strokeWidth: 1 },
        encoding: {
          x: {
            field: 'latency',
            type: 'quantitative',
            scale: { type: 'log', domain, nice: false },
            axis: {
              values: marks.filter((mark) => mark >= domain[0] && mark <= domain[1]),
              title: 'mean latency, s (log)',
            },
          },
          y: {
            field: 'goodput',
            type: 'quantitative',
            scale: { zero: false },
            title: 'correct goodput, %',
          },
          order: { field: 'budget', type: 'quantitative' },
          ...byMethod(input),
        },
      },
    },
  }
}
