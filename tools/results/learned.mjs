/** @file Benchmarks and tables of the learned policies: against training-free, under each kind of knowledge. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const datasets = 'mixed,math,mbpp,gsm-hard,humaneval,mmlu-pro'
const grid = ['--datasets', datasets, '--rates', '10,30,50,100,200', '--budgets', '10,30,100', '--minutes', '30']
/** Knowledge, and the part of the seeds that it is played under. */
const kinds = [
  ['estimated', 1],
  ['exact', 0.4],
  ['biased', 0.4],
]
const most = 512 * 1024 * 1024

const call = (program, args) =>
  execFileSync(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: most })

/** Plays what is not played yet, and gives the numbers of each report. */
export function playLearned({ program, data, out, policy, seeds, jobs }) {
  const methods = [...new Set(['greedy', 'dual', 'residual', 'ppo', policy])]
  const reports = kinds.map(([know, share]) => {
    const folder = join(out, know)
    const count = String(Math.max(1, Math.round(Number(seeds) * share)))
    const flags = ['--data', data, ...grid, '--methods', methods.join(','), '--seeds', count, '--know', know]
    const played = [...(jobs ? ['--jobs', jobs] : []), '--no-fluid', '--no-report', '--out', folder]
    call(program, ['bench', ...flags, ...played])
    const against = methods.filter((method) => method !== 'greedy')
    const compare = (ours, theirs) =>
      JSON.parse(
        call(program, [
          'report',
          folder,
          '--out',
          join(folder, ours),
          '--ours',
          ours,
          '--against',
          ...theirs,
          '--json',
        ]),
      )
    return { know, seeds: count, numbers: Object.fromEntries(against.map((ours) => [ours, compare(ours, ['greedy'])])) }
  })
  return { policy, methods, reports }
}

const points = (share) => (share >= 0 ? '+' : '') + (100 * share).toFixed(2)
const percent = (share, digits = 1) => (100 * share).toFixed(digits)
const interval = ({ estimate, low, high }) => `${points(estimate)} [${points(low)}, ${points(high)}]`
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
const place = ({ dataset, ratePerMinute, budgetSeconds }) => `${dataset} ${ratePerMinute}/${budgetSeconds}`
const meanOf = (rows, value) => rows.reduce((sum, row) => sum + value(row), 0) / Math.max(1, rows.length)

function gains({ reports, methods }) {
  const rows = reports.flatMap(({ know, seeds, numbers }) =>
    methods
      .filter((method) => numbers[method])
      .map((method) => {
        const [{ single, mixed, all }] = numbers[method].comparisons
        const worst = [single, mixed].map((group) => group.worst).sort((a, b) => a.estimate - b.estimate)[0]
        const counts = `${all.wins} / ${all.ties} / ${all.losses}`
        const cells = [`\`${know}\` (${seeds})`, `\`${method}\``, interval(single), interval(mixed), counts]
        return [...cells, `${points(worst.estimate)} at ${place(worst)}`]
      }),
  )
  return table(
    ['knowing (seeds)', 'learned', 'single-dataset cells', 'mixed cells', 'won / tied / lost', 'worst cell'],
    rows,
  )
}

/** Share in time over the budgets of 30 s and more, and at 10 s; mean latency at 200 a minute. */
function service({ reports, methods, policy }) {
  const rows = reports.flatMap(({ know, numbers }) => {
    const { cells } = numbers[policy]
    return methods.flatMap((method) => {
      const own = (numbers[method] ?? numbers[policy]).cells.filter((cell) => cell.method === method)
      const from = own.length > 0 ? own : cells.filter((cell) => cell.method === method)
      if (from.length === 0) return []
      const share = (list) =>
        list.reduce((sum, cell) => sum + cell.attainment * cell.arrived, 0) /
        list.reduce((sum, cell) => sum + cell.arrived, 0)
      const long = from.filter(({ budgetSeconds }) => budgetSeconds >= 30)
      const loaded = from.filter(({ ratePerMinute, meanMs }) => ratePerMinute === 200 && meanMs !== null)
      const strict = meanOf(long, ({ strictAttainment }) => strictAttainment)
      const figures = [
        percent(
          meanOf(from, ({ goodput }) => goodput),
          2,
        ),
        percent(share(long), 3),
        percent(strict, 1),
      ]
      const short = percent(share(from.filter(({ budgetSeconds }) => budgetSeconds < 30)), 3)
      return [
        [`\`${know}\``, `\`${method}\``, ...figures, short, (meanOf(loaded, ({ meanMs }) => meanMs) / 1000).toFixed(1)],
      ]
    })
  })
  const head = [
    'knowing',
    'method',
    'goodput, %',
    'in time, >= 30 s, %',
    'strict, >= 30 s, %',
    'in time, 10 s, %',
    'mean latency at 200/min, s',
  ]
  return table(head, rows)
}

/** The bars of the issue, for the policy that is shipped. */
function bars({ reports, policy }) {
  const of = (know) => reports.find((report) => report.know === know).numbers[policy]
  const [estimated, exact, biased] = ['estimated', 'exact', 'biased'].map(of)
  const group = (numbers) => numbers.comparisons[0]
  const at200 = group(biased).cells.filter(({ ratePerMinute }) => ratePerMinute === 200)
  const latency = (method) =>
    meanOf(
      estimated.cells.filter((cell) => cell.method === method && cell.ratePerMinute === 200 && cell.meanMs !== null),
      ({ meanMs }) => meanMs / 1000,
    )
  const inTime = (numbers) => {
    const long = numbers.cells.filter((cell) => cell.method === policy && cell.budgetSeconds >= 30)
    return long.reduce((sum, c) => sum + c.attainment * c.arrived, 0) / long.reduce((sum, c) => sum + c.arrived, 0)
  }
  const rows = [
    ['`exact`, mean of the cells', '>= -0.3', points(group(exact).all.estimate)],
    [
      '`exact`, worst cell',
      '>= -0.3',
      points(Math.min(group(exact).single.worst.estimate, group(exact).mixed.worst.estimate)),
    ],
    ['`estimated`, mean of the cells', '>= +1', points(group(estimated).all.estimate)],
    ['`estimated`, mixed cells', '>= +1', points(group(estimated).mixed.estimate)],
    ['`biased`, mean of the cells', '>= +0.7', points(group(biased).all.estimate)],
    ['`biased`, 200 a minute', '>= +1', points(meanOf(at200, ({ estimate }) => estimate))],
    ['mean latency at 200 a minute, s', `<= ${latency('greedy').toFixed(1)}`, latency(policy).toFixed(1)],
    ['in time, >= 30 s, `estimated`, %', '>= 99.9', percent(inTime(estimated), 3)],
    ['in time, >= 30 s, `biased`, %', '>= 99.3', percent(inTime(biased), 3)],
  ]
  return table([`\`${policy}\` less \`greedy\`, points`, 'asked', 'found'], rows)
}

export const learnedTables = (played) =>
  [
    'Less `greedy`, the training-free stack, in points of correct goodput; test questions, fresh seeds, simulated:',
    gains(played),
    'The bars:',
    bars(played),
    'Goodput, service and latency, mean over all cells:',
    service(played),
  ].join('\n\n')
