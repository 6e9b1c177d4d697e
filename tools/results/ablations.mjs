/** @file Section `ablations`: the whole policy less itself without a part, taken away when it serves or never trained with. */
import { join, resolve } from 'node:path'
import { bench, policiesIn, report } from './bench.mjs'
import { code, counts, interval, meanOf, points, table, worst } from './format.mjs'

/** Suffix, and what the policy does without. */
const served = {
  '+noprice': 'congestion prices',
  '+scrambled-text': 'what the text says',
  '+scrambled-metrics': 'what the metrics say',
  '+planner-blind': 'load, for the planner',
  '+executor-blind': 'load, for the executor',
  '+blind': 'load, for both',
  '+flash': 'a choice of depth',
  '+fcfs+enforced': 'our order of calls: first come, first served',
  '+solo': 'teams: one agent only',
}
const whole = 'whole'
const grid = { datasets: 'mixed', rates: '10,50,200', budgets: '10,30,100', know: 'estimated' }

export function play(context) {
  const { policy } = context
  const suffixed = Object.keys(served).map((suffix) => `${policy}${suffix}`)
  const names = policiesIn(context.trained)
  const pathOf = (name) => `policy:${join(resolve(context.trained), name)}`
  const trained = names.filter((name) => name !== whole)
  const methods = [policy, ...suffixed, ...names.map(pathOf)]
  const folder = bench(context, { folder: 'grid', methods, ...grid })
  const serving = report(context, { folder, ours: policy, against: suffixed })
  const reference = names.includes(whole) ? pathOf(whole) : null
  const compared = reference !== null && trained.length > 0
  const training = compared ? report(context, { folder, ours: reference, against: trained.map(pathOf) }) : null
  return { policy, serving, trained, training, pathOf, reference }
}

function partsTable(numbers, parts) {
  const compared = ([name, method]) => [name, numbers.comparisons.find((comparison) => comparison.method === method)]
  const rates = [...new Set(numbers.cells.map(({ ratePerMinute }) => ratePerMinute))].sort((a, b) => a - b)
  const rows = parts.map(compared).map(([name, { all, cells }]) => {
    const atRate = (rate) =>
      meanOf(
        cells.filter(({ ratePerMinute }) => ratePerMinute === rate),
        ({ estimate }) => estimate,
      )
    return [...name, interval(all), ...rates.map((rate) => points(atRate(rate))), counts(all), worst(all)]
  })
  const atRates = rates.map((rate) => `${rate}/min`)
  return table(['without', 'as', 'all cells', ...atRates, 'won / tied / lost', 'worst cell'], rows)
}

function trainedTable({ trained, training, pathOf, reference }) {
  if (training !== null)
    return partsTable(
      training,
      trained.map((name) => [[name, code(pathOf(name))], pathOf(name)]),
    )
  return reference === null
    ? `No policies trained without a part: none named \`${whole}\` to hold them against.`
    : 'No policies trained without a part.'
}

export function tables(played) {
  const { policy, serving } = played
  const parts = Object.entries(served).map(([suffix, part]) => [
    [part, code(`${policy}${suffix}`)],
    `${policy}${suffix}`,
  ])
  return [
    'Taken away when it serves, the weights are the same. The whole less that without the part, in points of correct goodput on the mixed questions:',
    partsTable(serving, parts),
    'Never trained with (`inframind train --ablate NAME`), held against a whole policy trained with the same compute:',
    trainedTable(played),
  ]
}
