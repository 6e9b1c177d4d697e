/** @file Whatever the plan and however the engines behave: one result, in time, and every room given back. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHarness } from '../../../test/runtime-harness.ts'
import type { Plan } from '../../core/index.ts'
import { builtInTopologies, layOut, mergeInEffect } from '../../team/index.ts'
import { aPlan, ManualClock, ScriptedEngine, type ScriptedReply } from '../../testing/index.ts'

const plans: fc.Arbitrary<Plan> = fc
  .record({
    topology: fc.constantFrom(...builtInTopologies),
    agents: fc.integer({ min: 1, max: 4 }),
    merge: fc.constantFrom('model' as const, 'vote' as const, 'none' as const),
    stopsOnAgreement: fc.boolean(),
  })
  .map(({ topology, agents, merge, stopsOnAgreement }) => ({
    ...aPlan({ topology: topology.id, agents, merge: mergeInEffect(topology, agents, merge), stopsOnAgreement }),
    steps: layOut({ topology, agents, merge, roles: ['MathSolver', 'Inspector'], aggregatorRole: 'Judge' }),
  }))

const codes = ['ENGINE_UNREACHABLE', 'ENGINE_OVERLOADED', 'ENGINE_BAD_RESPONSE', 'STREAM_INTERRUPTED'] as const
const replies: fc.Arbitrary<ScriptedReply> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ ms: fc.integer({ min: 0, max: 4000 }), answer: fc.integer({ min: 1, max: 3 }) }).map(
      ({ ms, answer }): ScriptedReply => ({
        text: `So it is. The answer is ${answer}.`,
        outputTokens: 4,
        firstTokenAfterMs: ms,
        tokensPerSecond: 50,
      }),
    ),
  },
  fc.constantFrom(...codes).map((code): ScriptedReply => ({ error: { code } })),
  fc
    .integer({ min: 0, max: 3 })
    .map(
      (tokens): ScriptedReply => ({ text: 'a b c d', outputTokens: 4, failAfterTokens: tokens, tokensPerSecond: 20 }),
    ),
  fc
    .integer({ min: 0, max: 2 })
    .map((tokens): ScriptedReply => ({ text: 'a b c', outputTokens: 3, hangAfterTokens: tokens })),
)

const worlds = fc.record({
  plan: plans,
  replies: fc.array(replies, { minLength: 30, maxLength: 30 }),
  budgetMs: fc.integer({ min: 50, max: 8000 }),
  slots: fc.integer({ min: 1, max: 4 }),
  insures: fc.boolean(),
  streams: fc.boolean(),
  stopsWhenAgreed: fc.boolean(),
  leavesAtMs: fc.option(fc.integer({ min: 0, max: 5000 }), { freq: 4 }),
})

describe('any run', () => {
  it('ends once, in time, with every room given back and a record that adds up', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const clock = new ManualClock()
        const engine = (id: string) =>
          new ScriptedEngine({ clock, id, model: id.split('#')[0] as string, replies: world.replies })
        const engines = [engine('a#1'), engine('a#2'), engine('b#1')]
        const harness = createHarness(clock, {
          engines,
          plan: world.plan,
          slots: world.slots,
          settings: { insures: world.insures },
          serviceMs: ({ model }) => (model === 'a' ? 1500 : 400),
          choose: (step, state) => {
            if (world.stopsWhenAgreed && step.mayStop && step.agreement === 1) return 'stop'
            const model = state.models.find(({ model }) => !step.excludedModels.includes(model))?.model ?? 'a'
            return { model, strategy: 'Concise' }
          },
        })
        const leaving = new AbortController()
        if (world.leavesAtMs !== null) clock.at(world.leavesAtMs, () => leaving.abort())
        const heard: string[] = []
        const sink = world.streams ? { delta: ({ text }: { text?: string }) => void heard.push(text ?? '') } : {}
        const result = await clock.runUntilSettled(harness.ask({ budgetMs: world.budgetMs }, leaving.signal, sink))
        expect(clock.nowMs()).toBeLessThanOrEqual(world.budgetMs)
        await clock.settle()
        expect(harness.busy()).toBe(0)
        expect([harness.dispatch.waiting('a'), harness.dispatch.waiting('b')]).toEqual([0, 0])
        expect(harness.trace.records).toHaveLength(1)
        checkRecord(harness.trace.records[0]!, result.status)
        if (world.streams && result.status === 'answered') expect(heard.join('')).toBe(result.text)
      }),
      { numRuns: 400, seed: 11 },
    )
  })
})

function checkRecord(record: ReturnType<typeof createHarness>['trace']['records'][number], status: string): void {
  expect(record.outcome).toBe(status)
  const sum = record.steps.reduce((tokens, { usage }) => tokens + usage.outputTokens, 0)
  expect(record.usage.outputTokens).toBe(sum)
  const keys = record.steps.map(({ kind, stepId, attempt }) => `${kind === 'insurance'} ${stepId} ${attempt}`)
  expect(new Set(keys).size).toBe(keys.length)
  for (const step of record.steps) {
    if (step.sentAtMs !== null) expect(step.sentAtMs).toBeGreaterThanOrEqual(step.queuedAtMs ?? Infinity)
    if (step.finishedAtMs !== null) expect(step.finishedAtMs).toBeGreaterThanOrEqual(step.sentAtMs ?? Infinity)
  }
  // At most one retry of a step, however many re-choices and refused connections.
  const failures = new Map<string, number>()
  for (const { stepId, outcome, kind, errorCode } of record.steps) {
    if (outcome === 'failed' && kind !== 'insurance' && errorCode !== 'ENGINE_UNREACHABLE')
      failures.set(stepId, (failures.get(stepId) ?? 0) + 1)
  }
  for (const count of failures.values()) expect(count).toBeLessThanOrEqual(2)
}
