/** @file Says once, before the tests run, which optional parts of the suite will be skipped and what they miss. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { hasFullDisk } from './full-disk.ts'
import { sharedDataFolder } from './shared-data.ts'

const isThere = (tool: string): boolean => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0

export default function announce(): void {
  const missing: string[] = []
  if (sharedDataFolder() === null) missing.push('shared calibration data (set INFRAMIND_SHARED)')
  if (!existsSync(new URL('./real-engine/node_modules/node-llama-cpp', import.meta.url))) {
    missing.push('node-llama-cpp (run: npm ci --prefix test/real-engine --omit=optional --ignore-scripts)')
  }
  if (!isThere('python3')) missing.push('python3 (programs of questions and the sandbox)')
  if (!isThere('bwrap')) missing.push('bwrap, a level of the sandbox (install bubblewrap)')
  if (!isThere('unshare')) missing.push('unshare, a level of the sandbox (install util-linux)')
  if (!hasFullDisk) missing.push('/dev/full (tests of a full disk)')
  for (const part of missing) process.stderr.write(`some tests are skipped, missing: ${part}\n`)
}
