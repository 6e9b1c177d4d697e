import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { llama8, paperModelState, paperModels, paperPrior, paperState } from '../../../test/policy/paper-pool.ts'
import {
  type ClusterState,
  createRandom,
  type ModelId,
  type Query,
  type QueryLimits,
  quantileSorted,
  type StepKind,
} from '../../core/index.ts'
import { createTopologyBook } from '../../team/index.ts'
import { aClusterState, anEstimate, aQuery, aStepOutcome } from '../../testing/index.ts'
import { createPredictor, latencyQuantile } from '../predict/index.ts'
import { createPlanner } from './create-planner.ts'
import { createTeamForecaster } from './default-team.ts'

const math = { domain: 'math', answerFormat: 'number', budgetMs: 60_000 } as const
const fresh = () => createPredictor({ prior: paperPrior, models: paperModels })
function forecasting() {
  const [predictor, untaught] = [fresh(), fresh()]
  const forecast = createTeamForecaster({ predictor, untaught, topologies: createTopologyBook() })
  return { predictor, forecast }
}
const forecastOf = (query: Partial<Query>, state = paperState()) => forecasting().forecast(aQuery(query), state)

describe('the default team', () => {
  it('is the one that rules take on the pool at rest, whatever the load', () => {
    for (const budgetMs of [2_000, 10_000, 60_000]) {
      for (const load of [0, 0.7, 1.2]) {
        const state = paperState({ load })
        const query = aQuery({ ...math, budgetMs })
        const planner = createPlanner('rules', { predictor: forecasting().predictor, models: paperModels })
        const { topology, agents } = planner.plan(query, paperState())
        expect(forecastOf(query, state)).toMatchObject({ topology, agents })
      }
    }
  })

  it('is one agent where the request demands it, and within everybody’s limits', () => {
    expect(forecastOf({ ...math, soloReason: 'tools' })).toMatchObject({ topology: 'io', agents: 1 })
    expect(forecastOf({ ...math, limits: { topology: 'debate' } })).toMatchObject({ topology: 'debate' })
    expect(() => forecastOf({ ...math, limits: { topology: 'debatte' } })).toThrow('debate')
  })

  it('is whatever is soonest where nothing fits, and nobody where no engine is usable', () => {
    expect(forecastOf({ ...math, budgetMs: 1 })?.p95Ms).toBeGreaterThan(100)
    const down = paperModels.map((model) => ({ model, isUsable: false, replicas: [{ isUsable: false }] }))
    expect(forecastOf(math, aClusterState({ models: down }))).toBeNull()
  })

  it('stays the same one, and only gets slower, where every call was slower than predicted', () => {
    const taught = forecasting()
    for (let call = 0; call < 200; call += 1) taught.predictor.observe(slowCall(paperModels[call % 5] as ModelId))
    let others = 0
    for (const domain of ['math', 'code', 'knowledge', 'general'] as const) {
      for (const budgetMs of [2_000, 5_000, 10_000, 20_000, 60_000]) {
        const query = aQuery({ ...math, domain, budgetMs })
        const [now, before] = [taught, forecasting()].map(({ forecast }) => forecast(query, paperState())!)
        expect({ ...now, p95Ms: 0 }).toEqual({ ...before, p95Ms: 0 })
        expect(now!.p95Ms).toBeGreaterThan(before!.p95Ms)
        // What `rules` take by all that they know does change: there is something to be lost.
        const planner = createPlanner('rules', { predictor: taught.predictor, models: paperModels })
        if (planner.plan(query, paperState()).agents < before!.agents) others += 1
      }
    }
    expect(others).toBeGreaterThan(0)
  })

  it('is the one under the safety factor of the start', () => {
    const topologies = createTopologyBook()
    const under = (safety: { readonly safetyStart?: number }) => {
      const forecast = createTeamForecaster({ predictor: fresh(), untaught: fresh(), ...safety, topologies })
      return [4_000, 8_000, 20_000, 40_000].map((budgetMs) => forecast(aQuery({ ...math, budgetMs }), paperState()))
    }
    expect(under({ safetyStart: 2.2 })).toEqual(under({}))
    for (const safetyStart of [1, 3.3]) expect(under({ safetyStart })).not.toEqual(under({}))
  })

  it('is asked about without changing what is decided next', () => {
    const { predictor, forecast } = forecasting()
    const planner = createPlanner('rules', { predictor, models: paperModels })
    const query = aQuery(math)
    const before = planner.plan(query, paperState())
    for (let time = 0; time < 20; time += 1) forecast(aQuery({ ...math, domain: 'code' }), paperState())
    expect(planner.plan(query, paperState())).toEqual(before)
  })

  it('leaves the prices of a busy pool as they are', () => {
    const [asked, unasked] = [forecasting(), forecasting()]
    const shape = { query: aQuery(math), kind: 'solve' as const, promptTokens: 400 }
    for (let atMs = 0; atMs < 60_000; atMs += 1_000) {
      const state = paperState({ atMs, load: 1.5 })
      asked.forecast(aQuery(math), state)
      const [seen, alone] = [asked, unasked].map(({ predictor }) => predictor.priceList(shape, state))
      expect(seen).toEqual(alone)
    }
  })
})

describe('its latency', () => {
  const shape = { query: aQuery(math), kind: 'solve' as const, promptTokens: 150 + aQuery(math).promptTokens }

  it('is that of its call, where it makes one', () => {
    const limits = { maxAgents: 1, maxCalls: 1 }
    const { predictor, forecast } = forecasting()
    const alone = forecast(aQuery({ ...math, limits }), paperState())
    const lines = predictor.priceList(shape, paperState())
    const quantiles = lines.map((line) => latencyQuantile(line, 0.95))
    expect(quantiles.some((ms) => Math.abs(ms - (alone?.p95Ms as number)) < 1e-6)).toBe(true)
  })

  it('is finite, and longer than that of any of its calls', () => {
    const { predictor, forecast } = forecasting()
    const lines = predictor.priceList(shape, paperState())
    for (const limits of [{}, { topology: 'debate' }, { topology: 'chain' }, { topology: 'reflection' }]) {
      const { p95Ms, models } = forecast(aQuery({ ...math, limits }), paperState())!
      const own = lines.filter(({ arm }) => models.includes(arm.model))
      expect(p95Ms).toBeGreaterThan(Math.min(...own.map((line) => latencyQuantile(line, 0.95))))
      expect(p95Ms).toBeLessThan(600_000)
    }
  })

  it('is that of drawn waves, within 8 %', () => {
    const { predictor, forecast } = forecasting()
    const state = paperState()
    // Two who read each other: an arm each in two rounds, of which we look for the one that the forecast was made of.
    const limits = { topology: 'debate', maxAgents: 2, strategy: 'Concise' } as const
    const debate = forecast(aQuery({ ...math, limits }), only(state, llama8))!
    expect(debate).toMatchObject({ topology: 'debate', agents: 2, models: [llama8] })
    const random = createRandom(1)
    const drawSlowest = ({ kind, reads }: { readonly kind: StepKind; readonly reads: number }) => {
      const promptTokens = aQuery(math).promptTokens + 150 + reads * 350
      const at = { query: aQuery(math), kind, promptTokens }
      const line = predictor.priceList(at, state).find(({ arm }) => arm.model === llama8 && arm.strategy === 'Concise')!
      return () => {
        const draw = () => line.shiftMs + Math.exp(line.mu + line.sigma * random.normal())
        return Math.max(draw(), draw())
      }
    }
    const waves = [drawSlowest({ kind: 'solve', reads: 0 }), drawSlowest({ kind: 'review', reads: 3 })]
    const sums = Array.from({ length: 20_000 }, () => waves.reduce((sum, draw) => sum + draw(), 0))
    const drawn = quantileSorted(
      sums.sort((a, b) => a - b),
      0.95,
    )
    expect(debate.p95Ms / drawn).toBeGreaterThan(0.92)
    expect(debate.p95Ms / drawn).toBeLessThan(1.08)
  })
})

describe('its latency under load', () => {
  const queries = ['math', 'code', 'knowledge', 'general'] as const
  const formats = { math: 'number', code: 'code', knowledge: 'choice', general: 'text' } as const
  const budgetsMs = fc.constantFrom(1_000, 5_000, 10_000, 30_000, 60_000, 300_000)
  const asked = fc.record({ domain: fc.constantFrom(...queries), budgetMs: budgetsMs })
  const limits = fc.constantFrom<QueryLimits>({}, { topology: 'debate' }, { topology: 'io' }, { strategy: 'DeepThink' })
  const load = fc.double({ min: 0, max: 3, noNaN: true })
  const slowdown = fc.double({ min: 1, max: 4, noNaN: true })
  const busyness = fc.record({ load, slowdown, kvUsage: fc.double({ min: 0, max: 1, noNaN: true }) })
  type Busyness = typeof busyness extends fc.Arbitrary<infer T> ? T : never
  const stateOf = (pool: readonly Busyness[]) =>
    paperState({
      load: Object.fromEntries(paperModels.map((model, at) => [model, (pool[at] as Busyness).load])),
      models: Object.fromEntries(paperModels.map((model, at) => [model, extrasOf(model, pool[at] as Busyness)])),
    })
  const extrasOf = (model: ModelId, { load: own, slowdown: factor, kvUsage }: Busyness) => {
    const { replicas = [] } = paperModelState(model, own)
    const kvTokens = replicas[0]?.kvTokens ?? 0
    const full = replicas.map((replica) => ({ ...replica, kvUsage, ownKvTokens: kvUsage * kvTokens }))
    return { replicas: aClusterState({ models: [{ model, replicas: full }] }).models[0]!.replicas, slowdown: factor }
  }
  const pools = fc.tuple(...paperModels.map(() => busyness))
  const busier = (pool: readonly Busyness[], more: readonly Busyness[]) =>
    pool.map((one, at): Busyness => {
      const other = more[at] as Busyness
      return {
        load: Math.max(one.load, other.load),
        slowdown: Math.max(one.slowdown, other.slowdown),
        kvUsage: Math.max(one.kvUsage, other.kvUsage),
      }
    })

  it('never falls when engines get busier, with everything else equal', () => {
    fc.assert(
      fc.property(asked, limits, pools, pools, ({ domain, budgetMs }, own, pool, more) => {
        const query: Partial<Query> = { domain, answerFormat: formats[domain], budgetMs, limits: own }
        const p95Ms = (state: ClusterState) => forecastOf(query, state)!.p95Ms
        expect(p95Ms(stateOf(busier(pool, more)))).toBeGreaterThanOrEqual(p95Ms(stateOf(pool)) - 1e-6)
      }),
      { numRuns: 300 },
    )
  })

  it('does not fall either where prices follow the arrivals', () => {
    const pricePerSlotSecond = Object.fromEntries(paperModels.map((model) => [model, [0, 5]]))
    const start = { ratesPerMinute: [1, 60], pricePerSlotSecond }
    const predictor = createPredictor({ prior: paperPrior, models: paperModels, prices: { kind: 'dual', start } })
    const forecast = createTeamForecaster({ predictor, untaught: fresh(), topologies: createTopologyBook() })
    const teamAt = (atMs: number) =>
      forecast(aQuery({ ...math, arrivedAtMs: atMs, deadlineAtMs: atMs + 60_000 }), paperState({ atMs }))
    const first = teamAt(0)
    for (let atMs = 100; atMs < 30_000; atMs += 100) expect(teamAt(atMs)).toEqual(first)
  })

  it('rises where it must wait', () => {
    for (const domain of queries) {
      const query = { domain, answerFormat: formats[domain], budgetMs: 60_000 }
      const at = [0, 0.9, 1.5, 2.5].map((load) => forecastOf(query, paperState({ load }))!.p95Ms)
      expect(at).toEqual([...at].sort((a, b) => a - b))
      expect(at.at(-1)).toBeGreaterThan(1.2 * (at[0] as number))
    }
  })
})

/** First token and pace four times as slow as an idle engine's, after a wait that nobody had predicted. */
function slowCall(model: ModelId) {
  const { ttft, tpot } = paperPrior.models[model]!
  const outputTokens = 200
  const firstTokenAtMs = 4 * (ttft.value.fixedMs + ttft.value.perTokenMs * 300)
  const finishedAtMs = firstTokenAtMs + 4 * tpot.value.idleMs * outputTokens
  const outcome = aStepOutcome({ arm: { model, strategy: 'Concise' }, promptTokens: 300, queueMs: 5_000 })
  const result = {
    ...outcome.result,
    sentAtMs: 0,
    firstTokenAtMs,
    finishedAtMs,
    usage: { ...outcome.result.usage, outputTokens },
  }
  return { ...outcome, estimate: anEstimate(), result } as typeof outcome
}

const only = (state: ClusterState, model: ModelId): ClusterState => ({
  ...state,
  models: state.models.filter((one) => one.model === model),
})
