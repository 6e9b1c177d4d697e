/** @file Installs the locked packages when they are missing or older than the lock file, and says so. */
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/** Runs a command in the project's root and ends this process with its status when it fails. */
export function run(command, args, options = {}) {
  const outcome = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (outcome.error) throw outcome.error
  if (outcome.signal) process.kill(process.pid, outcome.signal)
  if (outcome.status !== 0) process.exit(outcome.status ?? 1)
}

/** `npm ci` in `folder` (relative to the root) unless its packages are already those of the lock file. */
export function ensureInstalled(folder = '.', flags = []) {
  const lock = join(root, folder, 'package-lock.json')
  const packages = join(root, folder, 'node_modules')
  const marker = join(packages, '.package-lock.json')
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs) return
  // `npm ci` empties the folder first: through a link it would be another checkout's.
  if (lstatSync(packages, { throwIfNoEntry: false })?.isSymbolicLink()) {
    process.stderr.write(`${packages} is a link, and what it leads to is older than the lock file: remove the link.\n`)
    process.exit(1)
  }
  process.stderr.write(`installing packages${folder === '.' ? '' : ` of ${folder}`} ...\n`)
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...flags], { cwd: join(root, folder) })
}
