/** @file When our process is killed outright, the programs that it runs go with it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createBwrapLevel } from '../../src/flow/sandbox/bwrap-level.ts'
import { findTool } from '../../src/flow/sandbox/find-tool.ts'
import { createUnshareLevel } from '../../src/flow/sandbox/unshare-level.ts'
import { containedLevels } from './offered-levels.ts'

/** Stands for our process: starts one program, says when it runs, waits. */
const parentSource = `
const [command, ...args] = process.argv.slice(1)
const child = require('node:child_process').spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'], detached: true })
child.stdio[3].end('import os, time\\nos.fork()\\nos.setsid() if os.getpid() != os.getpgrp() else None\\nprint("up", flush=True)\\ntime.sleep(600)')
child.stdio[4].end('')
child.stdout.once('data', () => process.stdout.write('up'))
`

function descendants(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return children.flatMap((child) => [child, ...descendants(child)])
}

let parent: ChildProcess | null = null
afterEach(() => {
  parent?.kill('SIGKILL')
  parent = null
})

describe.each(containedLevels)('level $title', ({ name, sandbox }) => {
  it.skipIf(sandbox === null)('kills its programs when we are killed', async () => {
    const isRealRoot = process.getuid?.() === 0
    const executable = findTool('bwrap') ?? ''
    const level = name === 'bwrap' ? createBwrapLevel({ executable, isRealRoot }) : createUnshareLevel({ isRealRoot })
    const python = sandbox?.python ?? { executable: '', folders: [], version: '' }
    const box = { python, cpuSeconds: 5, memoryBytes: 2 ** 28, diskBytes: 2 ** 20, processes: 8 }
    const { command, args } = level.launch(box)
    parent = spawn(process.execPath, ['-e', parentSource, '--', command, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(parent.stdout as NonNullable<typeof parent.stdout>, 'data')
    const tree = descendants(parent.pid as number)
    expect(tree.length).toBeGreaterThanOrEqual(3)
    parent.kill('SIGKILL')
    await vi.waitFor(() => expect(tree.filter((pid) => existsSync(`/proc/${pid}/exe`))).toEqual([]), {
      timeout: 10_000,
    })
  })
})
