import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasFullDisk, onFullDisk } from '../../../test/full-disk.ts'
import { aRunRecord, ManualClock } from '../../testing/index.ts'
import { createFileTrace, type FileTraceOptions } from './file-trace.ts'
import { findRecord, readRecords } from './read-records.ts'

const dayMs = 86_400_000
const firstFile = 'runs-1970-01-01.jsonl'
let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'inframind-trace-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function setUp(overrides: Partial<FileTraceOptions> = {}) {
  const clock = new ManualClock()
  const errors: Error[] = []
  const onError = (error: Error) => errors.push(error)
  const trace = createFileTrace({ directory, keepMs: 3 * dayMs, clock, onError, ...overrides })
  const write = (...runIds: string[]) => {
    for (const runId of runIds) trace.write(aRunRecord({ runId }))
  }
  return { clock, errors, trace, write }
}

const readIds = () => [...readRecords(directory)].map(({ runId }) => runId)
const path = (name: string) => join(directory, name)

describe('createFileTrace', () => {
  it('writes a line per record, into one file per UTC day', () => {
    const { clock, errors, trace, write } = setUp()
    write('1', '2')
    clock.advanceTo(dayMs - 1)
    write('3')
    clock.advanceTo(dayMs)
    write('4')
    trace.close()
    expect(readdirSync(directory).sort()).toEqual([firstFile, 'runs-1970-01-02.jsonl'])
    expect(readFileSync(path(firstFile), 'utf8').split('\n')).toHaveLength(4)
    expect(readIds()).toEqual(['1', '2', '3', '4'])
    expect(errors).toEqual([])
  })

  it('makes the directory with the first record, and keeps it private', () => {
    const nested = path('a/b')
    const { write } = setUp({ directory: nested })
    expect(existsSync(nested)).toBe(false)
    write('1')
    expect(statSync(join(nested, firstFile)).mode & 0o077).toBe(0)
  })

  it('appends after a restart, and closes off a line that was cut short', () => {
    setUp().write('1')
    appendFileSync(path(firstFile), '{"schema":"inframind.run/1","runId":"cut')
    const again = setUp()
    again.write('2')
    again.trace.close()
    setUp().write('3')
    expect(readIds()).toEqual(['1', '2', '3'])
    expect(readFileSync(path(firstFile), 'utf8').split('\n')).toHaveLength(5)
  })

  it('deletes files whose day ended longer ago than they are kept, and nothing else', () => {
    const { clock, write } = setUp()
    writeFileSync(path('notes.txt'), 'mine')
    writeFileSync(path('runs-1969-old.jsonl'), 'mine too')
    for (let day = 0; day < 6; day += 1) {
      clock.advanceTo(day * dayMs + 1)
      write(`on day ${day}`)
    }
    expect(readIds()).toEqual(['on day 2', 'on day 3', 'on day 4', 'on day 5'])
    expect(readdirSync(directory)).toEqual(expect.arrayContaining(['notes.txt', 'runs-1969-old.jsonl']))
  })

  it('keeps everything where told to', () => {
    const { clock, write } = setUp({ keepMs: Infinity })
    write('1')
    clock.advanceTo(400 * dayMs)
    write('2')
    expect(readIds()).toEqual(['1', '2'])
  })

  it('ends writing when it cannot, says so once and never throws', () => {
    mkdirSync(path(firstFile))
    const { clock, errors, write } = setUp()
    write('1', '2')
    clock.advanceTo(dayMs)
    write('3')
    expect(errors).toEqual([expect.objectContaining({ code: 'EISDIR' })])
    expect(readdirSync(directory)).toEqual([firstFile])
  })

  it('needs nobody to listen to its failure', () => {
    mkdirSync(path(firstFile))
    const trace = createFileTrace({ directory, keepMs: dayMs, clock: new ManualClock() })
    expect(() => trace.write(aRunRecord())).not.toThrow()
  })

  it.skipIf(!hasFullDisk)(onFullDisk('takes a full disk the same way'), () => {
    symlinkSync('/dev/full', path(firstFile))
    const { errors, write } = setUp()
    write('1', '2')
    expect(errors).toEqual([expect.objectContaining({ code: 'ENOSPC' })])
  })

  it('ignores records after closing', () => {
    const { errors, trace, write } = setUp()
    write('1')
    trace.close()
    trace.close()
    write('2')
    expect(readIds()).toEqual(['1'])
    expect(errors).toEqual([])
  })
})

describe('reading back', () => {
  it('finds a run, the latest of its records, or the last run of all', () => {
    const { clock, trace, write } = setUp()
    write('1', '2')
    trace.write(aRunRecord({ runId: '1', calls: 7 }))
    clock.advanceTo(dayMs)
    write('3')
    expect(findRecord(directory, '1')?.calls).toBe(7)
    expect(findRecord(directory, '2')?.runId).toBe('2')
    expect(findRecord(directory, 'last')?.runId).toBe('3')
    expect(findRecord(directory, 'unknown')).toBeUndefined()
  })

  it('passes over a line cut short in search of the last', () => {
    setUp().write('1')
    appendFileSync(path(firstFile), '{"schema":"inframind.run/1","run')
    expect(findRecord(directory, 'last')?.runId).toBe('1')
  })

  it('does not take a mention of a run for the run', () => {
    setUp().write('1')
    setUp().trace.write(aRunRecord({ runId: '2', answer: '1' }))
    expect(findRecord(directory, '1')?.runId).toBe('1')
  })

  it('knows nothing where there is no directory, or no file', () => {
    expect(readIds()).toEqual([])
    expect(findRecord(path('nowhere'), 'last')).toBeUndefined()
  })

  it('says file and line of a foreign record; other runs can still be found', () => {
    setUp().write('1')
    appendFileSync(path(firstFile), '{"schema":"inframind.run/9","runId":"2"}\n')
    setUp().write('3')
    expect(readIds).toThrow(`${firstFile}:2`)
    expect(() => findRecord(directory, '2')).toThrow('inframind.run/9')
    expect(findRecord(directory, '1')?.runId).toBe('1')
    expect(findRecord(directory, 'last')?.runId).toBe('3')
  })
})
