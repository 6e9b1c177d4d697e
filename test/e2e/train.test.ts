/**
 * @file Training with worker threads, and `inframind train` as its user meets it: bad flags, data and folders. What it
 * computes is tested beside its source; threads run compiled code alone.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Trained, TrainOptions, TrainTerms } from '../../src/lab/train/index.ts'
import { createOutFolders } from '../bench/small-bench.ts'
import { smallTraining } from '../small-training.ts'

const dist = resolve(import.meta.dirname, '../../dist')
const isBuilt = existsSync(join(dist, 'lab/train/index.js'))
const folders = createOutFolders()
afterAll(folders.clear)

interface Built {
  train(options: TrainOptions, terms: TrainTerms): Promise<Trained | null>
}

function command(...flags: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, 'cli/main.js'), 'train', ...flags], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe.skipIf(!isBuilt)(isBuilt ? 'train' : 'train (skipped: dist is missing, see npm run build)', () => {
  it('gives the same weights and the same log whatever the number of worker threads', async () => {
    const { train } = (await import(join(dist, 'lab/train/index.js'))) as Built
    const signal = new AbortController().signal
    const trainedBy = async (jobs: number) => {
      const out = folders.next()
      const trained = await train(smallTraining({ epochs: 2 }), { out, jobs, signal, nowMs: () => 0 })
      return { trained, log: readFileSync(join(out, 'training.jsonl'), 'utf8') }
    }
    const one = await trainedBy(1)
    expect(one.trained?.last.planner.length).toBeGreaterThan(100)
    expect(await trainedBy(2)).toEqual(one)
  })

  it.each([
    ['an unknown set', ['--datasets', 'synthetic-mth'], /synthetic-math/],
    ['an unknown profile', ['--profile', 'paper-b20'], /paper-b200/],
    ['a folder without sets', ['--data', resolve(import.meta.dirname), '--datasets', 'math'], /--datasets/],
    ['an unknown learner', ['--learner', 'dqn'], /residual/],
    ['no epochs', ['--epochs', '0'], /--epochs/],
    ['half a twin', ['--twins', '0.5'], /--twins/],
    ['a policy that is not there', ['--teams', './nowhere'], /policy/],
    ['weights of another learner', ['--from', 'ppo'], /residual from residual/],
    ['weights that had what is left out', ['--from', 'residual', '--ablate', 'no-text'], /Leave --ablate out/],
  ])('ends with exit code 2 and a fix for %s', (_, flags, says) => {
    const { status, stderr } = command('--out', folders.next(), ...flags)
    expect([status, stderr]).toEqual([2, expect.stringMatching(says)])
    expect(stderr).not.toMatch(/^ +at /m)
  })

  it('ends with exit code 2 where the profile has no truth to simulate with, or the folder cannot be', () => {
    const profile = JSON.parse(readFileSync(join(dist, '../profiles/small.json'), 'utf8'))
    const path = join(folders.next(), 'mine.json')
    writeFileSync(path, JSON.stringify({ ...profile, truth: undefined }))
    const untrue = command('--profile', path, '--out', folders.next())
    expect([untrue.status, untrue.stderr]).toEqual([2, expect.stringMatching(/truth/)])
    const inFile = command('--profile', 'small', '--out', join(path, 'out'))
    expect([inFile.status, inFile.stderr]).toEqual([2, expect.stringMatching(/--out/)])
  })
})
