/**
 * @file `npm run results -- learned --data DIR [--out DIR] [--policy NAME] [--seeds N] [--write]`: the figures of docs/results.md.
 *
 * Runs the benchmarks that the section names, which go on where they were stopped; then prints the section's tables, or puts
 * them between its markers with --write. Hours on a small machine: not a test.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureInstalled, run } from './install.mjs'
import { learnedTables, playLearned } from './results/learned.mjs'

const root = resolve(import.meta.dirname, '..')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    out: { type: 'string', default: 'results' },
    policy: { type: 'string', default: 'residual' },
    seeds: { type: 'string', default: '5' },
    jobs: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
if (positionals[0] !== 'learned' || !values.data) {
  process.stderr.write(
    'usage: npm run results -- learned --data DIR [--out DIR] [--policy NAME] [--seeds N] [--write]\n',
  )
  process.exit(2)
}
ensureInstalled()
run(process.execPath, ['tools/build.mjs'])
const program = join(root, 'dist/cli/main.js')
const played = playLearned({ ...values, out: resolve(values.out), program })
const tables = learnedTables(played)
if (!values.write) process.stdout.write(`${tables}\n`)
else {
  const page = join(root, 'docs/results.md')
  const [start, end] = ['<!-- tables of the learned policies -->', '<!-- end of the learned tables -->']
  const text = readFileSync(page, 'utf8')
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/results.md lacks ${start} ... ${end}`)
  writeFileSync(page, `${text.slice(0, from + start.length)}\n\n${tables}\n\n${text.slice(to)}`)
  process.stderr.write(`wrote the tables into ${page}\n`)
}
