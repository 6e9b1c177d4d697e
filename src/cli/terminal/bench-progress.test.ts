import { beforeEach, describe, expect, it, vi } from 'vitest'
import { captureOutput } from '../../../test/captured-output.ts'
import { benchProgress, spell } from './bench-progress.ts'

describe('a length of time', () => {
  it.each([
    [0.4, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [200, '3 min 20 s'],
    [3599.7, '1 h 00 min'],
    [7500, '2 h 05 min'],
    [90_000, '25 h 00 min'],
  ])('of %s s is spelt %s', (seconds, words) => {
    expect(spell(seconds)).toBe(words)
  })
})

describe('progress', () => {
  let nowMs = 0
  beforeEach(() => {
    nowMs = 0
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
    return () => vi.restoreAllMocks()
  })

  it('is told every few seconds and at the end, with rate and time left', () => {
    const output = captureOutput()
    const tell = benchProgress(output)
    tell({ done: 0, total: 10, resumed: 0 })
    nowMs = 4000
    tell({ done: 1, total: 10, resumed: 0 })
    nowMs = 10_000
    tell({ done: 2, total: 10, resumed: 0 })
    nowMs = 10_100
    tell({ done: 10, total: 10, resumed: 0 })
    expect(output.notes).toEqual(['0 of 10 runs, 0 s', '2 of 10 runs, 10 s, about 40 s left', '10 of 10 runs, 10 s'])
    expect(output.drawn).toEqual([])
  })

  it('counts what was found finished apart: it took no time', () => {
    const output = captureOutput()
    const tell = benchProgress(output)
    tell({ done: 6, total: 10, resumed: 6 })
    nowMs = 6000
    tell({ done: 8, total: 10, resumed: 6 })
    expect(output.notes).toEqual([
      '6 of 10 runs (6 found finished), 0 s',
      '8 of 10 runs (6 found finished), 6 s, about 6 s left',
    ])
  })

  it('stays on one line of a terminal, and ends it', () => {
    const output = { ...captureOutput(), isTerminal: true }
    const tell = benchProgress(output)
    tell({ done: 0, total: 2, resumed: 0 })
    nowMs = 100
    tell({ done: 1, total: 2, resumed: 0 })
    nowMs = 300
    tell({ done: 2, total: 2, resumed: 0 })
    expect(output.drawn).toEqual(['\r\u001b[2K0 of 2 runs, 0 s', '\r\u001b[2K2 of 2 runs, 0 s\n'])
    expect(output.notes).toEqual([])
  })
})
