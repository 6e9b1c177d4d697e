import { beforeEach, describe, expect, it, vi } from 'vitest'
import { captureOutput } from '../../../test/captured-output.ts'
import type { CollectProgress } from '../../lab/collect/index.ts'
import { collectProgress, describeCollectProgress } from './collect-progress.ts'

const at = (overrides: Partial<CollectProgress>): CollectProgress => ({
  phase: 2,
  done: 0,
  total: 100,
  resumed: 0,
  requests: 0,
  tokens: 0,
  failures: 0,
  ...overrides,
})

describe('a line of progress', () => {
  it('tells rate and time left by what this call has done', () => {
    const line = describeCollectProgress(at({ done: 40, resumed: 10, requests: 55, tokens: 9000, failures: 2 }), 60_000)
    expect(line).toBe(
      'phase 2: 40 of 100 replays (10 found finished), 30 a minute, about 2 min 00 s left; 55 requests, 9000 tokens, 2 failures',
    )
  })

  it('tells neither before anything was done', () => {
    expect(describeCollectProgress(at({ phase: 1, total: 4 }), 5000)).toBe(
      'phase 1: 0 of 4 workflows; 0 requests, 0 tokens',
    )
  })
})

describe('progress', () => {
  let nowMs = 0
  beforeEach(() => {
    nowMs = 0
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
    return () => vi.restoreAllMocks()
  })

  it('is told every few seconds, at the start of each phase and once at its end', () => {
    const output = captureOutput()
    const tell = collectProgress(output)
    tell(at({ phase: 1, total: 2 }))
    nowMs = 1000
    tell(at({ phase: 1, done: 1, total: 2 }))
    tell(at({ phase: 1, done: 2, total: 2 }))
    tell(at({ phase: 1, done: 2, total: 2, requests: 9 }))
    tell(at({}))
    nowMs = 7000
    tell(at({ done: 10 }))
    expect(output.notes).toEqual([
      'phase 1: 0 of 2 workflows; 0 requests, 0 tokens',
      'phase 1: 2 of 2 workflows, 120 a minute; 0 requests, 0 tokens',
      'phase 2: 0 of 100 replays; 0 requests, 0 tokens',
      'phase 2: 10 of 100 replays, 100 a minute, about 54 s left; 0 requests, 0 tokens',
    ])
    expect(output.drawn).toEqual([])
  })

  it('is drawn in place on a terminal', () => {
    const output = { ...captureOutput(), isTerminal: true }
    collectProgress(output)(at({ done: 100 }))
    expect(output.drawn).toEqual([expect.stringMatching(/^\r.*100 of 100 replays.*\n$/)])
  })
})
