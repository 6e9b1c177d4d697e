/** @file Slots: configured, reported, learned from a plateau, or the fallback. */
import { describe, expect, it } from 'vitest'
import { SlotCount } from './slot-count.ts'

const reading = { slots: null, running: null, waiting: null, kvUsage: null }

/** The value after each of some readings: [running, waiting, kvUsage]. */
function learned(...readings: readonly (readonly [number, number, number?])[]): number[] {
  const slots = new SlotCount(null, 16)
  return readings.map(([running, waiting, kvUsage = 0.5]) => {
    slots.update({ ...reading, running, waiting, kvUsage })
    return slots.value
  })
}

describe('SlotCount', () => {
  it('takes what is configured before what is reported, and that before anything learned', () => {
    const configured = new SlotCount(4, 16)
    configured.update({ ...reading, slots: 8, running: 9 })
    expect(configured.value).toBe(4)
    const reported = new SlotCount(null, 16)
    expect(reported.value).toBe(16)
    reported.update({ ...reading, slots: 8 })
    reported.update(reading)
    expect(reported.value).toBe(8)
  })

  it.each([
    [
      'a plateau under a queue, seen three times',
      [
        [32, 5],
        [32, 9],
        [32, 1],
      ],
      [16, 16, 32],
    ],
    [
      'a smaller plateau likewise',
      [
        [6, 5],
        [6, 9],
        [6, 1],
      ],
      [16, 16, 6],
    ],
    [
      'a queue of an instant teaches nothing',
      [
        [2, 3],
        [5, 0],
        [2, 3],
        [2, 3],
      ],
      [16, 16, 16, 16],
    ],
    [
      'nor does a count that moves',
      [
        [5, 1],
        [6, 1],
        [5, 1],
        [6, 1],
      ],
      [16, 16, 16, 16],
    ],
    [
      'nor a cache that is full',
      [
        [3, 5, 0.95],
        [3, 5, 0.95],
        [3, 5, 0.95],
      ],
      [16, 16, 16],
    ],
    [
      'nor an engine that runs nothing',
      [
        [0, 5],
        [0, 5],
        [0, 5],
      ],
      [16, 16, 16],
    ],
    [
      'running more than was learned raises it',
      [
        [6, 5],
        [6, 9],
        [6, 1],
        [9, 0],
        [8, 0],
      ],
      [16, 16, 6, 9, 9],
    ],
  ] as const)('%s', (_name, readings, values) => {
    expect(learned(...readings)).toEqual(values)
  })
})
