import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { aCallLine } from '../../../test/collect-builders.ts'
import { createScaledClock } from '../../core/index.ts'
import { createVirtualClock } from '../../twin/index.ts'
import { createLaterClock } from './later-clock.ts'

let out: string
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'inframind-clock-'))
})
afterEach(() => rmSync(out, { recursive: true }))

it('a second session of a scaled clock begins after the last end of the first', async () => {
  const wall = createVirtualClock()
  const ends = [70_000, 500_000.5, 90_000].map((finishedAtMs) => `${JSON.stringify(aCallLine({ finishedAtMs }))}\n`)
  writeFileSync(join(out, 'calls.jsonl'), ends.join(''))
  const clock = createScaledClock(createLaterClock(wall, out), 10)
  expect(clock.nowMs()).toBe(560_000.5)
  const fired = new Promise<number>((resolve) => clock.at(561_000.5, () => resolve(clock.nowMs())))
  expect(await wall.run(fired)).toBeCloseTo(561_000.5, 6)
  expect(wall.nowMs()).toBeCloseTo(100, 6)
})

it('a clock that is later anyway is left alone', async () => {
  const wall = createVirtualClock()
  await wall.run(new Promise<void>((resolve) => wall.at(1_000_000, resolve)))
  writeFileSync(join(out, 'calls.jsonl'), `${JSON.stringify(aCallLine())}\n`)
  expect(createLaterClock(wall, out)).toBe(wall)
  expect(createLaterClock(wall, join(out, 'none'))).toBe(wall)
})
