/** @file What we hold open ourselves, because it was handed to us so, is closed to the programs that we run. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { createBwrapLevel } from '../../src/flow/sandbox/bwrap-level.ts'
import { findTool } from '../../src/flow/sandbox/find-tool.ts'
import { createUnshareLevel } from '../../src/flow/sandbox/unshare-level.ts'
import { containedLevels } from './offered-levels.ts'

const pipes = ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'] as const
/** Two digits, which a plain shell cannot close. */
const handedDown = 17
const source = `import os
found = [name for name in os.listdir("/proc/self/fd") if int(name) > 3]
for name in found:
    try: print(os.listdir(int(name)))
    except OSError as error: print(error)
print("seen", found)`

describe.each(containedLevels)('level $title', ({ name, sandbox }) => {
  it.skipIf(sandbox === null)('shows no folder that was open when we were started', async () => {
    const isRealRoot = process.getuid?.() === 0
    const executable = findTool('bwrap') ?? ''
    const level = name === 'bwrap' ? createBwrapLevel({ executable, isRealRoot }) : createUnshareLevel({ isRealRoot })
    const python = sandbox?.python ?? { executable: '', folders: [], version: '' }
    const box = { python, cpuSeconds: 5, memoryBytes: 2 ** 28, diskBytes: 2 ** 20, processes: 8 }
    const { command, args } = level.launch(box)
    const folder = openSync('/', 'r')
    const between = Array.from({ length: handedDown - 6 }, () => 'ignore' as const)
    const child = spawn(command, args, { stdio: ['ignore', ...pipes, ...between, folder] })
    closeSync(folder)
    const [, out, , sourceEnd, inputEnd] = child.stdio as unknown as [null, Readable, Readable, Writable, Writable]
    sourceEnd.end(source)
    inputEnd.end()
    const [output] = await Promise.all([text(out), once(child, 'close')])
    expect(output).toBe('seen []\n')
  })
})
