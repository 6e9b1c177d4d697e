/** @file The bars that a learned policy is held to, and the regret table where it misses one. */
import { interval, meanOf, none, percent, place, points, seconds, table } from './format.mjs'

/** What counts as no worse. */
const least = -0.003

const verdict = (isMet) => (isMet === null ? 'not shown' : isMet ? 'met' : '**missed**')
const atLeast = (found, asked) => (found === null || found === undefined ? null : found >= asked)

/** Rows of [bar, asked, found, whether it is met]. */
function barRows({ reports, policy }) {
  const of = (know) => reports.find((report) => report.know === know).numbers[policy]
  const [exact, estimated, biased] = ['exact', 'estimated', 'biased'].map(of)
  const over = (numbers) => numbers.comparisons.find(({ method }) => method === 'greedy')
  const gain = (name, asked, group) => [
    name,
    `>= ${points(asked, 1)}`,
    interval(group),
    atLeast(group?.estimate, asked),
  ]
  const { cells, all } = over(exact)
  const below = cells.filter(({ high }) => high < least)
  const shown = cells.filter(({ low }) => low >= least)
  const found = `${below.length} shown below, ${shown.length} shown not below, of ${cells.length}; worst ${interval(all.worst)} at ${place(all.worst)}`
  const at200 = meanOf(
    over(biased).cells.filter(({ ratePerMinute }) => ratePerMinute === 200),
    ({ estimate }) => estimate,
  )
  return [
    gain('`exact`, mean of the cells', least, over(exact).all),
    ['`exact`, cells below -0.3', '0', found, below.length > 0 ? false : shown.length === cells.length ? true : null],
    gain('`estimated`, mean of the cells', 0.01, over(estimated).all),
    gain('`estimated`, mixed cells', 0.01, over(estimated).mixed),
    gain('`biased`, mean of the cells', 0.007, over(biased).all),
    ['`biased`, mean at 200 a minute', '>= +1.0', at200 === null ? none : points(at200), atLeast(at200, 0.01)],
    latencyRow(estimated, policy),
    ...[
      ['exact', exact, 0.999],
      ['estimated', estimated, 0.999],
      ['biased', biased, 0.993],
    ].map((row) => onTimeRow(row, policy)),
  ]
}

/** Over the cells where neither queue grows for good. */
function latencyRow({ cells }, policy) {
  const of = (method) => cells.filter((cell) => cell.method === method && cell.ratePerMinute === 200)
  const base = new Map(of('greedy').map((cell) => [place(cell), cell.meanMs]))
  const judged = of(policy).filter((cell) => (base.get(place(cell)) ?? null) !== null)
  const both = judged.filter((cell) => cell.meanMs !== null)
  const [theirs, mine] = [meanOf(both, (cell) => base.get(place(cell))), meanOf(both, ({ meanMs }) => meanMs)]
  const isMet = mine === null ? null : both.length === judged.length && mine <= theirs
  const found = `${seconds(mine)} (${both.length} of ${judged.length} cells where \`greedy\` is stable)`
  return ['`estimated`, mean latency at 200 a minute, s', `<= ${seconds(theirs)}`, found, isMet]
}

function onTimeRow([know, { attainment }, asked], policy) {
  const rows = attainment.filter(
    ({ method, budgets, ratePerMinute }) => method === policy && budgets === 'at least 30 s' && ratePerMinute !== null,
  )
  const least = rows.reduce((low, row) => (low === null || row.shareAtLeast < low.shareAtLeast ? row : low), null)
  const found = least
    ? `${percent(least.share, 3)} at ${least.ratePerMinute}/min (at least ${percent(least.shareAtLeast, 3)})`
    : none
  // Missed where a share lies below; where only its bound does, there were too few arrivals to show it.
  const isBelow = rows.some(({ share }) => share < asked)
  const isMet = least === null ? null : isBelow ? false : least.shareAtLeast >= asked ? true : null
  return [`\`${know}\`, on time, budgets >= 30 s, worst rate, %`, `>= ${percent(asked)}`, found, isMet]
}

const parts = ['lineDifficulty', 'goodput', 'distance', 'information', 'prediction', 'queueing', 'policy']

function meanParts(rows) {
  const over = (part) => (rows.every((row) => row[part] !== null) ? meanOf(rows, (row) => row[part]) : null)
  return Object.fromEntries(parts.map((part) => [part, over(part)]))
}

/** By group and rate, under `estimated`: which part of the distance to the fluid line is the policy's. */
export function regretTable({ regret }) {
  if (regret === null) return 'No fluid lines were drawn.'
  const rates = [...new Set(regret.rows.map(({ ratePerMinute }) => ratePerMinute))].sort((a, b) => a - b)
  const groups = ['mixed', 'single-dataset'].flatMap((name) => {
    const rows = regret.rows.filter(({ dataset }) => (dataset === 'mixed') === (name === 'mixed'))
    const atRate = (rate) => rows.filter(({ ratePerMinute }) => ratePerMinute === rate)
    return [[name, rows], ...rates.map((rate) => [`${name}, ${rate}/min`, atRate(rate)])]
  })
  const rows = groups
    .filter(([, cells]) => cells.length > 0)
    .map(([name, cells]) => {
      const means = meanParts(cells)
      const [line, goodput, ...lost] = parts.map((part) => means[part])
      return [name, percent(line), percent(goodput), ...lost.map((part) => (part === null ? none : points(part)))]
    })
  return table(['cells', 'line', 'goodput', 'distance', 'information', 'prediction', 'queueing', 'policy'], rows)
}

export function bars(played) {
  const rows = barRows(played)
  const shown = rows.map(([name, asked, found, isMet]) => [name, asked, found, verdict(isMet)])
  const all = table(['bar', 'asked', 'found', ''], shown)
  if (rows.every(([, , , isMet]) => isMet === true)) return all
  const { numbers } = played.reports.find(({ know }) => know === 'estimated')
  const words = 'Not all bars are met. Where the distance to the fluid line comes from, `estimated`, in % and points:'
  return [all, words, regretTable(numbers[played.policy])].join('\n\n')
}
