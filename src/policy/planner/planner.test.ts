import { describe, expect, it } from 'vitest'
import { coder, mistral, paperModels, paperPrior, paperState, r1 } from '../../../test/policy/paper-pool.ts'
import type { Plan, Query } from '../../core/index.ts'
import { aClusterState, aQuery } from '../../testing/index.ts'
import { createPredictor } from '../predict/index.ts'
import { createPlanner, type PlannerSpec } from './create-planner.ts'

const plannerOf = (spec: PlannerSpec = 'rules') =>
  createPlanner(spec, { predictor: createPredictor({ prior: paperPrior, models: paperModels }), models: paperModels })
const plan = (query: Partial<Query>, state = paperState()): Plan => plannerOf().plan(aQuery(query), state)

const math = { domain: 'math', answerFormat: 'number' } as const
const code = { domain: 'code', answerFormat: 'code' } as const

describe('rules', () => {
  it('gives a question of mathematics one agent in 2 s and a team in 60 s', () => {
    const short = plan({ ...math, budgetMs: 2_000 })
    const long = plan({ ...math, budgetMs: 60_000 })
    expect([short.agents, short.steps.length]).toEqual([1, 1])
    expect(long.agents).toBeGreaterThan(1)
    expect(long.stopsOnAgreement).toBe(true)
    expect(long.quality).toBeGreaterThan(short.quality + 0.1)
    expect(long.predictedMs).toBeLessThan(60_000)
    expect(short.predictedMs).toBeLessThan(2_000)
  })

  it('is worth more with time, and fits it', () => {
    const qualities = [1_000, 3_000, 10_000, 30_000].map((budgetMs) => {
      const { quality, predictedMs } = plan({ ...math, budgetMs })
      expect(predictedMs).toBeLessThan(budgetMs)
      return quality
    })
    expect(qualities).toEqual([...qualities].sort((a, b) => a - b))
  })

  it('makes teams smaller as the pool fills', () => {
    const calls = [0, 0.6, 0.9, 1.3].map(
      (load) => plan({ ...math, budgetMs: 60_000 }, paperState({ load })).steps.length,
    )
    expect(calls).toEqual([...calls].sort((a, b) => b - a))
    expect(calls[0]).toBeGreaterThan(2)
    expect(calls[3]).toBe(1)
  })

  it('votes and probes only where answers can be compared', () => {
    const plans = [5_000, 10_000, 60_000, 300_000].map((budgetMs) => plan({ ...code, budgetMs }))
    for (const { merge, topology, alternatives } of plans) {
      expect(merge).not.toBe('vote')
      for (const name of [topology, ...alternatives.map((one) => one.topology)]) expect(name).not.toBe('probe')
    }
  })

  it('gives conversation one agent, and one to whom the request demands it', () => {
    const chat = plan({ domain: 'general', answerFormat: 'text', soloReason: 'chat', budgetMs: 60_000 })
    expect([chat.agents, chat.merge, chat.reason]).toEqual([1, 'none', 'chat'])
    expect(plan({ domain: 'general', answerFormat: 'text', budgetMs: 60_000 }).agents).toBe(1)
    for (const soloReason of ['tools', 'response-format', 'media'] as const) {
      const demanded = plan({ ...math, soloReason, budgetMs: 60_000, limits: { topology: 'debate' } })
      expect([demanded.steps.length, demanded.reason]).toEqual([1, soloReason])
    }
  })

  it('takes the topology asked for, even in conversation', () => {
    for (const topology of ['chain', 'debate', 'reflection', 'full-connected', 'cot', 'probe'])
      expect(plan({ ...math, budgetMs: 60_000, limits: { topology } }).topology).toBe(topology)
    const asked = { soloReason: 'chat', budgetMs: 60_000, limits: { topology: 'debate' } } as const
    expect(plan({ domain: 'general', answerFormat: 'text', ...asked }).topology).toBe('debate')
    expect(() => plan({ ...math, limits: { topology: 'debatte' } })).toThrow('debate')
  })

  it('takes two agents or more where the topology asked for is one in which agents meet, if they fit', () => {
    for (const topology of ['chain', 'debate', 'full-connected', 'full-connected-parallel', 'probe'])
      expect(plan({ ...math, budgetMs: 30_000, limits: { topology } }).agents, topology).toBeGreaterThan(1)
    expect(plan({ ...math, budgetMs: 30_000, limits: { topology: 'debate', maxAgents: 1 } }).agents).toBe(1)
  })

  it('keeps within the caller’s limits on agents, calls and tokens', () => {
    const free = plan({ ...math, budgetMs: 60_000 })
    expect(plan({ ...math, budgetMs: 60_000, limits: { maxAgents: 1 } }).agents).toBe(1)
    expect(plan({ ...math, budgetMs: 60_000, limits: { maxCalls: 2 } }).steps.length).toBeLessThanOrEqual(2)
    expect(plan({ ...math, budgetMs: 60_000, limits: { maxTotalTokens: 900 } }).steps.length).toBeLessThan(
      free.steps.length,
    )
    const flash = plan({ ...math, budgetMs: 60_000, limits: { strategy: 'Flash' } })
    expect(flash.quality).toBeLessThan(free.quality)
  })

  it('makes do with one agent where nothing fits or nothing can be called', () => {
    const hopeless = plan({ ...math, budgetMs: 50 })
    expect([hopeless.steps.length, hopeless.reason]).toEqual([1, 'nothing-fits'])
    const models = Object.fromEntries(paperModels.map((model) => [model, { isUsable: false }]))
    expect(plan({ ...math, budgetMs: 60_000 }, paperState({ models })).reason).toBe('no-usable-model')
    expect(hopeless).toHaveProperty('score')
    expect(plan({ ...math, budgetMs: 60_000 }, aClusterState({ models: [] }))).not.toHaveProperty('score')
    expect(plan({ ...math, budgetMs: 60_000 }, aClusterState({ models: [] })).steps).toHaveLength(1)
  })

  it('counts the time left from now, not the whole budget', () => {
    const query = { ...math, arrivedAtMs: 0, budgetMs: 60_000 }
    const late = plan(query, paperState({ atMs: 58_500 }))
    expect(late.predictedMs).toBeLessThan(1_500)
    expect(late.steps).toHaveLength(1)
  })

  it('tells what it maximised, and the plans it passed over, best first', () => {
    const { alternatives, reason, score } = plan({ ...math, budgetMs: 60_000 })
    expect(reason).toBe('best-score')
    expect(alternatives.length).toBeGreaterThan(1)
    const scores = alternatives.map(({ score }) => score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(score).toBeGreaterThanOrEqual(scores[0] ?? Infinity)
  })

  it('keeps its last team while another is hardly better, for a while', () => {
    const load = { [r1]: 1, [mistral]: 0.75, [coder]: 0.75 }
    const switches = (stepMs: number) => {
      const planner = plannerOf()
      const teams = Array.from({ length: 40 }, (_, index) => {
        const atMs = index * stepMs
        const wobble = { ...load, [mistral]: index % 2 ? 0.7 : 0.8 }
        const query = aQuery({ ...math, arrivedAtMs: atMs, budgetMs: 30_000 })
        const taken = planner.plan(query, paperState({ atMs, load: wobble }))
        return `${taken.topology} ${taken.agents}`
      })
      return teams.filter((team, index) => index > 0 && team !== teams[index - 1]).length
    }
    expect(switches(100)).toBeLessThanOrEqual(switches(600_000))
    expect(switches(100)).toBeLessThanOrEqual(2)
  })
})

describe('fixed', () => {
  const fixed = (query: Partial<Query>) =>
    plannerOf({ kind: 'fixed', topology: 'debate', agents: 3 }).plan(aQuery(query), paperState({ load: 2 }))

  it('gives the same team whatever the time and the load', () => {
    for (const budgetMs of [100, 300_000])
      expect(fixed({ ...math, budgetMs })).toMatchObject({ topology: 'debate', agents: 3 })
    expect(fixed({ domain: 'general', answerFormat: 'text', soloReason: 'chat' }).agents).toBe(3)
  })

  it('yields to what the request demands and to the caller’s limits', () => {
    expect(fixed({ ...math, soloReason: 'tools' }).steps).toHaveLength(1)
    expect(fixed({ ...math, limits: { maxAgents: 2 } }).agents).toBe(2)
    expect(fixed({ ...math, limits: { maxCalls: 4 } }).steps.length).toBeLessThanOrEqual(4)
    expect(fixed({ ...math, limits: { topology: 'chain' } }).topology).toBe('chain')
  })
})
