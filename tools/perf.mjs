/** @file `npm run perf -- NAME [--json]`: runs perf/NAME.ts and prints its figures. */
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ensureInstalled, run } from './install.mjs'

const root = resolve(import.meta.dirname, '..')
const names = readdirSync(join(root, 'perf'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
const [name, ...rest] = process.argv.slice(2)
if (!name || !existsSync(join(root, 'perf', `${name}.ts`))) {
  process.stderr.write(`usage: npm run perf -- NAME [--json]   NAME is one of: ${names.join(', ')}\n`)
  process.exit(2)
}
ensureInstalled()
run(join(root, 'node_modules/.bin/tsx'), [join(root, 'perf', `${name}.ts`), ...rest])
