/** @file Says once, before the tests run, which optional parts of the suite will be skipped and what they miss. */
import { existsSync } from 'node:fs'
import { sharedDataFolder } from './shared-data.ts'

export default function announce(): void {
  const missing: string[] = []
  if (sharedDataFolder() === null) missing.push('shared calibration data (set INFRAMIND_SHARED)')
  if (!existsSync(new URL('./real-engine/node_modules/node-llama-cpp', import.meta.url))) {
    missing.push('node-llama-cpp (run: npm ci --prefix test/real-engine --omit=optional --ignore-scripts)')
  }
  for (const part of missing) process.stderr.write(`some tests are skipped, missing: ${part}\n`)
}
