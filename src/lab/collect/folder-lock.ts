/**
 * @file One writer a folder: a file that bears the id of the process that collects into it.
 *
 * A file that a killed process left (its id is nobody's, or our own from before a restart) is taken over. Across machines
 * that share a folder ids say nothing; there the file only warns by chance.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../core/index.ts'

export const lockName = 'collect.lock'

/** Takes the folder; the result gives it back. Throws ConfigError where another living process has it. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, lockName)
  const take = () => writeFileSync(path, `${process.pid}\n`, { flag: 'wx', mode: 0o600 })
  try {
    take()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const holder = Number(readFileSync(path, 'utf8'))
    if (isOther(holder)) throw taken(path, holder)
    rmSync(path, { force: true })
    take()
  }
  return () => rmSync(path, { force: true })
}

/** Whether it is a living process that is not this one. */
function isOther(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const taken = (path: string, pid: number): ConfigError =>
  new ConfigError(
    [
      {
        path,
        expected: 'a folder that no other process collects into',
        got: `process ${pid} does`,
        fix: `Wait for it or choose another folder with --out; if ${pid} is no collection, remove the file.`,
      },
    ],
    '--out',
  )
