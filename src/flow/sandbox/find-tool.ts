/** @file Where a command is: the folders of PATH, then the ones that a user's PATH often lacks. */
import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** Those folders, as PATH has them. `path`: as the environment variable. */
export const toolPath = (path = process.env['PATH'] ?? ''): string =>
  [...path.split(delimiter).filter(isAbsolute), ...systemFolders].join(delimiter)

/** Absolute path of an executable; null: not installed. `path`: as the environment variable. */
export function findTool(name: string, path?: string): string | null {
  const folders = toolPath(path).split(delimiter)
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
