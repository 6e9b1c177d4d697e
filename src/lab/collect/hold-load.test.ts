import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../testing/index.ts'
import { type HoldLoadOptions, holdLoad, type LoadPart, type Sent } from './hold-load.ts'

/** A request as the rig saw it. `others`: under way on the model when it was sent. */
interface Seen {
  readonly job: string
  readonly part: LoadPart
  readonly others: number
  readonly atMs: number
  endedAtMs: number | null
  wasAborted: boolean
}

interface RigOptions extends Partial<HoldLoadOptions<string>> {
  readonly durationMs?: (index: number) => number
  readonly outcome?: (index: number) => Sent
}

/** An engine that takes `durationMs` for the n-th request, after 10 ms of looking at its state. */
function createRig({ durationMs = () => 1000, outcome = () => 'done', ...options }: RigOptions) {
  const clock = new ManualClock()
  const seen: Seen[] = []
  let underWay = 0
  let peak = 0
  const wait = (ms: number, onAbort: (cancel: () => void) => void) =>
    new Promise<boolean>((resolve) => {
      const cancel = clock.at(clock.nowMs() + ms, () => resolve(false))
      onAbort(() => {
        cancel()
        resolve(true)
      })
    })
  const send: HoldLoadOptions<string>['send'] = async (job, { part, signal, onSent }) => {
    await wait(10, (stop) => signal.addEventListener('abort', stop))
    if (signal.aborted) return 'lost'
    const index = seen.length
    const request: Seen = { job, part, others: underWay, atMs: clock.nowMs(), endedAtMs: null, wasAborted: false }
    seen.push(request)
    underWay += 1
    peak = Math.max(peak, underWay)
    onSent()
    request.wasAborted = await wait(durationMs(index), (stop) => signal.addEventListener('abort', stop))
    underWay -= 1
    request.endedAtMs = clock.nowMs()
    return request.wasAborted ? 'lost' : outcome(index)
  }
  const abort = new AbortController()
  const held = holdLoad<string>({
    level: 4,
    jobs: ['a', 'b', 'c'],
    background: () => 'filler',
    send,
    clock,
    signal: abort.signal,
    mayBegin: () => true,
    ...options,
  })
  const measured = () => seen.filter(({ part }) => part === 'measured')
  return { clock, seen, measured, abort, held, peak: () => peak, underWay: () => underWay }
}

describe('holdLoad', () => {
  it('measures beside level - 1 others, whatever the requests take, and never has more under way', async () => {
    const cases = fc.record({
      level: fc.integer({ min: 1, max: 12 }),
      jobs: fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 20 }),
      durations: fc.array(fc.integer({ min: 20, max: 5000 }), { minLength: 1, maxLength: 10 }),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ level, jobs, durations }) => {
        const rig = createRig({ level, jobs, durationMs: (index) => durations[index % durations.length] as number })
        const end = await rig.clock.runUntilSettled(rig.held)
        expect(end).toEqual({ left: [], hasGivenUp: false })
        expect(rig.measured().map(({ job }) => job)).toEqual(jobs)
        expect(rig.peak()).toBe(jobs.length === 0 ? 0 : level)
        // While one looks at the engine's state another may end: its place is being filled too.
        for (const { others } of rig.measured()) expect(others).toBeLessThanOrEqual(level - 1)
        expect(rig.measured().filter(({ wasAborted }) => wasAborted)).toEqual([])
        expect(rig.underWay()).toBe(0)
        expect(rig.clock.pending).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('opens with background requests, and the first measured one waits until they are sent', async () => {
    const rig = createRig({ level: 4, durationMs: (index) => 1000 + 100 * index })
    await rig.clock.runUntilSettled(rig.held)
    expect(rig.seen.slice(0, 4).map(({ part, others }) => [part, others])).toEqual([
      ['background', 0],
      ['background', 1],
      ['background', 2],
      ['measured', 3],
    ])
    expect(rig.measured().map(({ others }) => others)).toEqual([3, 3, 3])
  })

  it('gives the background up at the instant at which the last measured request ends', async () => {
    const rig = createRig({ level: 3, jobs: ['a'], durationMs: (index) => [10_000, 400, 700][index] ?? 5000 })
    await rig.clock.runUntilSettled(rig.held)
    const [only] = rig.measured()
    const background = rig.seen.filter(({ part }) => part === 'background')
    // The short one was followed by another, to keep the load up.
    expect(background).toHaveLength(3)
    expect(background.filter(({ wasAborted }) => wasAborted).map(({ endedAtMs }) => endedAtMs)).toEqual([
      only!.endedAtMs,
      only!.endedAtMs,
    ])
  })

  it('sends no background at level 1', async () => {
    const rig = createRig({ level: 1 })
    await rig.clock.runUntilSettled(rig.held)
    expect(rig.seen.map(({ part, others }) => [part, others])).toEqual([
      ['measured', 0],
      ['measured', 0],
      ['measured', 0],
    ])
  })

  it('hands back what failed and goes on, each time after a longer pause', async () => {
    const rig = createRig({ level: 1, jobs: ['a', 'b', 'c', 'd'], outcome: (index) => (index < 2 ? 'failed' : 'done') })
    const end = await rig.clock.runUntilSettled(rig.held)
    expect(end).toEqual({ left: ['a', 'b'], hasGivenUp: false })
    const starts = rig.measured().map(({ atMs }) => atMs)
    expect(starts).toEqual([10, 1220, 2630, 3640])
  })

  it('gives a model up after five failures in a row, and hands everything back', async () => {
    const jobs = Array.from({ length: 9 }, (_, index) => `job ${index}`)
    const rig = createRig({ level: 1, jobs, outcome: () => 'failed' })
    const end = await rig.clock.runUntilSettled(rig.held)
    expect(end).toEqual({ left: jobs, hasGivenUp: true })
    expect(rig.seen).toHaveLength(5)
  })

  it('does not count failures apart', async () => {
    const jobs = Array.from({ length: 12 }, (_, index) => `job ${index}`)
    const rig = createRig({ level: 1, jobs, outcome: (index) => (index % 4 === 3 ? 'done' : 'failed') })
    const end = await rig.clock.runUntilSettled(rig.held)
    expect([end.left.length, end.hasGivenUp]).toEqual([9, false])
  })

  it('ends everything at once when it is stopped, also while it pauses', async () => {
    for (const outcome of ['done', 'failed'] as const) {
      const rig = createRig({ level: 3, outcome: () => outcome })
      await rig.clock.runBy(1050)
      rig.abort.abort()
      const end = await rig.held
      expect(end.left.toSorted()).toEqual(outcome === 'done' ? ['b', 'c'] : ['a', 'b', 'c'])
      expect(rig.underWay()).toBe(0)
      expect(rig.clock.pending).toBe(0)
    }
  })

  it('begins nothing when it was stopped before', async () => {
    const abort = new AbortController()
    abort.abort()
    const rig = createRig({ signal: abort.signal })
    expect(await rig.held).toEqual({ left: ['a', 'b', 'c'], hasGivenUp: false })
    expect(rig.seen).toEqual([])
  })

  it('lets what is measured run to its end when nothing more may begin', async () => {
    let mayBegin = true
    const rig = createRig({ level: 2, mayBegin: () => mayBegin, durationMs: (index) => (index === 0 ? 500 : 3000) })
    // One background request is over, 'a' and 'b' are under way.
    await rig.clock.runBy(1000)
    mayBegin = false
    const end = await rig.clock.runUntilSettled(rig.held)
    expect(end.left).toEqual(['c'])
    expect(rig.seen.map(({ job, wasAborted }) => [job, wasAborted])).toEqual([
      ['filler', false],
      ['a', false],
      ['b', false],
    ])
  })
})
