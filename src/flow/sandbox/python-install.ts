/**
 * @file Which Python runs the programs, and which folders it needs.
 *
 * Python is asked itself: what stands on PATH may be a wrapper that picks a version, and that wrapper will not be in the box.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import { ConfigError } from '../../core/index.ts'
import type { PythonInstall } from './level.ts'

const question = `import json, os, sys
real = os.path.realpath
print(json.dumps({
    "executable": sys.executable,
    "version": "%d.%d.%d" % sys.version_info[:3],
    "folders": sorted({sys.prefix, real(sys.prefix), real(sys.base_prefix), os.path.dirname(real(sys.executable))}),
}))`

const answerSchema = z.object({ executable: z.string(), version: z.string(), folders: z.array(z.string()) })

/** `command`: a name on PATH or a path. Throws `CONFIG_INVALID` when it is no Python 3. */
export async function findPython(command: string): Promise<PythonInstall> {
  try {
    const { stdout } = await promisify(execFile)(command, ['-I', '-c', question])
    const { executable, version, folders } = answerSchema.parse(JSON.parse(stdout))
    return { executable, version, folders: outsideUsr(folders) }
  } catch (error) {
    const fix = 'Install Python 3 or name its executable.'
    const got = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new ConfigError(
      [{ path: 'python', expected: 'a command that runs Python 3', got: `${command}: ${got}`, fix }],
      'sandbox',
    )
  }
}

/** The outermost folders that /usr does not hold. */
function outsideUsr(folders: readonly string[]): readonly string[] {
  const isUnder = (folder: string, parent: string) => folder === parent || folder.startsWith(`${parent}/`)
  const shown = ['/usr', '/bin', '/lib', '/lib64']
  return folders
    .filter((folder) => !shown.some((parent) => isUnder(folder, parent)))
    .filter((folder, _, all) => !all.some((other) => other !== folder && isUnder(folder, other)))
}
