/** @file The runner's own part: default wall time, limits as the kernel takes them, turns given back. */
import { describe, expect, it } from 'vitest'
import type { Box, Launch, Level } from './level.ts'
import { createLevelRunner, defaultWallMs } from './sandbox.ts'

const python = { executable: '/usr/bin/python3', folders: [], version: '3.12.1' }
const limits = { cpuMs: 1_001, memoryBytes: 1e9 }
const program = { source: 'the source', input: 'the input' }

/** A level whose programs are shell scripts: what a runner does needs no Python and no namespace. */
function shellLevel(script: string): Level & { readonly boxes: Box[] } {
  const boxes: Box[] = []
  const launch = (box: Box): Launch => {
    boxes.push(box)
    return { command: 'sh', args: ['-c', script] }
  }
  return { name: 'plain', contains: 'nothing', boxes, launch }
}

const run = (script: string, more = {}, signal?: AbortSignal) =>
  createLevelRunner({ level: shellLevel(script), python }).run(program, { ...limits, ...more }, signal)

describe('the default wall time', () => {
  it.each([
    [1_000, 0, 5_000],
    [1_000, 1, 5_000],
    [1_000, 2, 10_000],
    [1_000, 50, 40_000],
    [0, 0.5, 2_000],
  ])('of %d ms CPU under a load of %d a core is %d ms', (cpuMs, load, expected) => {
    expect(defaultWallMs(cpuMs, load)).toBe(expected)
  })
})

describe('a run', () => {
  it('feeds source and input to the end, and gives back output, errors and exit code', async () => {
    const result = await run('cat <&3; cat <&4 >&2; echo started >&5; exit 3')
    expect(result).toMatchObject({ status: 'failed', reason: null, exitCode: 3 })
    expect([result.output, result.errorOutput]).toEqual(['the source', 'the input'])
  })

  it('asks for whole seconds of CPU and for the defaults', async () => {
    const level = shellLevel('echo started >&5')
    await createLevelRunner({ level, python }).run(program, limits)
    await createLevelRunner({ level, python, processes: 2, diskBytes: 5 }).run(program, limits)
    expect(level.boxes).toEqual([
      { python, cpuSeconds: 2, memoryBytes: 1e9, processes: 16, diskBytes: 64 * 1024 * 1024 },
      { python, cpuSeconds: 2, memoryBytes: 1e9, processes: 2, diskBytes: 5 },
    ])
  })

  it.each([
    ['exit 0', 'ok', null, 0],
    ['kill -s XCPU $$', 'killed', 'cpu', 152],
    ['exit 152', 'killed', 'cpu', 152],
    ['kill -s SEGV $$', 'killed', null, 139],
    ['echo MemoryError >&2; exit 1', 'failed', 'memory', 1],
    ['echo "MemoryError: no room" >&2; exit 1', 'failed', 'memory', 1],
    ['echo NoMemoryErrors >&2; exit 1', 'failed', null, 1],
    ['echo MemoryError >&2', 'ok', null, 0],
  ])('that ends by %j is %s, %s', async (script, status, reason, exitCode) => {
    expect(await run(`echo started >&5; ${script}`)).toMatchObject({ status, reason, exitCode })
  })

  it('ends at the wall, whoever still holds its output', async () => {
    const result = await run('echo started >&5; echo so far; sleep 600 & exec sleep 600', { wallMs: 2000 })
    expect(result).toMatchObject({ status: 'killed', reason: 'wall', output: 'so far\n', exitCode: null })
  })

  it('throws when the program was never started, with what the set-up said', async () => {
    await expect(run('echo mount refused >&2; exit 1')).rejects.toMatchObject({
      code: 'INVARIANT_VIOLATED',
      message: expect.stringContaining('mount refused'),
    })
  })

  it('throws when there is no such command, and gives its turn back', async () => {
    const level: Level = { ...shellLevel(''), launch: () => ({ command: '/no/such/command', args: [] }) }
    const runner = createLevelRunner({ level, python, concurrency: 1 })
    await expect(runner.run(program, limits)).rejects.toThrow('ENOENT')
    await expect(runner.run(program, limits)).rejects.toThrow('ENOENT')
  })

  it('rejects with the reason of its signal: while it runs, while it waits, before it starts', async () => {
    const level = shellLevel('echo started >&5; exec sleep 60')
    const runner = createLevelRunner({ level, python, concurrency: 1 })
    const [first, second] = [new AbortController(), new AbortController()]
    const running = runner.run(program, limits, first.signal)
    const waiting = runner.run(program, limits, second.signal)
    second.abort('no more need')
    await expect(waiting).rejects.toBe('no more need')
    first.abort('enough')
    await expect(running).rejects.toBe('enough')
    await expect(runner.run(program, limits, AbortSignal.abort('never'))).rejects.toBe('never')
  })
})
