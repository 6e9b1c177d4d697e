import { describe, expect, it } from 'vitest'
import type { EngineReading } from '../core/index.ts'
import { anEngineCall, ManualClock, ScriptedEngine } from '../testing/index.ts'
import { blurReadings, type MetricsBlur } from './blurred-readings.ts'

const never = new AbortController().signal

/** What is read of an engine that says `readings`, one after the other. */
async function read(readings: readonly Partial<EngineReading>[], blur: MetricsBlur, seed = 1) {
  const engine = new ScriptedEngine({ clock: new ManualClock(), readings })
  const [blurred] = blurReadings([engine], blur, seed)
  const heard: EngineReading[] = []
  for (let index = 0; index < readings.length; index += 1) heard.push(await blurred!.read(never))
  return heard
}

const everySecond = Array.from({ length: 6 }, (_, second) => ({
  atMs: 1000 * second,
  running: second,
  waiting: 10 * second,
  kvUsage: second / 10,
  ttft: { sumMs: 300 * second, count: 3 * second },
}))

describe('metrics that are not blurred', () => {
  it('come from the engines themselves', () => {
    const engines = [new ScriptedEngine({ clock: new ManualClock() })]
    expect(blurReadings(engines, {}, 1)).toBe(engines)
    expect(blurReadings(engines, { noise: 0, ageMs: 0 }, 1)).toBe(engines)
  })
})

describe('old metrics', () => {
  it('are those of so long ago, and look fresh; before that, the first', async () => {
    const heard = await read(everySecond, { ageMs: 2000 })
    expect(heard.map(({ running }) => running)).toEqual([0, 0, 0, 1, 2, 3])
    expect(heard.map(({ atMs }) => atMs)).toEqual(everySecond.map(({ atMs }) => atMs))
    expect(heard[5]).toMatchObject({ waiting: 30, kvUsage: 0.3, ttft: { sumMs: 900, count: 9 } })
  })

  it('are at least so old where polls fall between', async () => {
    const heard = await read(everySecond, { ageMs: 1500 })
    expect(heard.map(({ running }) => running)).toEqual([0, 0, 0, 1, 2, 3])
  })

  it('do not hide that an engine is down', async () => {
    const heard = await read([{ atMs: 0 }, { atMs: 1000, health: 'down', running: null }, { atMs: 2000 }], {
      ageMs: 900,
    })
    expect(heard.map(({ health }) => health)).toEqual(['ok', 'down', 'ok'])
  })
})

describe('noisy metrics', () => {
  const steady = Array.from({ length: 400 }, (_, second) => ({
    atMs: 1000 * second,
    running: 1000,
    waiting: 500,
    kvUsage: 0.5,
    e2e: { sumMs: 2000 * second, count: second },
  }))

  it('are off by exp(sigma z): right in the middle, as far as was asked for', async () => {
    const logs = (await read(steady, { noise: 0.5 })).map(({ running }) => Math.log(running! / 1000))
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length
    const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length)
    expect(Math.abs(mean)).toBeLessThan(0.08)
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.05)
  })

  it('stay possible: whole requests, at most a full cache, counters that never run back', async () => {
    const heard = await read(steady, { noise: 1.5 })
    expect(heard.every(({ running, waiting }) => Number.isInteger(running) && Number.isInteger(waiting))).toBe(true)
    expect(Math.max(...heard.map(({ kvUsage }) => kvUsage!))).toBe(1)
    const sums = heard.map(({ e2e }) => e2e!.sumMs)
    expect(sums).toEqual([...sums].sort((a, b) => a - b))
    expect(heard.map(({ e2e }) => e2e!.count)).toEqual(steady.map(({ e2e }) => e2e.count))
    const grown = sums.slice(1).map((sum, index) => sum - sums[index]!)
    expect(new Set(grown).size).toBeGreaterThan(300)
  })

  it('leave unsaid what the engine does not say, and what it can hold as it is', async () => {
    const [reading] = await read([{ running: null, waiting: null, kvUsage: null, slots: 7 }], { noise: 1 })
    expect(reading).toMatchObject({ running: null, waiting: null, kvUsage: null, ttft: null, slots: 7 })
  })

  it('are the same under a seed, and other ones for each engine and seed', async () => {
    const runs = async (seed: number) => (await read(steady, { noise: 0.5 }, seed)).map(({ running }) => running)
    expect(await runs(1)).toEqual(await runs(1))
    expect(await runs(1)).not.toEqual(await runs(2))
    const clock = new ManualClock()
    const twins = ['a#1', 'a#2'].map((id) => new ScriptedEngine({ clock, id, readings: [{ running: 100_000 }] }))
    const [one, other] = await Promise.all(
      blurReadings(twins, { noise: 0.5 }, 1).map(async (engine) => (await engine.read(never)).running),
    )
    expect(one).not.toBe(other)
  })
})

it('passes calls on', async () => {
  const clock = new ManualClock()
  const engine = new ScriptedEngine({ clock, replies: [{ text: 'yes' }] })
  const [blurred] = blurReadings([engine], { noise: 1 }, 1)
  expect([blurred!.id, blurred!.model]).toEqual([engine.id, engine.model])
  const result = blurred!.run(anEngineCall(), never)
  clock.advanceBy(60_000)
  expect((await result).text).toBe('yes')
})
