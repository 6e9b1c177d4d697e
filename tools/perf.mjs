/**
 * @file `npm run perf -- NAME [--json]`: compiles and runs perf/NAME.ts and prints its figures.
 *
 * Compiled by tsc and run by plain node: a loader that transforms on the fly would be measured too.
 */
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { copyData } from './build.mjs'
import { ensureInstalled, run } from './install.mjs'

const root = resolve(import.meta.dirname, '..')
const names = readdirSync(join(root, 'perf'))
  .filter((file) => file.endsWith('.ts') && file !== 'measure.ts')
  .map((file) => file.slice(0, -3))
const [name, ...rest] = process.argv.slice(2)
if (!name || !existsSync(join(root, 'perf', `${name}.ts`))) {
  process.stderr.write(`usage: npm run perf -- NAME [--json]   NAME is one of: ${names.join(', ')}\n`)
  process.exit(2)
}
ensureInstalled()
rmSync(join(root, '.perf'), { recursive: true, force: true })
run(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.perf.json'])
copyData('.perf/src')
for (const folder of ['profiles', 'policies'])
  cpSync(join(root, folder), join(root, '.perf', folder), { recursive: true })
run(process.execPath, [join(root, '.perf/perf', `${name}.js`), ...rest])
