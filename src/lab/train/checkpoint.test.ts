import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createOutFolders } from '../../../test/bench/small-bench.ts'
import { hasFullDisk, onFullDisk } from '../../../test/full-disk.ts'
import { ConfigError } from '../../core/index.ts'
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts'

const folders = createOutFolders()
afterAll(folders.clear)

const level = (start: number) => ({
  parameters: Float32Array.of(start, 1 / 3, -1e-38),
  adam: Float32Array.of(7, start / 7, 0, 1e30, 0, 0, 0),
})
const state = (parts: Partial<Checkpoint> = {}): Checkpoint => ({
  optionsHash: 'abc',
  epochs: 3,
  planner: level(0.1),
  executor: level(-0.2),
  multiplier: [0.1 + 0.2, 5, 0],
  learningRate: Float32Array.of(3e-4, Number.NEGATIVE_INFINITY, 0, 0),
  best: { correctGoodput: 0.712, epoch: 1, planner: Float32Array.of(1 / 7), executor: Float32Array.of(2 / 7) },
  ...parts,
})
const written = (parts?: Partial<Checkpoint>) => {
  const folder = folders.next()
  writeCheckpoint(folder, state(parts))
  return { folder, path: join(folder, 'checkpoint.json') }
}

describe('a checkpoint', () => {
  it.each([state(), state({ best: null })])('is read as it was written, bit for bit', (whole) => {
    const { folder } = written(whole)
    expect(readCheckpoint(folder, 'abc')).toMatchObject(whole)
    expect(readdirSync(folder)).toEqual(['checkpoint.json'])
  })

  it('is none where there is none, and nothing else is taken for none', () => {
    const folder = folders.next()
    expect(readCheckpoint(folder, 'abc')).toBeNull()
    mkdirSync(join(folder, 'checkpoint.json'))
    expect(() => readCheckpoint(folder, 'abc')).toThrow(ConfigError)
  })

  it('belongs to its options', () => {
    expect(() => readCheckpoint(written().folder, 'other')).toThrow(/these options.*--out/s)
  })

  it.each<[string, (text: string) => string]>([
    ['nothing', () => ''],
    ['half of it', (text) => text.slice(0, text.length / 2)],
    ['something else', () => '{"a": 1}'],
    ['no base64', (text) => text.replace(/"adam":"[^"]+"/, '"adam":"???"')],
    ['weights too short', (text) => text.replace(/"parameters":"[^"]+"/, '"parameters":"AAAA"')],
    ['another number', (text) => text.replace('"epochs":3', '"epochs":2')],
    ['NaN for a weight', (text) => text.replace(/"parameters":"[^"]{8}/, '"parameters":"AADAfwAA')],
  ])('is refused with a fix where the file holds %s', (_, damage) => {
    const { folder, path } = written()
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, damage(text))
    expect(readFileSync(path, 'utf8')).not.toBe(text)
    expect(() => readCheckpoint(folder, 'abc')).toThrow(ConfigError)
    expect(() => readCheckpoint(folder, 'abc')).toThrow(/Delete the file to begin anew/)
  })

  it('outlives a kill in the middle of the next one', () => {
    const { folder } = written()
    writeFileSync(join(folder, 'checkpoint.json.part'), '{"schema":"inframind/ch')
    expect(readCheckpoint(folder, 'abc')?.epochs).toBe(3)
    writeCheckpoint(folder, state({ epochs: 4 }))
    expect(readCheckpoint(folder, 'abc')?.epochs).toBe(4)
    expect(readdirSync(folder)).toEqual(['checkpoint.json'])
  })

  it.skipIf(!hasFullDisk)(onFullDisk('outlives a disk that is full at the next one'), () => {
    const { folder, path } = written()
    symlinkSync('/dev/full', `${path}.part`)
    expect(() => writeCheckpoint(folder, state({ epochs: 4 }))).toThrow(ConfigError)
    expect(readCheckpoint(folder, 'abc')?.epochs).toBe(3)
    rmSync(`${path}.part`, { force: true })
  })
})
