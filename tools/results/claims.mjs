/** @file Section `claims`: the headline claims of the paper beside what is found here, over the grid of `learned`. */
import { bench, report } from './bench.mjs'
import { code, interval, meanOf, none, percent, place, points, pooled, seconds, table } from './format.mjs'
import { methodsOf, playGrid } from './learned.mjs'

const budgets = [10, 30, 50, 100, 200, 300]

export function play(context) {
  const { policy } = context
  const { baselines } = methodsOf(context)
  const rivals = baselines.filter((method) => !method.startsWith('best-fixed'))
  const { folder } = playGrid(context, 'estimated')
  const numbers = report(context, { folder, ours: policy, against: rivals })
  // What the command line says of sets and rates is for the grid.
  const own = { ...context, datasets: null, rates: null, budgets: null }
  const flags = { datasets: 'math', rates: '10', budgets: budgets.join(','), know: 'estimated' }
  const methods = [...new Set([policy, 'greedy'])]
  const math = bench(own, { folder: 'math', methods, ...flags })
  return { policy, methods, rivals, numbers, math: report(context, { folder: math, ours: policy, against: [] }) }
}

const isGranted = (method) => method.endsWith('+enforced')

/** Per cell at the lowest rate: ours less the best of `rivals` there, chosen in hindsight. */
function lowLoad({ numbers, policy }, rivals) {
  const lowest = Math.min(...numbers.cells.map(({ ratePerMinute }) => ratePerMinute))
  const cells = numbers.cells.filter(({ ratePerMinute }) => ratePerMinute === lowest)
  const gains = cells
    .filter(({ method }) => method === policy)
    .flatMap((ours) => {
      const theirs = cells.filter((cell) => rivals.includes(cell.method) && place(cell) === place(ours))
      if (theirs.length === 0) return []
      const best = theirs.reduce((high, cell) => (cell.accuracy > high.accuracy ? cell : high))
      const paired = numbers.comparisons.find(({ method }) => method === best.method)
      const goodput = paired.cells.find((cell) => place(cell) === place(ours))
      return [{ cell: ours, best: best.method, gain: ours.accuracy - best.accuracy, goodput }]
    })
  if (gains.length === 0) return [none, none]
  const [most, least] = [1, -1].map((sign) => gains.reduce((a, b) => (sign * (b.gain - a.gain) > 0 ? b : a)))
  const told = ({ cell, best, gain, goodput }) =>
    `${points(gain, 1)} over ${code(best)} at ${place(cell)} (goodput ${interval(goodput)})`
  const mean = points(
    meanOf(gains, ({ gain }) => gain),
    1,
  )
  return [told(most), `mean of ${gains.length} cells ${mean}; least ${told(least)}`]
}

/** Mean latency of a rival over ours, in the cells where both queues are stable. */
function latency({ numbers, policy }, rivals) {
  const ours = new Map(numbers.cells.filter(({ method }) => method === policy).map((cell) => [place(cell), cell]))
  const ratios = numbers.cells
    .filter((cell) => rivals.includes(cell.method) && cell.meanMs !== null && (ours.get(place(cell))?.meanMs ?? 0) > 0)
    .map((cell) => ({ cell, ratio: cell.meanMs / ours.get(place(cell)).meanMs }))
    .sort((a, b) => a.ratio - b.ratio)
  if (ratios.length === 0) return [none, none]
  const [most, middle, least] = [ratios.at(-1), ratios[Math.floor(ratios.length / 2)], ratios[0]]
  const told = ({ cell, ratio }) => `${ratio.toFixed(1)}x over ${code(cell.method)} at ${place(cell)}`
  const slower = ratios.filter(({ ratio }) => ratio < 1).length
  return [
    told(most),
    `median ${middle.ratio.toFixed(1)}x; ours slower in ${slower} of ${ratios.length}, at most ${told(least)}`,
  ]
}

/** On-time shares at the highest rate, pooled over sets and budgets. */
function onTime({ numbers, policy }, rivals) {
  const highest = Math.max(...numbers.cells.map(({ ratePerMinute }) => ratePerMinute))
  const of = (method, share = 'attainment') =>
    pooled(
      numbers.cells.filter((cell) => cell.method === method && cell.ratePerMinute === highest),
      (cell) => cell[share],
    )
  const theirs = rivals.map((method) => `${code(method)} ${percent(of(method))}`)
  const ours = `${percent(of(policy), 2)} % (strict ${percent(of(policy, 'strictAttainment'))}) at ${highest}/min`
  return [ours, theirs.join(', ')]
}

function tightToLoose({ math, policy }) {
  const at = (budget) => math.cells.find((cell) => cell.method === policy && cell.budgetSeconds === budget)
  const [tight, loose] = [at(budgets[0]), at(budgets.at(-1))]
  return [`${percent(tight.accuracy)} to ${percent(loose.accuracy)}`, `${budgets[0]} s to ${budgets.at(-1)} s`]
}

function mathTable({ math, methods }) {
  const rows = methods.map((method) => [
    code(method),
    ...budgets.map((budget) => {
      const cell = math.cells.find((row) => row.method === method && row.budgetSeconds === budget)
      return `${percent(cell.accuracy)} (${seconds(cell.meanMs)})`
    }),
  ])
  return table(['method', ...budgets.map((budget) => `${budget} s`)], rows)
}

export function tables(played) {
  const [published, granted] = [false, true].map((asked) => played.rivals.filter((name) => isGranted(name) === asked))
  const claims = [
    ['accuracy over the best baseline at low load, points', 'up to +7.6', lowLoad],
    ['latency of a baseline over ours', 'up to 7x', latency],
    ['on time at high load', 'up to 99.9 %, baselines below 50 %', onTime],
  ]
  const kinds = [
    ['as published', published],
    ['granted scheduler and deadline', granted],
  ]
  const rows = claims.flatMap(([claim, paper, find]) =>
    kinds
      .filter(([, rivals]) => rivals.length > 0)
      .map(([kind, rivals]) => [claim, kind, paper, ...find(played, rivals)]),
  )
  const math = ['accuracy on MATH at 10/min, tight to loose budget, %', none, '62.6 to 82.0', ...tightToLoose(played)]
  return [
    table(['claim', 'baselines', 'paper', 'found', 'beside it'], [...rows, math]),
    'Accuracy on MATH at 10 a minute in %, in brackets the mean latency in s, by budget:',
    mathTable(played),
  ]
}
