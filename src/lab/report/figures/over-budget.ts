/** @file Accuracy over budget: more time helps, less and less. Late answers count, so a method without deadline draws a flat line. */
import { distinct } from '../results/results.ts'
import { byMethod, columnsFor, type Figure, type FigureInput, panel, rowsOn, subtitleOf } from './figure.ts'

/** null: fewer than two fixed budgets. */
export function overBudgetFigure(input: FigureInput): Figure | null {
  const values = rowsOn(input, input.dataset).flatMap((row) =>
    row.budgetSeconds === null
      ? []
      : [
          {
            method: row.method,
            rate: `${row.ratePerMinute} per minute`,
            budget: row.budgetSeconds,
            accuracy: 100 * row.accuracy,
          },
        ],
  )
  const budgets = distinct(values.map(({ budget }) => budget))
  if (budgets.length < 2) return null
  const rates = distinct(values.map(({ rate }) => rate))
  const title = 'Accuracy over budget'
  return {
    name: 'accuracy-over-budget',
    title,
    spec: {
      title: { text: title, subtitle: subtitleOf(input, `${input.dataset} questions`, 'late answers count too') },
      data: { values },
      facet: { field: 'rate', type: 'nominal', sort: rates, title: 'arrivals' },
      columns: columnsFor(rates.length),
      spec: {
        ...panel,
        mark: { type: 'line', point: { size: 25 } },
        encoding: {
          x: {
            field: 'budget',
            type: 'quantitative',
            scale: { type: 'log', nice: false },
            axis: { values: [...budgets], title: 'budget, s' },
          },
          y: {
            field: 'accuracy',
            type: 'quantitative',
            scale: { zero: false },
            title: 'accuracy, %',
          },
          ...byMethod(input),
        },
      },
    },
  }
}
