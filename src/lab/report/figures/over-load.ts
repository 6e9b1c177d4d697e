/** @file Correct goodput, on-time share and strict share over load: where a method falls. */

import { distinct } from '../results/results.ts'
import { budgetText } from '../tables/markdown.ts'
import { byMethod, type Figure, type FigureInput, panel, rowsOn, subtitleOf } from './figure.ts'

const measures = ['correct goodput', 'on time', 'strictly on time'] as const

/** A figure for every dataset with two rates or more. */
export function overLoadFigures(input: FigureInput): readonly Figure[] {
  return distinct(input.numbers.cells.map(({ dataset }) => dataset)).flatMap((dataset) => {
    const rows = rowsOn(input, dataset)
    if (distinct(rows.map(({ ratePerMinute }) => ratePerMinute)).length < 2) return []
    return [figureOf(dataset, input)]
  })
}

function figureOf(dataset: string, input: FigureInput): Figure {
  const rows = rowsOn(input, dataset)
  const values = rows.flatMap((row) =>
    [row.goodput, row.attainment, row.strictAttainment].map((share, index) => ({
      method: row.method,
      rate: row.ratePerMinute,
      budget: budgetText(row.budgetSeconds),
      measure: measures[index],
      share: 100 * share,
    })),
  )
  const title = `Goodput and on-time share over load: ${dataset}`
  return {
    name: `load-${dataset}`,
    title,
    spec: {
      title: { text: title, subtitle: subtitleOf(input) },
      data: { values },
      facet: {
        row: { field: 'measure', type: 'nominal', sort: [...measures], title: null },
        column: {
          field: 'budget',
          type: 'nominal',
          sort: distinct(values.map(({ budget }) => budget)),
          title: 'budget',
        },
      },
      spec: {
        ...panel,
        mark: { type: 'line', point: { size: 25 } },
        encoding: {
          x: {
            field: 'rate',
            type: 'quantitative',
            scale: { type: 'log', nice: false },
            axis: { values: distinct(values.map(({ rate }) => rate)), title: 'arrivals per minute' },
          },
          y: { field: 'share', type: 'quantitative', scale: { domain: [0, 100] }, title: '% of arrivals' },
          ...byMethod(input),
        },
      },
    },
  }
}
