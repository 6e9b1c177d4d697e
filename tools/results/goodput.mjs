/** @file Correct goodput of every method over the rates, beside the fluid lines. */
import { code, meanOf, none, percent, table } from './format.mjs'

const lines = [
  ['fluid line, difficulty known', 'lineDifficulty'],
  ['fluid line, text read', 'lineText'],
  ['fluid line, nothing known', 'lineNone'],
]

/** Correct goodput by `column` of a cell, mean over the cells that share it; the fluid lines last. */
function goodputBy({ cells, regret, methods, columnOf, columns }) {
  const row = (name, from, value) => [
    name,
    ...columns.map((column) =>
      percent(
        meanOf(
          from.filter((cell) => columnOf(cell) === column),
          value,
        ),
      ),
    ),
  ]
  const own = methods.map((method) =>
    row(
      code(method),
      cells.filter((cell) => cell.method === method),
      ({ goodput }) => goodput,
    ),
  )
  const fluid = regret ? lines.map(([name, key]) => row(name, regret, (cell) => cell[key])) : []
  return [...own, ...fluid]
}

/** Under `estimated`, over the cells that `isIn` takes, by rate. */
export function goodput({ reports, policy, learners, baselines }, isIn) {
  const numbers = reports.find(({ know }) => know === 'estimated').numbers[policy]
  const cells = numbers.cells.filter(isIn)
  if (cells.length === 0) return none
  const rates = [...new Set(cells.map(({ ratePerMinute }) => ratePerMinute))].sort((a, b) => a - b)
  const rows = goodputBy({
    cells,
    regret: numbers.regret?.rows.filter(isIn),
    methods: [...learners, ...baselines],
    columnOf: ({ ratePerMinute }) => ratePerMinute,
    columns: rates,
  })
  return table(['method', ...rates.map((rate, index) => (index === 0 ? `${rate}/min` : rate))], rows)
}
