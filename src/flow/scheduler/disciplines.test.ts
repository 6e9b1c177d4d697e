import { describe, expect, it } from 'vitest'
import { aQueuedCall } from '../../testing/index.ts'
import { createDiscipline, disciplineNames, latestStartAtMs } from './disciplines.ts'

describe('disciplines', () => {
  const call = aQueuedCall({ enqueuedAtMs: 3, deadlineAtMs: 10_000, remainingMs: 2_000 })

  it('take 0.8 of the remaining time off the deadline for the latest start', () => {
    expect(latestStartAtMs(call)).toBe(8_400)
  })

  it.each([
    ['edf-demote', 10_000, 8_400],
    ['edf', 10_000, undefined],
    ['fcfs', 3, undefined],
  ] as const)('%s: key %d, latest start %s', (name, key, flipAtMs) => {
    const discipline = createDiscipline(name)
    expect(discipline.name).toBe(name)
    expect(discipline.key(call)).toBe(key)
    expect(discipline.latestStartAtMs?.(call)).toBe(flipAtMs)
  })

  it('default to edf-demote', () => {
    expect(createDiscipline().name).toBe('edf-demote')
    expect(disciplineNames).toContain('edf-demote')
  })
})
