/**
 * @file `npm run results -- SECTION --data DIR [flags]`: the figures of the learned policies in docs/results.md.
 *
 * Plays the benchmarks of a section, which go on where they were stopped; then prints the section's tables, or puts them
 * between its markers with --write. Minutes to an hour on a small machine: not a test. See docs/benchmark.md.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureInstalled, run } from './install.mjs'
import * as ablations from './results/ablations.mjs'
import { isPlayable } from './results/bench.mjs'
import * as claims from './results/claims.mjs'
import { label } from './results/format.mjs'
import * as learned from './results/learned.mjs'
import * as ownPool from './results/own-pool.mjs'
import * as picture from './results/picture.mjs'
import * as sweep from './results/sweep.mjs'
import * as transfer from './results/transfer.mjs'

const root = resolve(import.meta.dirname, '..')
/** Measured minutes and seeds where none are asked for: minutes of two cores; `learned` about an hour. */
const sections = {
  learned: { section: learned, minutes: 15, seeds: 5 },
  claims: { section: claims, minutes: 15, seeds: 5 },
  ablations: { section: ablations, minutes: 30, seeds: 5 },
  sweep: { section: sweep, minutes: 20, seeds: 3 },
  transfer: { section: transfer, minutes: 20, seeds: 3 },
  picture: { section: picture, minutes: 20, seeds: 3 },
  'own-pool': { section: ownPool, minutes: 20, seeds: 3 },
}
const text = { type: 'string' }
const options = {
  data: text,
  out: { type: 'string', default: 'results' },
  policy: { type: 'string', default: 'residual' },
  seed: { type: 'string', default: '101' },
  'warm-up': { type: 'string', default: '5' },
  write: { type: 'boolean', default: false },
  ...Object.fromEntries(
    ['seeds', 'minutes', 'jobs', 'methods', 'baselines', 'datasets', 'rates', 'budgets'].map((name) => [name, text]),
  ),
  ...Object.fromEntries(['trained', 'own', 'trace', 'only', 'noise', 'age', 'poll'].map((name) => [name, text])),
}

function refuse(problem) {
  process.stderr.write(
    `${problem}\nusage: npm run results -- ${Object.keys(sections).join('|')} --data DIR [--out DIR] [--policy NAME] [--seeds N] [--seed N] [--minutes N] [--write]; more flags: docs/benchmark.md\n`,
  )
  process.exit(2)
}

function readCommandLine() {
  try {
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    return refuse(error.message)
  }
}

const { values, positionals } = readCommandLine()
const [name = ''] = positionals
if (!Object.hasOwn(sections, name)) refuse(`no section ${name || 'named'}`)
if (!values.data) refuse('--data is missing')
if (!isPlayable(values.policy)) refuse(`policy ${values.policy}: neither shipped nor a folder with a policy.json`)

ensureInstalled()
run(process.execPath, ['tools/build.mjs'])
const { section, ...usual } = sections[name]
const context = {
  ...values,
  root,
  data: resolve(values.data),
  seeds: Number(values.seeds ?? usual.seeds),
  minutes: Number(values.minutes ?? usual.minutes),
  warmUp: values['warm-up'],
  results: resolve(values.out),
  out: join(resolve(values.out), name),
  figures: join(root, 'docs/figures'),
  program: join(root, 'dist/cli/main.js'),
}
const tables = [basis(), ...section.tables(await section.play(context), context)].join('\n\n')
if (!values.write) process.stdout.write(`${tables}\n`)
else {
  const page = join(root, 'docs/results.md')
  const [start, end] = [`<!-- results: ${name} -->`, `<!-- end of results: ${name} -->`]
  const text = readFileSync(page, 'utf8')
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/results.md lacks ${start} ... ${end}`)
  writeFileSync(page, `${text.slice(0, from + start.length)}\n\n${tables}\n\n${text.slice(to)}`)
  process.stderr.write(`wrote the tables into ${page}\n`)
}

/** What the tables rest on: the command in full, folders by a word in their place. */
function basis() {
  const { seeds, minutes, seed, policy, warmUp } = context
  const folders = ['data', 'trained', 'own', 'trace']
  const named = ['methods', 'baselines'].flatMap((flag) =>
    values[flag] ? [[flag, values[flag].split(',').map(label).join(',')]] : [],
  )
  const asked = { ...values, ...Object.fromEntries(named), seeds, minutes, seed, policy: label(policy) }
  const flags = Object.entries(asked)
    .filter(([flag, value]) => value !== undefined && !['out', 'jobs', 'write'].includes(flag))
    .map(([flag, value]) => `--${flag} ${folders.includes(flag) ? (flag === 'trace' ? 'FILE' : 'DIR') : value}`)
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim()
  const measured = `${minutes} min measured after ${warmUp} of warm-up`
  const at = commit ? `, at commit \`${commit}\`` : ''
  return `Simulated, test questions, ${seeds} seed${seeds === 1 ? '' : 's'} from ${seed}, ${measured}${at}: \`npm run results -- ${name} ${flags.join(' ')}\`.`
}
