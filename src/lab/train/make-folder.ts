/** @file The folder that a training writes to. */
import { mkdirSync } from 'node:fs'
import { ConfigError } from '../../core/index.ts'

/** Makes `folder` and those above it. Throws ConfigError where it cannot be. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    const fix = 'Choose a folder that can be written to, with --out.'
    throw new ConfigError([{ path: folder, expected: 'a folder', got: (error as Error).message, fix }])
  }
}
