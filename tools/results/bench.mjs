/** @file Runs `inframind bench` and `inframind report` for the sections, and says which methods can be played here. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const mostBytes = 512 * 1024 * 1024

const call = (program, args) =>
  execFileSync(process.execPath, [program, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: mostBytes,
  })

/** Flags of `asked` as words; true stands alone, null and false are left out. */
const words = (asked) =>
  Object.entries(asked).flatMap(([name, value]) => {
    if (value === null || value === undefined || value === false) return []
    return value === true ? [`--${name}`] : [`--${name}`, String(value)]
  })

/**
 * Plays what `folder` (below the section's own) does not hold yet and gives the folder's path. `flags`: those of the
 * bench; rates, budgets and sets of the command line go before them.
 */
export function bench(context, { folder, methods, ...flags }) {
  const out = join(context.out, folder)
  const { data, seeds, seed, minutes, warmUp, jobs, datasets, rates, budgets } = context
  const asked = { ...flags, ...(datasets && { datasets }), ...(rates && { rates }), ...(budgets && { budgets }) }
  const common = { data, seeds, seed, minutes, 'warm-up': warmUp, jobs, 'no-report': true, 'no-fluid': true }
  process.stderr.write(`${folder}: ${methods.length} methods\n`)
  call(context.program, ['bench', ...words({ ...common, ...asked, methods: methods.join(','), out })])
  return out
}

/** The numbers of a report that speaks for `ours`; its page and figures lie below the bench's folder. */
export function report(context, { folder, ours, against, exact = null }) {
  const out = reportFolder(folder, ours)
  const args = ['report', folder, '--out', out, '--ours', ours, ...(exact ? ['--exact', exact] : []), '--json']
  return JSON.parse(call(context.program, [...args, ...(against.length > 0 ? ['--against', ...against] : [])]))
}

export const reportFolder = (folder, ours) => join(folder, 'reports', ours.replace(/[^\w+-]+/g, '-'))

/** What one method's runs of a bench chose; stale runs of other rates and seeds are passed over. */
export function runsOf(folder, { method, numbers }) {
  const cells = numbers.cells.filter((cell) => cell.method === method)
  const isAsked = (row) =>
    cells.some(
      ({ dataset, ratePerMinute, budgetSeconds }) =>
        dataset === row.dataset && ratePerMinute === row.rate_per_min && budgetSeconds === row.budget_s,
    )
  return readdirSync(join(folder, 'runs'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, 'runs', file), 'utf8')))
    .filter((run) => run.method === method && numbers.seeds.includes(run.seed))
    .filter((run) => run.cells.every(({ row }) => isAsked(row)))
}

/** Names of policies that are files, shipped or not yet. */
const shipped = { dual: 'dual.json', residual: 'residual/policy.json', ppo: 'ppo/policy.json' }

export function isPlayable(method) {
  const [base] = method.split('+')
  if (shipped[base]) return existsSync(join(root, 'policies', shipped[base]))
  const path = /^policy:(.+)$/.exec(base)?.[1]
  return path === undefined || isPolicy(path)
}

const isPolicy = (path) => {
  const found = resolve(root, path)
  return existsSync(found) && (statSync(found).isFile() || existsSync(join(found, 'policy.json')))
}

/** Names of the policies in the folders of `folder`, in order; none without a folder. */
export const policiesIn = (folder) =>
  folder
    ? readdirSync(folder)
        .filter((name) => isPolicy(join(folder, name)))
        .sort()
    : []
