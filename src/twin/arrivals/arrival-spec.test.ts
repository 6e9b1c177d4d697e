import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError, createRandom } from '../../core/index.ts'
import { createArrivals, parseArrivals } from './arrival-spec.ts'

const options = () => ({ ratePerMinute: 60, random: createRandom(3), startMs: 0 })

describe('arrivals by name', () => {
  it('are read with their defaults', () => {
    expect(parseArrivals('poisson')).toEqual({ kind: 'poisson' })
    expect(parseArrivals('on-off')).toEqual({ kind: 'on-off', onMeanMs: 20_000, offMeanMs: 40_000 })
    expect(parseArrivals(' burst ')).toEqual({ kind: 'burst', queries: 500 })
  })

  it('take the whole rest of a trace as its path', () => {
    expect(parseArrivals('trace:C:\\loads\\monday.csv')).toEqual({
      kind: 'trace',
      file: 'C:\\loads\\monday.csv',
      end: 'loop',
    })
  })

  it.each([
    ['poison', 'Did you mean "poisson"?'],
    ['onoff:', 'Did you mean "on-off"?'],
    ['bursts', 'Did you mean "burst"?'],
    ['poisson:3', 'Did you mean "poisson"?'],
    ['trace', 'Name the file'],
    ['trace:', 'Name the file'],
    ['', 'Known: poisson, on-off, burst, trace:FILE.'],
    ['steady', 'Known: poisson'],
  ])('refuse %j and say: %s', (text, fix) => {
    expect(() => parseArrivals(text)).toThrow(ConfigError)
    expect(() => parseArrivals(text)).toThrow(fix)
  })
})

describe('processes from specs', () => {
  it('are of the kind asked for', () => {
    const first = (text: string) => createArrivals(parseArrivals(text))(options()).next().value as number
    expect(first('poisson')).toBe(createRandom(3).exponential(1000))
    expect(first('burst')).toBe(first('poisson'))
    expect([...createArrivals({ kind: 'burst', queries: 7 })(options())]).toHaveLength(7)
    expect(first('on-off')).not.toBe(first('poisson'))
  })

  it('read a trace once, and refuse what is none before the run begins', () => {
    const folder = mkdtempSync(join(tmpdir(), 'arrivals-'))
    const file = join(folder, 'two.csv')
    writeFileSync(file, 'TIMESTAMP,ContextTokens,GeneratedTokens\n2024-01-01 00:00:00,1,1\n2024-01-01 00:00:01,1,1\n')
    const arrivals = createArrivals({ kind: 'trace', file, end: 'stop' })
    rmSync(folder, { recursive: true })
    expect([...arrivals(options())]).toEqual([0, 1000])
    expect(() => createArrivals(parseArrivals(`trace:${file}`))).toThrow(ConfigError)
  })
})
