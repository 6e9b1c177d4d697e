/** @file How the user can run this program again: what the hints in its output should say. */
import { basename, relative } from 'node:path'

/** `inframind` where it is installed; `node dist/cli/main.js` where it was run from its files. */
export function commandName(script = process.argv[1] ?? 'inframind', folder = process.cwd()): string {
  if (basename(script) !== 'main.js') return 'inframind'
  return `node ${relative(folder, script) || script}`
}
