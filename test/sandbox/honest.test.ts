/** @file Programs that mean no harm give what they should, at every level, also when the machine is busy. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { CodeLimits } from '../../src/core/index.ts'
import type { Sandbox } from '../../src/flow/index.ts'
import { allLevels, concurrency } from './offered-levels.ts'

const limits: CodeLimits = { cpuMs: 5_000, memoryBytes: 512 * 1024 * 1024 }

/** 0.1 to 0.3 s of CPU, and an answer that depends on its input. */
const sieve = `
limit = int(input())
is_prime = bytearray([1]) * limit
is_prime[:2] = b"\\0\\0"
for number in range(2, limit):
    if is_prime[number]:
        for multiple in range(number * number, limit, number): is_prime[multiple] = 0
print(sum(is_prime))
`

describe.each(allLevels)('level $title', ({ name, sandbox: found }) => {
  describe.skipIf(found === null)('runs', () => {
    const sandbox = found as Sandbox
    const run = (source: string, input = '', more: Partial<CodeLimits> = {}) =>
      sandbox.run({ source, input }, { ...limits, ...more })

    it('input to output', async () => {
      expect(await run('print(sum(map(int, input().split())))', '1 2 39\n')).toMatchObject({
        ...{ status: 'ok', reason: null, exitCode: 0 },
        ...{ output: '42\n', errorOutput: '' },
      })
    })

    it('input in every way that programs read it', async () => {
      const ways = ['sys.stdin.read()', 'open(0).read()', 'open("/dev/stdin").read()', 'os.read(0, 100).decode()']
      for (const way of ways) {
        const { output, errorOutput } = await run(`import os, sys\nprint(${way}, end="")`, 'one\ntwo')
        expect([way, output, errorOutput]).toEqual([way, 'one\ntwo', ''])
      }
    })

    it('large input and output', async () => {
      const input = 'line of text\n'.repeat(40_000)
      const { output } = await run('import sys\nsys.stdout.write(sys.stdin.read().upper())', input)
      expect(output).toBe(input.toUpperCase())
    })

    it('a program that reads none of its input', async () => {
      expect(await run('print("done")', 'x'.repeat(1_000_000))).toMatchObject({ status: 'ok', output: 'done\n' })
    })

    it('text in any script, in source, input and output', async () => {
      const { output } = await run('größe = "日本語 🚀"\nprint(größe, input()[::-1])', 'ανά\n')
      expect(output).toBe('日本語 🚀 άνα\n')
    })

    it('assertions: silent when they hold, the reason when not', async () => {
      expect(await run('assert 1 + 1 == 2')).toMatchObject({ status: 'ok', output: '' })
      const failed = await run('print("before")\nassert 1 + 1 == 3, "sums"')
      expect(failed).toMatchObject({ status: 'failed', reason: null, exitCode: 1, output: 'before\n' })
      expect(failed.errorOutput).toMatch(/line 2[\s\S]*AssertionError: sums\n$/)
    })

    it('source that is not Python', async () => {
      const result = await run('def broken(:\n')
      expect(result).toMatchObject({ status: 'failed', reason: null, exitCode: 1 })
      expect(result.errorOutput).toMatch(/SyntaxError/)
    })

    it.each([
      ['', 0, 'ok'],
      ['raise SystemExit', 0, 'ok'],
      ['raise SystemExit(7)', 7, 'failed'],
      ['import os; os._exit(3)', 3, 'failed'],
      ['import os; os.abort()', 134, 'killed'],
      ['import os; os.kill(os.getpid(), 15)', 143, 'killed'],
    ])('%j to exit code %d', async (source, exitCode, status) => {
      expect(await run(source)).toMatchObject({ exitCode, status, reason: null })
    })

    it('threads, processes, files and the standard library', async () => {
      const { output, errorOutput } = await run(`
import collections, heapq, itertools, math, multiprocessing, pathlib, re, sqlite3, subprocess, tempfile, threading
results = []
threads = [threading.Thread(target=results.append, args=(number,)) for number in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
pathlib.Path("note.txt").write_text("kept")
with tempfile.TemporaryFile() as file: file.write(b"scratch")
with multiprocessing.Pool(2) as pool: squares = pool.map(abs, [-1, -2])
shell = subprocess.run(["sh", "-c", "echo $((6 * 7))"], capture_output=True, text=True).stdout
print(sorted(results), pathlib.Path("note.txt").read_text(), squares, shell, end="")
`)
      expect([output, errorOutput]).toEqual(['[0, 1, 2, 3] kept [1, 2] 42\n', ''])
    })

    it('the order of a set the same every time', async () => {
      const orders = await Promise.all([1, 2, 3].map(() => run('print({"a", "b", "c", "d", "e", "f"})')))
      expect(new Set(orders.map(({ output }) => output)).size).toBe(1)
    })

    it('past its CPU time, and tells that from waiting', async () => {
      expect(await run('while True: pass', '', { cpuMs: 700, wallMs: 60_000 })).toMatchObject({
        status: 'killed',
        reason: 'cpu',
      })
      // Long enough for a slow machine to start Python.
      const sleeper = 'import time\nprint("up", flush=True)\ntime.sleep(600)'
      const waiting = await run(sleeper, '', { cpuMs: 4000, wallMs: 3000 })
      expect(waiting).toMatchObject({ status: 'killed', reason: 'wall', output: 'up\n', exitCode: null })
    })

    it('until it is no longer wanted', async () => {
      const controller = new AbortController()
      const runs = Array.from({ length: concurrency + 2 }, () =>
        sandbox.run({ source: 'import time\ntime.sleep(60)', input: '' }, limits, controller.signal),
      )
      const settled = Promise.allSettled(runs)
      controller.abort('enough')
      expect(await settled).toEqual(runs.map(() => ({ status: 'rejected', reason: 'enough' })))
    })

    describe('on a busy machine', () => {
      const burners: ChildProcess[] = []
      beforeAll(() => {
        for (let i = 0; i < availableParallelism(); i += 1) {
          burners.push(spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }))
        }
      })
      afterAll(() => {
        for (const burner of burners) burner.kill('SIGKILL')
      })

      it('many at once, each right', async () => {
        const sizes = Array.from({ length: 2 * concurrency }, (_, index) => 100_000 + 50_000 * (index % 3))
        const results = await Promise.all(sizes.map((size) => run(sieve, `${size}\n`)))
        const primes: Record<number, string> = { 100000: '9592\n', 150000: '13848\n', 200000: '17984\n' }
        expect(results.map(({ status, output }) => [status, output])).toEqual(sizes.map((size) => ['ok', primes[size]]))
      })

      it('one again alone that the wall ended', async () => {
        const crowd = Array.from({ length: concurrency }, () => run(sieve, '150000\n'))
        const first = await run(sieve, '200000\n', { wallMs: 20 })
        expect(first).toMatchObject({ status: 'killed', reason: 'wall' })
        expect(await run(sieve, '200000\n', { isAlone: true })).toMatchObject({ status: 'ok', output: '17984\n' })
        await Promise.all(crowd)
      })
    })

    it('and leaves no folder behind', async () => {
      // A temporary folder of this test alone: others may run programs beside it.
      const ours = mkdtempSync(join(tmpdir(), 'inframind-honest-'))
      vi.stubEnv('TMPDIR', ours)
      try {
        expect(await run('open("left", "w").close()')).toMatchObject({ status: 'ok' })
        expect(await run('while True: pass', '', { wallMs: 200 })).toMatchObject({ reason: 'wall' })
        expect([name, readdirSync(ours)]).toEqual([name, []])
      } finally {
        vi.unstubAllEnvs()
        rmSync(ours, { recursive: true })
      }
    })
  })
})
