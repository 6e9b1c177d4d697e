/** @file The tree of a process, as /proc tells it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
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
    const alone = readProcessTree(await shell('echo ready; exec sleep 60'))
    const family = readProcessTree(await shell('sh -c "sleep 60 & echo ready; wait" & wait'))
    expect(alone?.residentBytes).toBeGreaterThan(0)
    expect(family?.residentBytes).toBeGreaterThan(1.5 * (alone?.residentBytes as number))
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
