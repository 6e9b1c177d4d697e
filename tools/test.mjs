/** @file `npm test`: installs what the tests need, checks format and types, builds, and runs every test. */
import { join, resolve } from 'node:path'
import { build } from './build.mjs'
import { ensureInstalled, run } from './install.mjs'

const root = resolve(import.meta.dirname, '..')
const bin = (name) => join(root, 'node_modules/.bin', name)
const only = process.argv.slice(2)

ensureInstalled()
ensureInstalled('test/real-engine', ['--omit=optional', '--ignore-scripts'])
if (only.length === 0) {
  run(bin('biome'), ['check', '.', '--error-on-warnings'])
  run(bin('tsc'), ['--noEmit'])
}
build()
run(bin('vitest'), ['run', ...only])
