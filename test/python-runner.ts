/** @file A CodeRunner for tests: Python as a plain child process. For programs that the tests themselves wrote. */
import { spawnSync } from 'node:child_process'
import type { CodeRunner } from '../src/core/index.ts'

export const pythonRunner: CodeRunner = {
  run: async ({ source, input }) => {
    const { status, stdout, stderr } = spawnSync('python3', ['-I', '-c', source], { input, encoding: 'utf8' })
    return {
      status: status === 0 ? 'ok' : 'failed',
      reason: null,
      output: stdout,
      errorOutput: stderr,
      exitCode: status,
      wallMs: 0,
    }
  },
}
