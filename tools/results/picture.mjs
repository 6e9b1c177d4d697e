/** @file Section `picture`: what the policy chooses over load, with none of it hand-coded, and how evenly it loads the pool. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bench, report, reportFolder, runsOf } from './bench.mjs'
import { code, label, meanOf, percent, table } from './format.mjs'

const grid = { datasets: 'mixed', rates: '10,30,50,100,200,400', budgets: '10,30,100', know: 'estimated' }
const figures = [
  ['choices-topology', 'Topologies chosen over load and budget'],
  ['choices-model', 'Models chosen over load and budget'],
  ['choices-depth', 'Depths chosen over load and budget'],
  ['queues-over-time', 'Calls running and waiting per model, over time'],
]

export function play(context) {
  const { policy } = context
  const blind = `${policy}+blind`
  const folder = bench(context, { folder: 'grid', methods: [policy, blind], ...grid })
  const numbers = report(context, { folder, ours: policy, against: [blind] })
  if (context.write) copyFigures(reportFolder(folder, policy), context)
  return { policy, blind, numbers, runs: runsOf(folder, { method: policy, numbers }) }
}

/** A policy that was named by its path is shown by its name. */
function copyFigures(from, { policy, figures: to }) {
  mkdirSync(to, { recursive: true })
  for (const [name] of figures) {
    const file = join(from, 'figures', `${name}.svg`)
    if (label(policy) === policy) copyFileSync(file, join(to, `${name}.svg`))
    else writeFileSync(join(to, `${name}.svg`), readFileSync(file, 'utf8').replaceAll(policy, label(policy)))
  }
}

const sumOf = (entries) => entries.reduce((sum, [, count]) => sum + count, 0)

/** Counts of all runs by option, as [option, count]; `keyOf` joins options. */
function counted(runs, kind, keyOf = (option) => option) {
  const counts = new Map()
  for (const { choices } of runs) {
    for (const [option, count] of Object.entries(choices[kind])) {
      counts.set(keyOf(option), (counts.get(keyOf(option)) ?? 0) + count)
    }
  }
  return [...counts]
}

/** One column per option that occurs at any rate, in % of all at the rate, the most used first. */
function sharesTable({ runs, rates, kind, keyOf, before = [] }) {
  const options = counted(runs, kind, keyOf)
    .sort((a, b) => b[1] - a[1])
    .map(([option]) => option)
  const rows = rates.map((rate) => {
    const here = runs.filter(({ ratePerMinute }) => ratePerMinute === rate)
    const entries = counted(here, kind, keyOf)
    const shares = new Map(entries.map(([option, count]) => [option, count / Math.max(1, sumOf(entries))]))
    return [rate, ...before.map(([, find]) => find(here)), ...options.map((option) => percent(shares.get(option) ?? 0))]
  })
  return table(['rate', ...before.map(([name]) => name), ...options], rows)
}

const agentsOf = (option) => Number(option.split(':')[1])

function meanAgents(runs) {
  const teams = counted(runs, 'topology')
  return (
    teams.reduce((sum, [option, count]) => sum + agentsOf(option) * count, 0) / Math.max(1, sumOf(teams))
  ).toFixed(2)
}

function queueTable({ numbers, policy, blind }) {
  const models = numbers.queues[0].models.map(({ model }) => model)
  const rows = numbers.queues
    .filter(({ method }) => method === policy || method === blind)
    .sort((a, b) => a.ratePerMinute - b.ratePerMinute || (a.method === policy ? -1 : 1))
    .map(({ method, ratePerMinute, models: queues }) => {
      const of = (name) => queues.find(({ model }) => model === name)
      const told = (queue) =>
        queue ? `${queue.mean.toFixed(1)} / ${queue.p95.toFixed(0)} / ${percent(queue.idleShare, 0)}` : '-'
      return [ratePerMinute, method === policy ? 'sees load' : 'blind', ...models.map((name) => told(of(name)))]
    })
  return table(['rate', '', ...models], rows)
}

function goodputTable({ numbers, policy, blind }, rates) {
  const rows = [policy, blind].map((method) => [
    code(method),
    ...rates.map((rate) =>
      percent(
        meanOf(
          numbers.cells.filter((cell) => cell.method === method && cell.ratePerMinute === rate),
          ({ goodput }) => goodput,
        ),
      ),
    ),
  ])
  return table(['method', ...rates.map((rate) => `${rate}/min`)], rows)
}

export function tables(played) {
  const { policy, runs, numbers } = played
  const rates = [...new Set(numbers.cells.map(({ ratePerMinute }) => ratePerMinute))].sort((a, b) => a - b)
  const topologyOf = (option) => option.split(':')[0]
  return [
    ...figures.map(([name, title]) => `![${title}](figures/${name}.svg)`),
    'Agents of a team (mean) and topologies in % of the queries, by arrivals a minute, over all budgets:',
    sharesTable({ runs, rates, kind: 'topology', keyOf: topologyOf, before: [['agents', meanAgents]] }),
    'Models in % of the calls:',
    sharesTable({ runs, rates, kind: 'model' }),
    'Depths in % of the calls:',
    sharesTable({ runs, rates, kind: 'strategy' }),
    `Calls running and waiting per model: mean / 95th percentile / idle share in %, ${code(policy)} and its form blind to load:`,
    queueTable(played),
    'Correct goodput of both in %:',
    goodputTable(played, rates),
  ]
}
