/** @file Section `own-pool`: a hidden pool is measured, calibrated and trained for; the policy made for it beside the shipped one. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { copyData } from '../build.mjs'
import { bench, report } from './bench.mjs'
import { code, counts, interval, table, worst } from './format.mjs'

const compiled = '.own-pool'
const sets = 'mixed,math,mbpp,gsm-hard,humaneval,mmlu-pro'
const epochs = '16'

/** Both profiles, made once for a results folder. */
function measure({ root, out, data }) {
  if (existsSync(join(out, 'pool.json'))) return
  const node = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  node(join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.own-pool.json')
  copyData(join(compiled, 'src'))
  for (const folder of ['profiles', 'policies'])
    cpSync(join(root, folder), join(root, compiled, folder), { recursive: true })
  node(join(root, compiled, 'tools/own-pool/main.js'), out, data)
}

/** Goes on from the policy in question, on traffic of the calibrated twin. */
function train({ program, out, data, policy: name }) {
  const policy = join(out, 'policy')
  if (existsSync(join(policy, 'policy.json'))) return
  const flags = ['--profile', join(out, 'mine.json'), '--data', data, '--datasets', sets]
  const length = ['--epochs', epochs, '--judge-every', '4', '--from', name.replace(/^policy:/, '')]
  execFileSync(process.execPath, [program, 'train', ...flags, ...length, '--out', policy], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

export function play(context) {
  const { policy, out } = context
  measure(context)
  train(context)
  const own = `policy:${join(out, 'policy')}`
  const profile = join(out, 'pool.json')
  const methods = [own, policy, 'greedy']
  const folder = bench(context, {
    folder: 'bench',
    methods,
    profile,
    datasets: 'mixed',
    know: 'profile',
    rates: '10,50,100,150',
    budgets: '10,30,100',
  })
  const over = (ours, method) =>
    report(context, { folder, ours, against: [method] }).comparisons.find((one) => one.method === method)
  return {
    policy,
    rows: [
      ['trained for it', policy, over(own, policy)],
      ['trained for it', 'greedy', over(own, 'greedy')],
      [code(policy), 'greedy', over(policy, 'greedy')],
    ],
  }
}

export function tables({ rows, policy }) {
  const shown = rows.map(([ours, theirs, { all }]) => [ours, code(theirs), interval(all), counts(all), worst(all)])
  return [
    `On the hidden pool, mixed questions, in points of correct goodput; all know of it what calibration found, and no more; ${epochs} epochs of training, from the weights of ${code(policy)}:`,
    table(['policy', 'less', 'goodput', 'won / tied / lost', 'worst cell'], shown),
  ]
}
