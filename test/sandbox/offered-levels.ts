/** @file The levels of containment that this machine offers, each opened; or why not. For parametrised suites. */
import { type LevelName, openSandbox, type Sandbox } from '../../src/flow/index.ts'

export interface OfferedLevel {
  readonly name: LevelName
  /** Null: not offered here, for the reason in `title`. */
  readonly sandbox: Sandbox | null
  readonly title: string
}

/** More at once than there are cores, so that programs disturb each other. */
export const concurrency = 6

export const diskBytes = 8 * 1024 * 1024
export const processes = 12

async function open(name: LevelName): Promise<OfferedLevel> {
  try {
    const sandbox = await openSandbox({ levels: [name], unsafe: true, concurrency, diskBytes, processes })
    return { name, sandbox, title: name }
  } catch (error) {
    const reason = (error as Error).message.match(/got (.*?)\. Install/)?.[1] ?? (error as Error).message
    return { name, sandbox: null, title: reason }
  }
}

/** Levels that must contain malice. */
export const containedLevels: readonly OfferedLevel[] = [await open('bwrap'), await open('unshare')]

/** All levels, `plain` too: for programs that do no harm anywhere. */
export const allLevels: readonly OfferedLevel[] = [...containedLevels, await open('plain')]
