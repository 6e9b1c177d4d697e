/** @file Section `learned`: every learner and every baseline over the default grid, under each kind of knowledge. */
import { join } from 'node:path'
import { bars } from './bars.mjs'
import { bench, isPlayable, report } from './bench.mjs'
import {
  code,
  counts,
  interval,
  label,
  meanOf,
  none,
  percent,
  place,
  points,
  pooled,
  seconds,
  table,
  worst,
} from './format.mjs'
import { goodput } from './goodput.mjs'

const granted = '+default+enforced'
const grid = {
  datasets: 'mixed,math,mbpp,gsm-hard,humaneval,mmlu-pro',
  rates: '10,30,50,100,200',
  budgets: '10,30,100',
}
/** Knowledge, and the part of the seeds that it is played under. */
const kinds = { exact: 0.4, estimated: 1, biased: 0.4 }
const rivals = 'best-fixed,least-loaded,multi-factor,moa,gptswarm,masrouter'
/** Single agents and the other prices: as published alone. */
const lesserRivals = 'random,round-robin,first-large,routellm,masrouter:low,masrouter:high'

/** As published and with our scheduler and deadline; `best-fixed` has both of itself. */
const bothWays = (names) => names.flatMap((name) => (name === 'best-fixed' ? [name] : [name, `${name}${granted}`]))

const readList = (text) => text.split(',').filter((name) => name !== '' && name !== 'none')

/** The methods of the grid: those that cannot be played yet are told apart. */
export function methodsOf({ policy, methods, baselines }) {
  const asked = [...new Set(['greedy', ...readList(methods ?? 'dual,residual,ppo'), policy])]
  const learners = asked.filter(isPlayable)
  return {
    learners,
    missing: asked.filter((name) => !isPlayable(name)),
    baselines: [...bothWays(readList(baselines ?? rivals)), ...(baselines ? [] : readList(lesserRivals))],
  }
}

/** Rivals know nothing, or the same under each kind: they are played beside `estimated` alone. */
const rivalsUnder = (know, baselines) => (know === 'estimated' ? baselines : [])

/** Plays the grid under one kind of knowledge; the other sections go on from the same folder. */
export function playGrid(context, know) {
  const { learners, baselines } = methodsOf(context)
  // Two at least, or there is no interval.
  const seeds = Math.max(Math.min(2, context.seeds), Math.round(context.seeds * kinds[know]))
  const out = join(context.results, 'learned')
  const methods = [...learners, ...rivalsUnder(know, baselines)]
  const flags = { ...grid, know, 'no-fluid': know !== 'estimated' }
  return { know, seeds, folder: bench({ ...context, out, seeds }, { folder: know, methods, ...flags }) }
}

export function play(context) {
  const { policy } = context
  const { learners, missing, baselines } = methodsOf(context)
  const plays = Object.keys(kinds).map((know) => playGrid(context, know))
  const exact = plays.find(({ know }) => know === 'exact').folder
  const reports = plays.map(({ know, seeds, folder }) => {
    const numbersOf = (ours) => {
      const rivals = rivalsUnder(know, baselines)
      const against = ours === policy ? [...learners, ...rivals].filter((method) => method !== ours) : ['greedy']
      const withLines = ours === policy && know === 'estimated' ? { exact } : {}
      return report(context, { folder, ours, against, ...withLines })
    }
    const learned = learners.filter((method) => method !== 'greedy')
    return { know, seeds, numbers: Object.fromEntries(learned.map((ours) => [ours, numbersOf(ours)])) }
  })
  return { policy, learners, missing, baselines, reports }
}

const than = (numbers, method) => numbers.comparisons.find((comparison) => comparison.method === method)

function gains({ reports, learners }) {
  const rows = reports.flatMap(({ know, seeds, numbers }) =>
    learners
      .filter((method) => numbers[method])
      .map((method) => {
        const { single, mixed, all } = than(numbers[method], 'greedy')
        return [`\`${know}\` (${seeds})`, code(method), interval(single), interval(mixed), counts(all), worst(all)]
      }),
  )
  return table(
    ['knowing (seeds)', 'learned', 'single-dataset cells', 'mixed cells', 'won / tied / lost', 'worst cell'],
    rows,
  )
}

function overBaselines({ reports, policy, baselines }) {
  const rows = reports.flatMap(({ know, numbers }) =>
    rivalsUnder(know, baselines).map((method) => {
      const { single, mixed, all } = than(numbers[policy], method)
      const above = all.cells === 0 ? none : `${Math.round(all.shareAbove * all.cells)} of ${all.cells}`
      const least = `${points(all.worst.estimate)} at ${place(all.worst)}`
      return [`\`${know}\``, code(method), interval(single), interval(mixed), above, counts(all), least]
    }),
  )
  const head = ['knowing', 'against', 'single-dataset cells', 'mixed cells', 'above', 'won / tied / lost', 'worst cell']
  return table(head, rows)
}

/** Share in time over the budgets of 30 s and more, and at 10 s; mean latency at 200 a minute. */
function service({ reports, policy, learners, baselines }) {
  const rows = reports.flatMap(({ know, numbers }) =>
    [...learners, ...rivalsUnder(know, baselines)].map((method) => {
      const cells = numbers[policy].cells.filter((cell) => cell.method === method)
      const isLong = (budget) => budget === null || budget >= 30
      const [long, short] = [true, false].map((asked) => cells.filter((cell) => isLong(cell.budgetSeconds) === asked))
      const loaded = cells.filter(({ ratePerMinute }) => ratePerMinute === 200)
      const stable = loaded.filter(({ meanMs }) => meanMs !== null)
      return [
        `\`${know}\``,
        code(method),
        percent(
          meanOf(cells, ({ goodput }) => goodput),
          2,
        ),
        percent(
          pooled(long, ({ attainment }) => attainment),
          3,
        ),
        percent(pooled(long, ({ strictAttainment }) => strictAttainment)),
        percent(
          pooled(short, ({ attainment }) => attainment),
          3,
        ),
        // Where a queue grows for good there is no mean: of some cells alone it would flatter whoever breaks in the others.
        loaded.length > stable.length
          ? `in ${stable.length} of ${loaded.length}`
          : seconds(meanOf(stable, ({ meanMs }) => meanMs)),
      ]
    }),
  )
  const head = ['knowing', 'method', 'goodput, %', 'on time, >= 30 s, %', 'strict, >= 30 s, %', 'on time, 10 s, %']
  return table([...head, 'mean latency at 200/min, s'], rows)
}

const isMixed = ({ dataset }) => dataset === 'mixed'

export function tables(played) {
  const { missing, policy } = played
  const absent = missing.length > 0 ? `Not shipped, so not in the tables: ${missing.map(code).join(', ')}.` : null
  return [
    absent,
    'Less `greedy`, the training-free stack, in points of correct goodput:',
    gains(played),
    `The bars, ${label(policy)} less \`greedy\` in points unless said:`,
    bars(played),
    ...(played.baselines.length === 0
      ? []
      : [`\`${label(policy)}\` less the baselines, in points; bare names run as published:`, overBaselines(played)]),
    'Correct goodput on the mixed questions in %, `estimated`, mean over the budgets:',
    goodput(played, isMixed),
    'The same on single sets, mean over sets and budgets:',
    goodput(played, (cell) => !isMixed(cell)),
    'Goodput, service and latency over all cells; in place of a latency, in how many cells the queue is stable where it is not in all:',
    service(played),
  ].filter((part) => part !== null)
}
