/** @file Section `sweep`: how good metrics must be. Noise, age and rare polls, the policy against itself blind to load. */
import { bench, report } from './bench.mjs'
import { interval, points, table } from './format.mjs'

const usual = { noise: '0,0.5,1,2,4', age: '0,10,60', poll: '1000,10000,60000' }
/** The rates that the claim is made for. */
const grid = { datasets: 'mixed', rates: '100,200', budgets: '30', know: 'estimated' }
const numbersIn = (text) => text.split(',').map(Number)

export function play(context) {
  const { policy } = context
  const [noises, ages, polls] = Object.entries(usual).map(([name, values]) => numbersIn(context[name] ?? values))
  const blind = `${policy}+blind`
  const points = noises.flatMap((noise) => ages.flatMap((age) => polls.map((poll) => ({ noise, age, poll }))))
  return points.map(({ noise, age, poll }) => {
    const flags = { 'metrics-noise': noise, 'metrics-age': age, 'poll-ms': poll }
    const folder = bench(context, { folder: `${noise}-${age}-${poll}`, methods: [policy, blind], ...grid, ...flags })
    const [{ cells }] = report(context, { folder, ours: policy, against: [blind] }).comparisons
    return { noise, age, poll, cells }
  })
}

function tableAt(played, rate) {
  const polls = [...new Set(played.map(({ poll }) => poll))]
  const kinds = [...new Set(played.map(({ noise, age }) => `${noise}|${age}`))]
  const rows = kinds.map((kind) => {
    const same = played.filter(({ noise, age }) => `${noise}|${age}` === kind)
    const at = (poll) =>
      cellsAt(
        same.find((point) => point.poll === poll),
        rate,
      ).map(interval)
    return [same[0].noise, same[0].age, ...polls.map((poll) => at(poll).join('; '))]
  })
  return table(['noise', 'age, s', ...polls.map((poll) => `polled every ${poll / 1000} s`)], rows)
}

const cellsAt = ({ cells }, rate) => cells.filter(({ ratePerMinute }) => ratePerMinute === rate)

/** Where blind is as good: what would refute the claim. */
function verdictAt(played, rate) {
  const all = played.flatMap((point) => cellsAt(point, rate).map((cell) => ({ ...point, cell })))
  const asGood = all.filter(({ cell }) => cell.low <= 0)
  const least = all.reduce((low, point) => (point.cell.estimate < low.cell.estimate ? point : low))
  const where = ({ noise, age, poll }) => `noise ${noise}, age ${age} s, polled every ${poll / 1000} s`
  const listed = asGood.length > 0 ? `: ${asGood.map(where).join('; ')}` : ''
  return `At ${rate} a minute load-blind is as good (the interval does not lie above 0) in ${asGood.length} of ${all.length}${listed}. Least: ${points(least.cell.estimate)} at ${where(least)}.`
}

export function tables(played) {
  const rates = [...new Set(played.flatMap(({ cells }) => cells.map(({ ratePerMinute }) => ratePerMinute)))]
  return rates
    .sort((a, b) => b - a)
    .flatMap((rate) => [
      `At ${rate} a minute, less its own \`+blind\` form, in points of correct goodput:`,
      tableAt(played, rate),
      verdictAt(played, rate),
    ])
}
