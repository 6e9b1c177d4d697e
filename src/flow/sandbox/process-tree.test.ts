/** @file The tree of a process, as /proc tells it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readProcessTree } from './process-tree.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) process.kill(-(child.pid as number), 'SIGKILL')
})

/** A shell in a group of its own, once it has said that it is ready. */
async function shell(script: string): Promise<number> {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  children.push(child)
  await once(child.stdout, 'data')
  return child.pid as number
}

describe.skipIf(process.platform !== 'linux')('the tree of a process', () => {
  it('counts the memory of descendants', async () => {
    const alone = await shell('echo ready; exec sleep 60')
    const family = await shell('sh -c "sleep 60 & echo ready; wait" & wait')
    const residentBytes = (pid: number) => readProcessTree(pid)?.residentBytes ?? Number.NaN
    expect(residentBytes(alone)).toBeGreaterThan(0)
    // A process that is just being replaced by its program has little memory yet.
    await vi.waitFor(() => expect(residentBytes(family)).toBeGreaterThan(1.5 * residentBytes(alone)), 30_000)
  })

  it('counts the CPU time of children that have ended', async () => {
    const usage = readProcessTree(
      await shell('(i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done); echo ready; sleep 60'),
    )
    expect(usage?.cpuMs).toBeGreaterThan(20)
  })

  it('is null for a process that is gone', () => {
    expect(readProcessTree(2 ** 22 + 1)).toBe(null)
  })
})
