/** What a training comes to, whatever interrupts it; worker threads are played with in test/e2e/train.test.ts. */
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOutFolders } from '../../../test/bench/small-bench.ts'
import { hasFullDisk, onFullDisk } from '../../../test/full-disk.ts'
import { smallTraining } from '../../../test/small-training.ts'
import { ConfigError } from '../../core/index.ts'
import { checkTrainOptions } from './check-options.ts'
import { optionsHashOf } from './options-hash.ts'
import { type Trained, type TrainTerms, train } from './train.ts'
import type { TrainOptions } from './train-options.ts'
import { trainingLineSchema } from './training-log.ts'

const folders = createOutFolders()
const never = new AbortController().signal
const termsOf = (out: string, parts: Partial<TrainTerms> = {}): TrainTerms => ({
  out,
  jobs: 1,
  signal: never,
  nowMs: () => 0,
  ...parts,
})
const logIn = (out: string) => readFileSync(join(out, 'training.jsonl'), 'utf8')
const epochsIn = (out: string) =>
  logIn(out)
    .trimEnd()
    .split('\n')
    .map((line) => trainingLineSchema.parse(JSON.parse(line)).epoch)

let whole: Trained
let log = ''
/** The folder as it was after each epoch. */
const after: string[] = []

async function end(options: TrainOptions, terms: TrainTerms): Promise<Trained> {
  const trained = await train(options, terms)
  if (!trained) throw new Error('the training was stopped')
  return trained
}

beforeAll(async () => {
  const out = folders.next()
  const onProgress = () => {
    const copy = folders.next()
    cpSync(out, copy, { recursive: true })
    after.push(copy)
  }
  whole = await end(smallTraining(), termsOf(out, { onProgress }))
  log = logIn(out)
})
afterAll(folders.clear)

function expectSame(trained: Trained, out: string): void {
  expect(trained.last).toEqual(whole.last)
  expect(trained.best).toEqual(whole.best)
  expect(trained.judgement).toEqual(whole.judgement)
  expect(logIn(out)).toBe(log)
}

describe('a training from weights that are there', () => {
  it('goes on from these, not from those that its seed would draw', async () => {
    const { last: from } = whole
    const parts = { seed: 2, epochs: 1, judgeEvery: 1, change: {} }
    const trained = await end(smallTraining({ ...parts, from }), termsOf(folders.next()))
    const fresh = await end(smallTraining(parts), termsOf(folders.next()))
    for (const level of ['planner', 'executor'] as const) {
      const awayFrom = (weights: Float32Array) =>
        weights.reduce((sum, value, index) => sum + Math.abs(value - from[level][index]!), 0) / weights.length
      expect(trained.last[level]).not.toEqual(from[level])
      expect(awayFrom(trained.last[level])).toBeLessThan(0.2 * awayFrom(fresh.last[level]))
    }
  })

  it('is another training than one without, and refused where the weights do not fit', () => {
    const from = whole.last
    expect(optionsHashOf(smallTraining({ from }))).not.toBe(optionsHashOf(smallTraining()))
    expect(() => checkTrainOptions(smallTraining({ from }))).not.toThrow()
    expect(() => checkTrainOptions(smallTraining({ from, hidden: 8 }))).toThrow(ConfigError)
  })
})

describe('a training', () => {
  it('moves both networks, and logs every epoch once', () => {
    expect(after).toHaveLength(3)
    const { planner, executor } = whole.last
    for (const weights of [planner, executor]) expect(weights.every(Number.isFinite)).toBe(true)
    const lines = log.trimEnd().split('\n')
    const parsed = lines.map((line) => trainingLineSchema.parse(JSON.parse(line)))
    expect(parsed.map(({ epoch }) => epoch)).toEqual([0, 1, 2])
    expect(parsed.map(({ validation }) => validation !== null)).toEqual([false, true, true])
    for (const line of parsed) {
      expect(line.episodes).toBeGreaterThan(10)
      expect(line.planner.decisions).toBeGreaterThan(10)
      expect(line.planner.gradientNorm).toBeGreaterThan(0)
      expect(line.executor.gradientNorm).toBeGreaterThan(0)
    }
  })

  it('gives the same weights and the same log under the same seed, others under another', async () => {
    const [out, other] = [folders.next(), folders.next()]
    expectSame(await end(smallTraining(), termsOf(out)), out)
    const onProgress = () => stop.abort()
    const stop = new AbortController()
    await train(smallTraining({ seed: 2 }), termsOf(other, { signal: stop.signal, onProgress }))
    expect(logIn(other).split('\n')[0]).not.toBe(log.split('\n')[0])
  })

  it('goes on from where it was stopped as if nothing had happened, after any epoch', async () => {
    const out = folders.next()
    for (let epoch = 0; epoch < 2; epoch += 1) {
      const stop = new AbortController()
      const terms = termsOf(out, { signal: stop.signal, onProgress: () => stop.abort() })
      expect(await train(smallTraining(), terms)).toBeNull()
      expect(epochsIn(out)).toHaveLength(epoch + 1)
    }
    expectSame(await end(smallTraining(), termsOf(out)), out)
  })

  it('goes on where it was killed between log and checkpoint, in the middle of a line and of a file', async () => {
    const out = after[0] as string
    appendFileSync(join(out, 'training.jsonl'), `${log.split('\n')[1]}\n{"epoch":2,"learner":"resi`)
    writeFileSync(join(out, 'checkpoint.json.part'), '{"schema":"inframind/checkpoint/1","optio')
    expectSame(await end(smallTraining(), termsOf(out)), out)
    expect(existsSync(join(out, 'checkpoint.json.part'))).toBe(false)
  })

  it('goes on to the same weights where the log was lost, and logs the rest', async () => {
    const out = after[1] as string
    rmSync(join(out, 'training.jsonl'))
    expect((await end(smallTraining(), termsOf(out))).last).toEqual(whole.last)
    expect(epochsIn(out)).toEqual([2])
  })

  it('that has ended says the same once more', async () => {
    const out = after[2] as string
    expectSame(await end(smallTraining(), termsOf(out)), out)
  })
})

describe('a training refuses', () => {
  const refused = async (options: TrainOptions, out: string, says: RegExp) => {
    const failure = await train(options, termsOf(out)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConfigError)
    expect((failure as ConfigError).message).toMatch(says)
  }

  it('to go on from a checkpoint of other options, and leaves it as it was', async () => {
    const out = after[2] as string
    const before = readFileSync(join(out, 'checkpoint.json'), 'utf8')
    await refused(smallTraining({ seed: 9 }), out, /these options/)
    await refused(smallTraining({ change: { priceFactor: 0.5 } }), out, /these options/)
    expect(readFileSync(join(out, 'checkpoint.json'), 'utf8')).toBe(before)
    expect(logIn(out)).toBe(log)
  })

  it('a damaged checkpoint, and leaves it as it was', async () => {
    const out = folders.next()
    const text = readFileSync(join(after[2] as string, 'checkpoint.json'), 'utf8')
    writeFileSync(join(out, 'checkpoint.json'), text.slice(0, 5000))
    await refused(smallTraining(), out, /Delete the file to begin anew/)
    expect(readFileSync(join(out, 'checkpoint.json'), 'utf8')).toHaveLength(5000)
  })

  it('a folder that cannot be', async () => {
    const file = join(folders.next(), 'a-file')
    writeFileSync(file, '')
    await refused(smallTraining(), join(file, 'out'), /--out/)
  })

  it.skipIf(!hasFullDisk)(onFullDisk('a disk that is full, and goes on when there is room'), async () => {
    const out = folders.next()
    cpSync(after[2] as string, out, { recursive: true })
    symlinkSync('/dev/full', join(out, 'training.jsonl.part'))
    await refused(smallTraining(), out, /Make room/)
    expectSame(await end(smallTraining(), termsOf(out)), out)
  })

  it('sets that are not there, profiles that are not there, and those that cannot be simulated', async () => {
    const ground = smallTraining().ground
    await refused(
      smallTraining({ ground: { ...ground, datasets: ['synthetic-mth'] } }),
      folders.next(),
      /synthetic-math/,
    )
    await refused(smallTraining({ ground: { ...ground, profiles: ['paper-b20'] } }), folders.next(), /paper-b200/)
    const profile = JSON.parse(readFileSync(new URL('../../../profiles/small.json', import.meta.url), 'utf8'))
    const path = join(folders.next(), 'mine.json')
    writeFileSync(path, JSON.stringify({ ...profile, truth: undefined }))
    await refused(smallTraining({ ground: { ...ground, profiles: [path] } }), folders.next(), /truth/)
    const empty = { ...ground, data: folders.next(), datasets: ['math'] }
    await refused(smallTraining({ ground: empty }), folders.next(), /--datasets/)
  })
})

describe('the hash of the options', () => {
  it('changes with all that changes weights, and with nothing else', () => {
    const hashes = [
      smallTraining(),
      smallTraining({ learner: 'ppo' }),
      smallTraining({ epochs: 4 }),
      smallTraining({ scenarios: { queries: 26 } }),
      smallTraining({ shape: { learns: 'planner' } }),
      smallTraining({ ground: { ...smallTraining().ground, profiles: ['paper-a100'] } }),
    ].map(optionsHashOf)
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(optionsHashOf(smallTraining())).toBe(hashes[0])
  })
})
