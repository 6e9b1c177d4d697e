/** @file Durations and sizes: what reads, what does not, and to how much. */
import { describe, expect, it } from 'vitest'
import { parseDurationMs, parseSizeBytes } from './units.ts'

describe('parseDurationMs', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0s', 0],
  ])('reads %s', (text, ms) => expect(parseDurationMs(text)).toBe(ms))

  it.each(['30', '', 's', '-1s', '1 s', '1S', '1e3s', 'Infinitys', '.5s', '1.s', '10sec', 'NaNms'])(
    'refuses %j',
    (text) => expect(parseDurationMs(text)).toBeNull(),
  )
})

describe('parseSizeBytes', () => {
  it.each([
    ['100B', 100],
    ['4MB', 4 * 1024 * 1024],
    ['512KiB', 512 * 1024],
    ['1.5kb', 1536],
    ['1GB', 1024 ** 3],
  ])('reads %s', (text, bytes) => expect(parseSizeBytes(text)).toBe(bytes))

  it.each(['4', '4M', '-4MB', '4 MB', 'MB', '4TB'])('refuses %j', (text) => expect(parseSizeBytes(text)).toBeNull())
})
