/** @file What is planned is held against what is then done, in virtual time. */
import { afterEach, describe, expect, it } from 'vitest'
import {
  callsOf,
  collectOptions,
  createFolders,
  createPool,
  large,
  promptSources,
  promptsOf,
  small,
} from '../../../test/collect-pool.ts'
import { loadProfile } from '../profile-file.ts'
import { planCollection } from './plan-collection.ts'

const folders = createFolders()
afterEach(folders.clear)
const known = { sources: promptSources, prior: loadProfile('paper-b200').prior, tiers: {}, models: [large, small] }

describe('the plan of a collection', () => {
  it('counts the calls that are then made', async () => {
    const out = folders.next()
    const options = { ...collectOptions, workflows: 6, replay: null, levels: [1, 3] }
    const plan = planCollection(options, known)
    const pool = createPool()
    const summary = await pool.run(out, options)
    const byPhase = (phase: number) => callsOf(out).filter((call) => call.phase === phase).length
    // A probe that agrees spares its escalation.
    expect(plan.workflowCalls).toBeGreaterThanOrEqual(byPhase(1))
    expect(plan.workflowCalls).toBeLessThanOrEqual(byPhase(1) + 3)
    expect(promptsOf(out)).toHaveLength(byPhase(1))
    expect(plan.cells).toBeGreaterThanOrEqual(summary.cells)
    expect(plan.cells).toBe(plan.prompts * 3 * 2 * 2)
    expect(pool.meter.sent).toBeGreaterThanOrEqual(byPhase(1) + summary.cells)
  })

  it('comes near the tokens and, on idle engines, the time that are then used', async () => {
    const options = { ...collectOptions, workflows: 10, replay: null, levels: [1] }
    const plan = planCollection(options, known)
    const pool = createPool()
    const { tokens } = await pool.run(folders.next(), options)
    const ratio = (plan.workflowTokens + plan.cellTokens) / tokens
    expect(ratio).toBeGreaterThan(0.6)
    expect(ratio).toBeLessThan(1.6)
    expect(plan.idleMs).toBeGreaterThan(0.6 * pool.clock.nowMs())
    expect(plan.idleMs).toBeLessThan(1.6 * pool.clock.nowMs())
  })

  it('takes several models at once for so much quicker', () => {
    const alone = planCollection(collectOptions, known).idleMs
    const together = planCollection({ ...collectOptions, modelsAtOnce: 5 }, known).idleMs
    expect(together).toBeCloseTo(alone / 2, -1)
  })

  it('takes no more prompts than there are, and assumes what it must of a stranger', () => {
    const whole = planCollection({ ...collectOptions, replay: null }, known)
    expect(planCollection({ ...collectOptions, replay: 10_000 }, known)).toEqual(whole)
    const half = planCollection({ ...collectOptions, replay: Math.floor(whole.prompts / 2) }, known)
    expect(half.cellTokens).toBeLessThan(0.6 * whole.cellTokens)
    const stranger = planCollection(collectOptions, { ...known, models: ['never-heard-of-7b'] })
    expect(stranger.cellTokens).toBeGreaterThan(0)
  })
})
