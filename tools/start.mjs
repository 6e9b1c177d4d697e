/** @file `npm start`: installs, builds and runs the demo. Arguments after `--` go to the demo. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { build } from './build.mjs'

build()
const main = resolve(import.meta.dirname, '../dist/cli/main.js')
const demo = spawn(process.execPath, [main, 'demo', ...process.argv.slice(2)], { stdio: 'inherit' })
// The terminal sends Ctrl-C to both; the demo drains and decides when to end.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => demo.kill('SIGTERM'))
demo.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
