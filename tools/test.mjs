/** @file `npm test`: installs what the tests need, checks format and types, builds, and runs every test. */
import { join, resolve } from 'node:path'
import { build } from './build.mjs'
import { ensureInstalled, run } from './install.mjs'

const root = resolve(import.meta.dirname, '..')
const bin = (name) => join(root, 'node_modules/.bin', name)
const only = process.argv.slice(2)

/** Whether the binary in test/real-engine/package.json runs here: npm refuses to install it anywhere else. */
const hasRealEngine = () =>
  process.platform === 'linux' && process.arch === 'x64' && 'glibcVersionRuntime' in process.report.getReport().header

ensureInstalled()
if (hasRealEngine()) ensureInstalled('test/real-engine', ['--omit=optional', '--ignore-scripts'])
else process.stderr.write('tests with a real engine are skipped: its binary is for Linux x64 with glibc\n')
if (only.length === 0) {
  run(bin('biome'), ['check', '.', '--error-on-warnings'])
  run(bin('tsc'), ['--noEmit'])
}
build()
run(bin('vitest'), ['run', ...only])
