import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../../test/paper-profile.ts'
import { createRig } from '../../../test/simulated-rig.ts'
import { createEngineCosts } from './engine-costs.ts'

const profile = paperProfile()
const models = Object.keys(profile.models)

const rigOf = (model: string) =>
  createRig({
    machine: profile.models[model]!,
    apiOverheadMs: profile.apiOverheadMs.value,
    prefillChunkTokens: profile.prefillChunkTokens.value,
  })

const call = fc.record({
  atMs: fc.integer({ min: 0, max: 20_000 }),
  promptTokens: fc.integer({ min: 100, max: 600 }),
  outputTokens: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 100, max: 800 })),
})

describe.each(models)('costs of a call on %s', (model) => {
  const costs = createEngineCosts(profile, model)

  it('alone are what the simulated engine takes', async () => {
    const [result] = await rigOf(model).play([{ atMs: 0, promptTokens: 250, outputTokens: 400 }])
    const timeMs = costs.firstTokenMs(250) + 399 * costs.tokenMs(250 + 200)
    expect(result!.firstTokenAtMs! - result!.sentAtMs).toBeCloseTo(costs.firstTokenMs(250), 6)
    expect(timeMs / (result!.finishedAtMs - result!.sentAtMs)).toBeCloseTo(1, 3)
  })

  it('are never above what the simulated engine is busy for, whatever the load', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 60 }), async (calls) => {
        const rig = rigOf(model)
        await rig.play(calls)
        const workMs = calls.reduce((sum, of) => sum + costs.workMs(of.promptTokens, of.outputTokens), 0)
        expect(workMs).toBeLessThanOrEqual(rig.engine.statistics().busyMs * (1 + 1e-9))
      }),
      { numRuns: 15 },
    )
  })

  it('come within a fifth of it when all slots are full', async () => {
    const rig = rigOf(model)
    const kvTokens = profile.models[model]!.kvTokens.value
    // As many at once as the cache holds without preemption, in many rounds.
    const outputTokens = Math.min(400, Math.floor(kvTokens / 16) - 300)
    const calls = Array.from({ length: 320 }, () => ({ atMs: 0, promptTokens: 200, outputTokens }))
    await rig.play(calls)
    const workMs = calls.length * costs.workMs(200, outputTokens)
    expect(workMs / rig.engine.statistics().busyMs).toBeGreaterThan(0.8)
    expect(workMs / rig.engine.statistics().busyMs).toBeLessThanOrEqual(1)
  })
})
