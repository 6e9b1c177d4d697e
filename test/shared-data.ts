/** @file Finds the calibration data that some tests read and that the repository does not ship. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** Absolute path of the folder that holds `twin_truth.json`, or null where it is not on this machine. */
export function sharedDataFolder(): string | null {
  const root = process.env['INFRAMIND_SHARED'] ?? resolve(import.meta.dirname, '../../shared')
  const folder = resolve(root, 'data')
  return existsSync(resolve(folder, 'twin_truth.json')) ? folder : null
}
