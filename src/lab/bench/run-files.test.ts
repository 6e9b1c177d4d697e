import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createOutFolders } from '../../../test/bench/small-bench.ts'
import { createFakeBench } from '../../../test/fake-bench.ts'
import { ConfigError } from '../../core/index.ts'
import { RunFiles, writeRecords, writeWhole } from './run-files.ts'
import type { RunResult } from './run-result.ts'

const folders = createOutFolders()
afterEach(folders.clear)

const result = createFakeBench({ methods: [{ name: 'moa', accuracy: 0.5 }], queries: 20, seeds: 1 })
  .runs[0] as RunResult
const fileOf = (out: string) => join(out, 'runs', `${result.key}.json`)

function problemOf(act: () => unknown) {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).problems[0]
  }
  throw new Error('it was written')
}

describe('run files', () => {
  it('give back what was written, to who asks for the same inputs', () => {
    const out = folders.next()
    const files = new RunFiles(join(out, 'deep', 'er'))
    expect(files.read(result.key, result.inputsHash)).toBeNull()
    files.write(result)
    expect(files.read(result.key, result.inputsHash)).toEqual(result)
    expect(files.read(result.key, 'other inputs')).toBeNull()
    expect(files.read('other', result.inputsHash)).toBeNull()
  })

  it.each<[string, (text: string) => string]>([
    ['nothing', () => ''],
    ['half of one', (text) => text.slice(0, text.length / 2)],
    ['something else', () => '[1, 2]'],
    ['no JSON', () => 'oops'],
    ['another format', (text) => text.replace('bench-run/1', 'bench-run/0')],
    ['a field too many', (text) => text.replace('{', '{"more":1,')],
    ['a share above 1', (text) => text.replace(/"accuracy":[\d.]+/, '"accuracy":7')],
  ])('with %s in them are as if they were not there', (_name, spoil) => {
    const files = new RunFiles(folders.next())
    files.write(result)
    const out = folders.next()
    const again = new RunFiles(out)
    again.write(result)
    writeFileSync(fileOf(out), spoil(readFileSync(fileOf(out), 'utf8')))
    expect(again.read(result.key, result.inputsHash)).toBeNull()
    again.write(result)
    expect(again.read(result.key, result.inputsHash)).toEqual(result)
  })

  it('cannot be where a file stands in the way', () => {
    const out = folders.next()
    writeFileSync(join(out, 'runs'), '')
    expect(problemOf(() => new RunFiles(out))).toMatchObject({
      path: join(out, 'runs'),
      fix: expect.stringContaining('--out'),
    })
    writeFileSync(join(out, 'file'), '')
    expect(problemOf(() => new RunFiles(join(out, 'file', 'below')))).toMatchObject({
      path: join(out, 'file', 'below', 'runs'),
    })
  })
})

describe('a file that is written whole', () => {
  it('takes the place of the old one and leaves no draft', () => {
    const path = join(folders.next(), 'x.json')
    writeWhole(path, 'old')
    writeWhole(path, 'new')
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(existsSync(`${path}.part`)).toBe(false)
  })

  it('is not there at all where it cannot be written, and the user is told what to do', () => {
    const folder = folders.next()
    const path = join(folder, 'x.json')
    mkdirSync(path)
    expect(problemOf(() => writeWhole(path, 'new'))).toMatchObject({
      path,
      fix: expect.stringMatching(/room.*--out.*same command/),
    })
    expect(readdirSync(folder)).toEqual(['x.json'])
    rmSync(folder, { recursive: true })
    expect(problemOf(() => writeWhole(path, 'new'))).toMatchObject({ path })
    expect(problemOf(() => writeWhole(path, 'new', { fix: 'Pray.' }))).toMatchObject({ fix: 'Pray.' })
  })
})

describe('kept records', () => {
  it('lie in a folder of their own, under the name of the run', () => {
    const out = folders.next()
    writeRecords(out, 'the-run', '{}\n{}\n')
    expect(readFileSync(join(out, 'records', 'the-run.jsonl'), 'utf8')).toBe('{}\n{}\n')
  })

  it('say so where their folder cannot be made', () => {
    const out = folders.next()
    writeFileSync(join(out, 'records'), '')
    expect(problemOf(() => writeRecords(out, 'the-run', ''))?.path).toContain(out)
  })
})
