import { expect, it } from 'vitest'
import { type Clock, createWallClock } from '../core/index.ts'
import { toQuietClock } from './quiet-clock.ts'
import { createVirtualClock } from './virtual-clock.ts'

const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.at(clock.nowMs() + ms, resolve)
  })

it('runs async code in virtual time, to the instant', async () => {
  const clock = createVirtualClock(1_000)
  const log: string[] = []
  const worker = async (name: string, ms: number) => {
    for (let round = 0; round < 2; round++) {
      await sleep(clock, ms)
      log.push(`${name}@${clock.nowMs()}`)
    }
  }
  const result = await clock.run(Promise.all([worker('slow', 3_600_000), worker('fast', 0.5)]).then(() => 'done'))
  expect(result).toBe('done')
  expect(log).toEqual(['fast@1000.5', 'fast@1001', 'slow@3601000', 'slow@7201000'])
})

it('lets every continuation of an event run before the next event, even at the same instant', async () => {
  const clock = createVirtualClock()
  const log: string[] = []
  const first = sleep(clock, 5)
  const second = sleep(clock, 5)
  const work = Promise.all([
    first.then(() => log.push('first')).then(async () => log.push(`still ${clock.nowMs()}`)),
    second.then(() => log.push('second')),
  ])
  await clock.run(work)
  expect(log).toEqual(['first', 'still 5', 'second'])
})

it('gives internal events no turn, unless they say that they settled a promise', async () => {
  const clock = createVirtualClock()
  const log: string[] = []
  let wake: () => void = () => {}
  const work = new Promise<void>((resolve) => {
    wake = resolve
  }).then(() => log.push('continued'))
  clock.atInternal(1, () => {
    log.push('quiet')
    queueMicrotask(() => log.push('microtask'))
  })
  clock.atInternal(2, () => {
    log.push('settling')
    wake()
    clock.settled()
  })
  clock.atInternal(2, () => log.push('never reached'))
  await clock.run(work)
  expect(log).toEqual(['quiet', 'settling', 'microtask', 'continued'])
  expect(clock.nowMs()).toBe(2)
})

it('never runs backwards: the past happens now, after what is due now', async () => {
  const clock = createVirtualClock()
  const log: string[] = []
  clock.at(10, () => {
    clock.at(3, () => log.push(`late@${clock.nowMs()}`))
  })
  clock.at(10, () => log.push('due'))
  await clock.advanceTo(10)
  expect(log).toEqual(['due', 'late@10'])
})

it('cancels, and ignores a second cancel', async () => {
  const clock = createVirtualClock()
  const log: number[] = []
  const cancel = clock.at(1, () => log.push(1))
  clock.at(2, () => log.push(2))
  cancel()
  cancel()
  await clock.advanceTo(5)
  expect(log).toEqual([2])
  expect(clock.nowMs()).toBe(5)
})

it('advances up to and including an instant, and leaves later events for later', async () => {
  const clock = createVirtualClock()
  const log: number[] = []
  for (const ms of [1, 2, 3]) clock.at(ms, () => log.push(ms))
  await clock.advanceTo(2)
  expect(log).toEqual([1, 2])
  await clock.advanceTo(2.5)
  await clock.advanceTo(1)
  expect(clock.nowMs()).toBe(2.5)
  await clock.advanceTo(3)
  expect(log).toEqual([1, 2, 3])
})

it('lets a chain of continuations of any length run out before the next event', async () => {
  const clock = createVirtualClock()
  const log: string[] = []
  const chain = async () => {
    await sleep(clock, 5)
    for (let link = 0; link < 100; link++) await Promise.resolve().then(() => Promise.resolve())
    log.push(`chain@${clock.nowMs()}`)
  }
  const work = chain()
  clock.at(5, () => log.push('second event'))
  await clock.run(work)
  await clock.advanceTo(5)
  expect(log).toEqual(['chain@5', 'second event'])
})

it('lets the platform do its other work during a long run', async () => {
  const clock = createVirtualClock()
  let served = 0
  const serve = () => {
    served++
    setImmediate(serve).unref()
  }
  setImmediate(serve).unref()
  let ticks = 0
  const work = async () => {
    for (; ticks < 5_000; ticks++) await sleep(clock, 1)
  }
  await clock.run(work())
  expect(served).toBeGreaterThan(4)
})

it('sets, moves and takes off an alarm', async () => {
  const clock = createVirtualClock()
  const log: string[] = []
  const alarm = clock.alarm(() => {
    log.push(`alarm@${clock.nowMs()}`)
    if (clock.nowMs() === 4) alarm.set(6)
  })
  alarm.set(9)
  clock.at(4, () => log.push('event@4'))
  alarm.set(4)
  await clock.advanceTo(10)
  expect(log).toEqual(['event@4', 'alarm@4', 'alarm@6'])
  alarm.set(12)
  alarm.set(Infinity)
  alarm.set(Infinity)
  await clock.advanceTo(20)
  alarm.set(3)
  await clock.advanceTo(21)
  expect(log.slice(3)).toEqual(['alarm@20'])
})

it('says so when work waits for nothing', async () => {
  const clock = createVirtualClock()
  const stuck = sleep(clock, 7).then(() => new Promise<void>(() => {}))
  await expect(clock.run(stuck)).rejects.toMatchObject({ code: 'INVARIANT_VIOLATED' })
  await expect(clock.run(stuck)).rejects.toThrow(/at 7 ms of virtual time, but no event is left/)
})

it('passes on what work and callbacks throw, and can be driven again', async () => {
  const clock = createVirtualClock()
  await expect(clock.run(Promise.reject(new Error('of the work')))).rejects.toThrow('of the work')
  clock.at(1, () => {
    throw new Error('of the callback')
  })
  await expect(clock.run(sleep(clock, 2))).rejects.toThrow('of the callback')
  await clock.run(sleep(clock, 2))
  expect(clock.nowMs()).toBe(3)
})

it('is driven by one at a time', async () => {
  const clock = createVirtualClock()
  const running = clock.run(sleep(clock, 1))
  await expect(clock.advanceTo(5)).rejects.toThrow(/driven already/)
  await running
})

it('makes an alarm of ordinary events on a clock that knows none', async () => {
  const base = createVirtualClock()
  const heard: number[] = []
  const quiet = toQuietClock({ nowMs: () => base.nowMs(), at: (ms, fn) => base.at(ms, fn) })
  const alarm = quiet.alarm(() => heard.push(base.nowMs()))
  alarm.set(5)
  alarm.set(3)
  await base.advanceTo(10)
  alarm.set(12)
  alarm.set(Infinity)
  await base.advanceTo(20)
  expect(heard).toEqual([3])
})

it('makes quiet events ordinary ones on a clock that does not know them', () => {
  const asked: number[] = []
  const plain: Clock = {
    nowMs: () => 4,
    at: (ms) => {
      asked.push(ms)
      return () => {}
    },
  }
  const quiet = toQuietClock(plain)
  quiet.atInternal(6, () => {})
  quiet.at(7, () => {})
  quiet.settled()
  expect([quiet.nowMs(), ...asked]).toEqual([4, 6, 7])
  expect(toQuietClock(createWallClock()).nowMs()).toBeGreaterThan(0)
  const virtual = createVirtualClock()
  expect(toQuietClock(virtual)).toBe(virtual)
})
