/**
 * @file `npm run fit -- WHAT [--data FOLDER]`: fits profiles to the calibration data and compares the twin with it.
 *
 * Compiled by tsc and run by plain node, as `npm run perf` is: the oldest supported Node does not read TypeScript.
 */
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ensureInstalled, run } from './install.mjs'

const root = resolve(import.meta.dirname, '..')
ensureInstalled()
rmSync(join(root, '.fit'), { recursive: true, force: true })
run(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.fit.json'])
run(process.execPath, [join(root, '.fit/tools/fit/main.js'), ...process.argv.slice(2)])
