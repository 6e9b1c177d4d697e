/**
 * @file What a process and all its descendants use, from Linux's /proc.
 *
 * Inside a process namespace nobody escapes this tree: an orphan's new parent is the namespace's first process. Costs
 * about 0.1 ms for a program of one process. Elsewhere than on Linux: null, and the limits on each process must do.
 *
 * Source: proc(5): `stat` fields 14-17 (CPU time, own and of children waited for), `statm` field 2 (resident pages).
 */
import { readdirSync, readFileSync } from 'node:fs'

export interface TreeUsage {
  readonly cpuMs: number
  /** Resident memory; pages that processes share count for each. */
  readonly residentBytes: number
}

// USER_HZ and the page size of every Linux that Node runs on, but for ARM with large pages: there, memory is undercounted.
const msPerTick = 10
const pageBytes = 4096

/** Null: `pid` is gone, or there is no /proc. */
export function readProcessTree(pid: number): TreeUsage | null {
  const own = readProcess(pid)
  if (own === null) return null
  const children = readChildren(pid).map(readProcessTree)
  return {
    cpuMs: own.cpuMs + children.reduce((sum, child) => sum + (child?.cpuMs ?? 0), 0),
    residentBytes: own.residentBytes + children.reduce((sum, child) => sum + (child?.residentBytes ?? 0), 0),
  }
}

function readProcess(pid: number): TreeUsage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may hold anything: count from its end. Field 3 comes first there.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
    return { cpuMs: ticks * msPerTick, residentBytes: pages * pageBytes }
  } catch {
    return null
  }
}

/** Each thread has children of its own. */
function readChildren(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
  } catch {
    return []
  }
}
