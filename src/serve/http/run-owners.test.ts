/** @file Owners of runs: each reads its own, and only the newest are remembered. */
import { describe, expect, it } from 'vitest'
import type { ApiKey } from '../config/index.ts'
import { RunOwners } from './run-owners.ts'

const key = (id: string): ApiKey => ({
  id,
  sha256: '',
  ratePerMinute: null,
  concurrency: null,
  maxBudgetMs: null,
  models: null,
  maxCalls: null,
  maxTotalTokens: null,
})

describe('RunOwners', () => {
  it('lets a key read its own runs, and everybody all where no keys are in use', () => {
    const owners = new RunOwners(10)
    owners.note('run_1', key('a'))
    expect([owners.mayRead('run_1', key('a')), owners.mayRead('run_1', key('b'))]).toEqual([true, false])
    owners.note('run_2', null)
    expect([owners.mayRead('run_2', null), owners.mayRead('run_2', key('a'))]).toEqual([true, false])
  })

  it('forgets the oldest beyond its limit', () => {
    const owners = new RunOwners(2)
    for (const runId of ['run_1', 'run_2', 'run_3']) owners.note(runId, key('a'))
    expect(['run_1', 'run_2', 'run_3'].map((runId) => owners.mayRead(runId, key('a')))).toEqual([false, true, true])
  })
})
