import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type GpuSeat, type GpuTenant, SharedGpu, shareGpus } from './index.ts'

const nobody: GpuTenant = { dutiesWillTurn: () => {}, dutiesTurned: () => {} }
const decay = (ms: number) => Math.exp(-ms / 1000)

/** A GPU with so many idle engines. */
function aGpu(engines: number, eta = 1) {
  const gpu = new SharedGpu({ eta })
  return Array.from({ length: engines }, () => gpu.seat({ ...nobody }))
}

it('slows nobody down while the others never worked, and the worker itself never', () => {
  const [first, second] = aGpu(2) as [GpuSeat, GpuSeat]
  expect(first.factorAt(0)).toBe(1)
  second.turn(true, 100)
  expect([100, 200, 90_000].map((atMs) => second.factorAt(atMs))).toEqual([1, 1, 1])
})

it('follows the duty of the other: up while it works, down when it rests, as an exponential mean of one second', () => {
  const [first, second] = aGpu(2, 1.15) as [GpuSeat, GpuSeat]
  second.turn(true, 500)
  expect(first.factorAt(500)).toBe(1)
  expect(first.factorAt(800)).toBeCloseTo(1 + 1.15 * (1 - decay(300)), 12)
  second.turn(false, 1500)
  const duty = 1 - decay(1000)
  expect(first.factorAt(1500)).toBeCloseTo(1 + 1.15 * duty, 12)
  expect(first.factorAt(2200)).toBeCloseTo(1 + 1.15 * duty * decay(700), 12)
  expect(first.factorAt(100_000)).toBe(1)
  second.turn(true, 200_000)
  expect(first.factorAt(300_000)).toBe(1 + 1.15)
})

it('adds the duties of all others', () => {
  const [first, second, third] = aGpu(3, 0.5) as [GpuSeat, GpuSeat, GpuSeat]
  first.turn(true, 0)
  second.turn(true, 400)
  expect(third.factorAt(1000)).toBeCloseTo(1 + 0.5 * (1 - decay(1000) + 1 - decay(600)), 12)
  expect(first.factorAt(1000)).toBeCloseTo(1 + 0.5 * (1 - decay(600)), 12)
})

it('is the exponentially weighted share of busy time, whatever the history', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(gaps, (parts) => {
      const [first, second] = aGpu(2) as [GpuSeat, GpuSeat]
      let [atMs, isBusy, share] = [0, false, 0]
      for (const part of parts) {
        const nextMs = atMs + part / 1000
        // Each busy span weighs the integral of exp(-age) over it, seen from its end; older ones fade.
        share = share * decay(nextMs - atMs) + (isBusy ? 1 - decay(nextMs - atMs) : 0)
        atMs = nextMs
        isBusy = !isBusy
        second.turn(isBusy, atMs)
      }
      expect(first.factorAt(atMs)).toBeCloseTo(1 + share, 10)
    }),
  )
})

it('gives the same factor to the last bit before and after the turns of its instant, in any order', () => {
  const turns = fc.array(fc.tuple(fc.integer({ min: 1, max: 900_000 }), fc.integer({ min: 0, max: 2 })), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(turns, fc.integer({ min: 1, max: 1e6 }), (history, gap) => {
      const play = (last: readonly number[]) => {
        const seats = aGpu(4, 1.15)
        const busy = [false, false, false]
        const turn = (index: number, atMs: number) => {
          busy[index] = !busy[index]
          seats[index]?.turn(busy[index] === true, atMs)
        }
        let atMs = 0
        for (const [part, index] of history) {
          atMs += part / 1000
          turn(index, atMs)
        }
        const nowMs = atMs + gap / 1000
        const before = seats.map((seat) => seat.factorAt(nowMs))
        for (const index of last) turn(index, nowMs)
        const factors = (ms: number) => seats.map((seat) => seat.factorAt(ms))
        expect(factors(nowMs)).toEqual(before)
        return factors(nowMs + 123.4)
      }
      expect(play([2, 1, 0])).toEqual(play([0, 1, 2]))
    }),
  )
})

it('tells the others before and after a turn, and only of true turns', () => {
  const heard: string[] = []
  const gpu = new SharedGpu({ eta: 1 })
  const [first] = ['a', 'b'].map((name) =>
    gpu.seat({
      dutiesWillTurn: (atMs) => void heard.push(`${name} before ${atMs}`),
      dutiesTurned: () => void heard.push(`${name} after`),
    }),
  )
  first?.turn(true, 5)
  first?.turn(true, 6)
  first?.turn(false, 7)
  expect(heard).toEqual(['b before 5', 'b after', 'b before 7', 'b after'])
})

it('seats the engines of a pool by GPU; one that is alone has none to share', () => {
  const gpuOf = shareGpus([{ engines: ['a', 'b'] }, { engines: ['c'] }], 1)
  expect(gpuOf('a')).toBe(gpuOf('b'))
  expect(gpuOf('a')).toBeInstanceOf(SharedGpu)
  expect([gpuOf('c'), gpuOf('unknown')]).toEqual([null, null])
})
