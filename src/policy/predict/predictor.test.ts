import { describe, expect, it } from 'vitest'
import { coder, llama3, mistral, paperModels, paperPrior, paperState, r1 } from '../../../test/policy/paper-pool.ts'
import { type Arm, createRandom } from '../../core/index.ts'
import { aCallResult, aQuery, aStepOutcome } from '../../testing/index.ts'
import { assumePrior, billionsInName, tierOf } from './assumed-prior.ts'
import { plannedMs } from './greedy-arm.ts'
import { createPredictor } from './predictor.ts'
import { chanceWithin, latencyQuantile, toEstimate } from './priced-arm.ts'
import { isReasoningModelName } from './reasoning-model.ts'

const create = () => createPredictor({ prior: paperPrior, models: paperModels })
const shape = { query: aQuery({ domain: 'math' }), kind: 'solve', promptTokens: 200 } as const
const lineOf = (list: ReturnType<ReturnType<typeof create>['priceList']>, { model, strategy }: Arm) => {
  const line = list.find(({ arm }) => arm.model === model && arm.strategy === strategy)
  if (!line) throw new Error(`no line for ${model}`)
  return line
}

describe('price list', () => {
  it('has every arm of the state once, in its order, and says the same as predict', () => {
    const predictor = create()
    const state = paperState({ load: 0.6 })
    const list = predictor.priceList(shape, state)
    expect(list.map(({ arm }) => arm.model)).toEqual(paperModels.flatMap((model) => [model, model, model]))
    for (const line of list) expect(predictor.predict(line.arm, shape, state)).toEqual(toEstimate(line))
  })

  it('expects on an idle pool what the profile says', () => {
    const line = lineOf(create().priceList(shape, paperState()), { model: mistral, strategy: 'Concise' })
    const { ttft, tpot, outputTokens } = paperPrior.models[mistral] as (typeof paperPrior.models)[string]
    expect(line.queueMs).toBe(0)
    // A prompt of 200 tokens is priced as one of 256: the next step of 64.
    expect(line.ttftMs).toBeCloseTo(ttft.value.fixedMs + 256 * ttft.value.perTokenMs)
    const decodingMs = outputTokens.value.math.Concise.mean * tpot.value.idleMs
    expect(line.meanMs / (line.ttftMs + decodingMs)).toBeCloseTo(1, 1)
  })

  it('prices a list once for one state, and anew when anything has changed', () => {
    const predictor = create()
    const state = paperState()
    const first = predictor.priceList(shape, state)
    expect(predictor.priceList(shape, state)[0]).toBe(first[0])
    expect(predictor.priceList({ ...shape, kind: 'review' }, state)[0]).not.toBe(first[0])
    expect(predictor.priceList({ ...shape, promptTokens: 4000 }, state)[0]).not.toBe(first[0])
    expect(predictor.priceList(shape, paperState())[0]).not.toBe(first[0])
    predictor.observe(aStepOutcome({ arm: { model: first[0]!.arm.model, strategy: 'Flash' } }))
    expect(predictor.priceList(shape, state)[0]).not.toBe(first[0])
  })

  it('expects waits behind a full model alone', () => {
    const list = create().priceList(shape, paperState({ load: { [mistral]: 1.5 } }))
    expect(lineOf(list, { model: mistral, strategy: 'Flash' }).queueMs).toBeGreaterThan(2_000)
    expect(lineOf(list, { model: coder, strategy: 'Flash' }).queueMs).toBe(0)
  })

  it('takes what the cap cuts off from the quality', () => {
    const list = create().priceList(shape, paperState())
    const deep = lineOf(list, { model: r1, strategy: 'DeepThink' })
    const prior = paperPrior.models[r1]?.quality.value.math.DeepThink ?? 0
    expect(deep.quality).toBeLessThan(0.85 * prior)
    const flash = lineOf(list, { model: llama3, strategy: 'Concise' })
    expect(flash.quality).toBeGreaterThan(0.98 * (paperPrior.models[llama3]?.quality.value.math.Concise ?? 1))
  })

  it('heeds the caller’s own cap, and the room in context and cache', () => {
    const predictor = create()
    const short = predictor.priceList({ ...shape, maxOutputTokens: 50 }, paperState())
    const free = predictor.priceList(shape, paperState())
    const arm = { model: mistral, strategy: 'DeepThink' } as const
    expect(lineOf(short, arm).meanMs).toBeLessThan(lineOf(free, arm).meanMs / 5)
    const long = predictor.priceList({ ...shape, promptTokens: 15_000 }, paperState())
    expect(lineOf(long, arm).fitsContext).toBe(false)
    expect(lineOf(long, { model: mistral, strategy: 'Flash' }).fitsContext).toBe(true)
  })

  it('orders quantiles, chances and planned times as the latency does', () => {
    for (const line of create().priceList(shape, paperState({ load: 1.1 }))) {
      expect(latencyQuantile(line, 0.9)).toBeGreaterThan(latencyQuantile(line, 0.5))
      expect(chanceWithin(line, latencyQuantile(line, 0.3))).toBeCloseTo(0.3, 4)
      expect(chanceWithin(line, line.shiftMs)).toBe(0)
      expect(plannedMs(line, 1)).toBeLessThanOrEqual(plannedMs(line, 2))
    }
  })
})

describe('learning', () => {
  /** Serves calls of one arm whose lengths and pace differ from the prior by fixed factors. */
  function serve(calls: number, factors: { readonly tokens: number; readonly pace: number }, spread = 0.6) {
    const predictor = create()
    const random = createRandom(11)
    const arm = { model: coder, strategy: 'Concise' } as const
    let atMs = 0
    for (let call = 0; call < calls; call += 1) {
      atMs += 1_000
      const estimate = predictor.predict(arm, shape, paperState({ atMs }))
      const outputTokens = Math.max(2, Math.round(174 * factors.tokens * Math.exp(spread * random.normal() - 0.18)))
      const firstTokenAtMs = atMs + 32
      const finishedAtMs = firstTokenAtMs + outputTokens * 8.93 * factors.pace
      const usage = { promptTokens: 200, outputTokens }
      const result = aCallResult({ usage, sentAtMs: atMs, firstTokenAtMs, finishedAtMs })
      predictor.observe(aStepOutcome({ arm, estimate, promptTokens: 200, queueMs: 0, result }))
    }
    return { predictor, estimate: predictor.predict(arm, shape, paperState({ atMs })) }
  }

  it.each([
    ['as the profile says', { tokens: 1, pace: 1 }],
    ['twice as long', { tokens: 2, pace: 1 }],
    ['twice as slow', { tokens: 1, pace: 2 }],
    ['shorter and slower', { tokens: 0.5, pace: 1.6 }],
  ])('comes to hold its intervals on calls that are %s', (_, factors) => {
    const { predictor, estimate } = serve(2_000, factors)
    const coverage = predictor.coverage(coder)
    expect(coverage?.within50).toBeGreaterThan(0.43)
    expect(coverage?.within50).toBeLessThan(0.57)
    expect(coverage?.within95).toBeGreaterThan(0.92)
    expect(coverage?.within95).toBeLessThan(0.98)
    const expectedMs = 32 + 174 * factors.tokens * 8.93 * factors.pace
    expect(estimate.latencyMs.mean / expectedMs).toBeGreaterThan(0.85)
    expect(estimate.latencyMs.mean / expectedMs).toBeLessThan(1.15)
  })

  it('tells its error once it has seen calls, for that model alone', () => {
    const { predictor } = serve(100, { tokens: 1, pace: 1 })
    expect(predictor.error(coder)?.count).toBe(100)
    expect(predictor.error(r1)).toBeNull()
    expect(predictor.coverage('unheard-of')).toBeNull()
  })

  it('learns nothing from failed or aborted calls, nor from absurd ones', () => {
    const predictor = create()
    const before = predictor.priceList(shape, paperState())
    const arm = { model: coder, strategy: 'Concise' } as const
    for (const status of ['failed', 'aborted'] as const)
      predictor.observe(
        aStepOutcome({ arm, result: aCallResult({ status, usage: { promptTokens: 1, outputTokens: 9 } }) }),
      )
    const usage = { promptTokens: 1, outputTokens: 9 }
    predictor.observe(aStepOutcome({ arm, result: aCallResult({ usage, sentAtMs: 0, finishedAtMs: Number.NaN }) }))
    expect(predictor.priceList(shape, paperState())).toEqual(before)
  })
})

describe('models without a prior', () => {
  it.each([
    ['qwen-32b', 32, 'large'],
    ['Llama-3.1-8B-Instruct', 8, 'small'],
    ['qwen2.5-1.5b', 1.5, 'small'],
    ['mixtral-8x7b', 56, 'large'],
    ['mistral-small-24b', 24, 'medium'],
    ['gpt-oss', null, 'medium'],
    ['my-b2b-model', null, 'medium'],
  ])('%s is read as %s billion parameters, %s', (name, billions, tier) => {
    expect(billionsInName(name)).toBe(billions)
    expect(tierOf(name)).toBe(tier)
  })

  it('get a prior that is marked assumed, better and slower with size', () => {
    const [small, large] = [assumePrior('a-3b'), assumePrior('a-70b')]
    for (const part of [small.quality, small.outputTokens, small.ttft, small.tpot]) expect(part.tag).toBe('assumed')
    expect(large.quality.value.math.DeepThink).toBeGreaterThan(small.quality.value.math.DeepThink)
    expect(large.tpot.value.idleMs).toBeGreaterThan(small.tpot.value.idleMs)
    expect(assumePrior('a-3b', 'large').tier).toBe('large')
  })

  it('are priced beside the others, by the tier that the config gives', () => {
    const tiers = { nameless: 'small' } as const
    const predictor = createPredictor({ prior: { models: {} }, models: ['nameless'], tiers })
    const plain = createPredictor({ prior: { models: {} }, models: ['nameless'] })
    const quality = (one: typeof predictor) =>
      one.predict({ model: 'nameless', strategy: 'DeepThink' }, shape, paperState()).quality
    expect(quality(predictor)).toBeLessThan(quality(plain))
  })

  it('are known to think at length by their names', () => {
    for (const name of [r1, 'qwq-32b', 'phi-4-reasoning', 'kimi-k2-thinking', 'deepseek/r1:free', 'o3'])
      expect([name, isReasoningModelName(name)]).toEqual([name, true])
    for (const name of [mistral, coder, 'llama-r100', 'gpt-4o', 'rethink-7b'])
      expect([name, isReasoningModelName(name)]).toEqual([name, false])
    const long = assumePrior('x-8b-reasoning').outputTokens.value.math.Flash.mean
    expect(long).toBeGreaterThan(5 * assumePrior('x-8b').outputTokens.value.math.Flash.mean)
  })
})
