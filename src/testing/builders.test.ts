/** @file The builders give consistent values: what follows from an override follows. */
import { describe, expect, it } from 'vitest'
import { parseProfile } from '../core/index.ts'
import {
  aClusterState,
  anEngineView,
  aPlan,
  aProfile,
  aQuery,
  aQueuedCall,
  aRunRecord,
  aStepContext,
  aStepOutcome,
  MemoryTrace,
} from './index.ts'

describe('builders', () => {
  it('derive the deadline, the text and the length of a query', () => {
    const query = aQuery({ arrivedAtMs: 500, budgetMs: 2_000, text: 'abcdefgh' })
    expect(query).toMatchObject({ deadlineAtMs: 2_500, text: 'abcdefgh', promptTokens: 2 })
    expect(query.messages).toEqual([{ role: 'user', content: 'abcdefgh' }])
    const messages = [
      { role: 'user', content: 'first' },
      { role: 'assistant', content: 'reply' },
      { role: 'user', content: 'second' },
    ] as const
    expect(aQuery({ messages }).text).toBe('second')
  })

  it('sum a cluster from its usable replicas', () => {
    const state = aClusterState({
      models: [
        {
          model: 'a',
          replicas: [
            { running: 8, waiting: 4, kvUsage: 0.5 },
            { running: 2, kvUsage: null },
          ],
        },
        { model: 'b', gatewayWaiting: 4, replicas: [{}, { isUsable: false, running: 8 }] },
        { model: 'c', replicas: [{ isUsable: false }] },
      ],
    })
    expect(state.model('a')).toMatchObject({ slots: 16, running: 10, waiting: 4, kvUsage: 0.5, isUsable: true })
    expect(state.model('a')?.replicas.map(({ replica }) => replica)).toEqual(['a#1', 'a#2'])
    expect(state.model('b')).toMatchObject({ slots: 8, running: 0, contextTokens: 32_768 })
    expect(state.model('c')).toMatchObject({ slots: 0, isUsable: false, kvUsage: null, contextTokens: null })
    expect(state.model('d')).toBeUndefined()
    expect(state.load).toBeCloseTo((14 + 4) / 24, 12)
  })

  it('put a step in its plan and its time', () => {
    const plan = aPlan({ steps: [{ id: '0/0', role: 'Critic' }, { id: '0/1' }] })
    const context = aStepContext({ query: aQuery({ arrivedAtMs: 100 }), plan, nowMs: 1_100 })
    expect(context.step.role).toBe('Critic')
    expect(context.remainingMs).toBe(9_000)
    expect(aStepOutcome({ arm: { model: 'x', strategy: 'Flash' } })).toMatchObject({
      replica: 'x#1',
      estimate: { arm: { model: 'x', strategy: 'Flash' } },
    })
    expect(anEngineView({ held: [{ tokens: 1, remaining: 1 }] }).inFlight).toBe(1)
  })

  it('note what a store tells a queued call, and pass it on', () => {
    const started: string[] = []
    const call = aQueuedCall({ start: (replica) => started.push(replica) })
    call.reconsider()
    call.start('small#2')
    call.reject('QUEUE_FULL', 'full')
    expect([call.events, call.startedOn, started]).toEqual([
      ['reconsider', 'start small#2', 'reject QUEUE_FULL'],
      'small#2',
      ['small#2'],
    ])
  })

  it('make profiles that parse', () => {
    expect(() => parseProfile(aProfile(['a', 'b']), 'test')).not.toThrow()
  })
})

describe('MemoryTrace', () => {
  it('finds one run, and complains of none or two', () => {
    const trace = new MemoryTrace()
    trace.write(aRunRecord({ runId: 'run_a' }))
    trace.write(aRunRecord({ runId: 'run_b' }))
    trace.write(aRunRecord({ runId: 'run_b' }))
    expect(trace.of('run_a').runId).toBe('run_a')
    expect(trace.records).toHaveLength(3)
    expect(() => trace.of('run_b')).toThrow('got 2')
    expect(() => trace.of('run_c')).toThrow('got 0')
  })
})
