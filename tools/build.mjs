/** @file Compiles src/ to dist/ and copies the data files (roles and the like) that the code reads beside itself. */
import { cpSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ensureInstalled, run } from './install.mjs'

const root = resolve(import.meta.dirname, '..')

/** Copies the data files of src/ to `folder` (relative to the root), beside the compiled code. */
export function copyData(folder) {
  cpSync(join(root, 'src'), join(root, folder), {
    recursive: true,
    filter: (path) => !/\.[^./]+$/.test(path) || path.endsWith('.yaml') || path.endsWith('.json'),
  })
}

export function build() {
  ensureInstalled()
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'])
  copyData('dist')
}

if (process.argv[1] === import.meta.filename) build()
