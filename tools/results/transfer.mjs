/** @file Section `transfer`: other pools, arrivals, broken engines and old metrics, less training-free and a policy of its own. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { bench, isPlayable, report } from './bench.mjs'
import { code, counts, interval, none, table, worst } from './format.mjs'

const broken = 'Mistral-Small-24B-Instruct-2501'
const usualRates = '10,50,200'

/** Rates are those of the paper's pool times what the pool can take of them: see docs/benchmark.md. */
const scenarios = ({ trace, ratesFor }) => [
  { name: 'duo', profile: 'duo', rates: '4,19,76' },
  { name: 'small', profile: 'small', rates: '3,16,62' },
  { name: 'octet', profile: 'octet', rates: '17,83,334' },
  { name: 'paper-h100', profile: 'paper-h100', rates: '19,96,386' },
  { name: 'paper-a100', profile: 'paper-a100', rates: '12,61,246' },
  ...[1001, 1002, 1003, 1004].map((seed) => ({
    name: `random-${seed}`,
    profile: `random:${seed}`,
    rates: ratesFor(`random:${seed}`),
  })),
  { name: 'renamed', profile: 'renamed:paper-b200' },
  { name: 'gone', faults: `gone:${broken}` },
  { name: 'slowed', faults: `slowed:${broken}` },
  { name: 'on-off', arrivals: 'on-off' },
  { name: 'burst', arrivals: 'burst', rates: '50,200' },
  ...(trace ? [{ name: 'trace', arrivals: `trace:${resolve(trace)}` }] : []),
  { name: 'stale', 'metrics-age': 30 },
]

const told = {
  renamed: "the paper's pool under other names",
  gone: 'one engine down all the time',
  slowed: 'one engine 5x slower',
  'on-off': 'arrivals in rushes',
  burst: '500 queries, then drain',
  trace: 'instants of a real trace',
  stale: 'metrics 30 s old',
}

function checked(context) {
  const all = scenarios(context)
  const asked = context.only?.split(',')
  const unknown = asked?.filter((name) => all.every((scenario) => scenario.name !== name)) ?? []
  if (unknown.length > 0)
    throw new Error(`--only: no ${unknown.join(', ')} among ${all.map(({ name }) => name).join(', ')}`)
  if (context.trace && !existsSync(context.trace)) throw new Error(`--trace: no file ${context.trace}`)
  return all.filter(({ name }) => asked?.includes(name) ?? true)
}

/** The usual rates times what the pool can take of them, of the built program. */
async function scaler({ program }) {
  const { rateFactors } = await import(join(dirname(program), '../lab/train/scenarios/index.js'))
  return (profile) => {
    const [factor] = rateFactors([profile])
    return usualRates
      .split(',')
      .map((rate) => Math.max(1, Math.round(rate * factor)))
      .join(',')
  }
}

export async function play(context) {
  const { policy } = context
  const ratesFor = await scaler(context)
  const rows = checked({ ...context, ratesFor }).map(({ name, rates = usualRates, ...flags }) => {
    const path = context.own ? `policy:${join(resolve(context.own), name)}` : null
    const own = path !== null && isPlayable(path) ? path : null
    const against = ['greedy', ...(own ? [own] : [])]
    const methods = [policy, ...against]
    const folder = bench(context, { folder: name, methods, datasets: 'mixed', budgets: '10,30,100', rates, ...flags })
    const { comparisons } = report(context, { folder, ours: policy, against })
    const over = (method) => comparisons.find((comparison) => comparison.method === method) ?? null
    return { name, rates: context.rates ?? rates, greedy: over('greedy'), own: own ? over(own) : null }
  })
  return { policy, rows, hasTrace: Boolean(context.trace) }
}

export function tables({ policy, rows, hasTrace }) {
  const shown = rows.map(({ name, rates, greedy, own }) => {
    const { all } = greedy
    const where = told[name] ? `${name}: ${told[name]}` : name
    return [where, rates.replaceAll(',', ', '), interval(all), counts(all), worst(all), own ? interval(own.all) : none]
  })
  const head = ['where', 'a minute', 'less `greedy`', 'won / tied / lost', 'worst cell', 'less a policy trained there']
  return [
    `${code(policy)} on the mixed questions, in points of correct goodput:`,
    table(head, shown),
    ...(hasTrace ? [] : ['No trace was given (`--trace FILE`), so none is in the table.']),
  ]
}
