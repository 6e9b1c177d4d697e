import { describe, expect, it } from 'vitest'
import { coder, llama3, mistral, paperModels, paperPrior, paperState, r1 } from '../../../../test/policy/paper-pool.ts'
import { type ArmEstimate, createRandom, type StepOutcome } from '../../../core/index.ts'
import { aCallResult, aQuery, aStepOutcome } from '../../../testing/index.ts'
import { createFeatures } from '../../embed/index.ts'
import { createPredictor } from '../predictor.ts'
import { chanceWithin, latencyQuantile, toEstimate } from '../priced-arm.ts'
import { latencyFeatureNames, latencySize, writeLatencyFeatures } from './features.ts'
import { initialWeights, type PredictorWeights } from './networks.ts'
import { createNeuralPredictor, type NeuralPredictorOptions } from './neural-predictor.ts'
import { medianPlace } from './quantiles.ts'

const text = 'A tank holds 240 litres and loses 3 litres an hour. After how many hours is it half full?'
const query = aQuery({ text, domain: 'math', features: createFeatures(text) })
const shape = { query, kind: 'solve', promptTokens: 200 } as const

/** Networks that say "as the profile says", with some spread: random ones with heads that are nearly nothing. */
function quietWeights(): PredictorWeights {
  const weights = initialWeights(createRandom(3))
  // The head is the last tensor of each network: weights, then biases.
  const quiet = (flat: Float32Array, heads: number) => {
    const outputs = heads * 6
    const biases = Array.from({ length: heads }, () => [-0.5, -1.5, -1.5, -1.5, -1.5, -2]).flat()
    flat.fill(0, flat.length - outputs - 32 * outputs)
    flat.set(biases, flat.length - outputs)
    return flat
  }
  return { latency: quiet(weights.latency, 2), length: quiet(weights.length, 1) }
}

const create = (options: Partial<NeuralPredictorOptions> = {}) =>
  createNeuralPredictor({ prior: paperPrior, models: paperModels, weights: quietWeights(), ...options })
const online = () => createPredictor({ prior: paperPrior, models: paperModels })
const arm = { model: coder, strategy: 'Concise' } as const

/** A call of `arm` at `atMs` that took what the factors make of a call as the profile says. */
function served(estimate: ArmEstimate, atMs: number, of: { tokens: number; pace: number; first: number }): StepOutcome {
  const outputTokens = Math.max(2, Math.round(of.tokens))
  const firstTokenAtMs = atMs + of.first
  const finishedAtMs = firstTokenAtMs + (outputTokens - 1) * of.pace
  const usage = { promptTokens: 200, outputTokens }
  const result = aCallResult({ usage, sentAtMs: atMs, firstTokenAtMs, finishedAtMs })
  return aStepOutcome({ arm, estimate, promptTokens: 200, queueMs: 0, result })
}

describe('the neural price list', () => {
  it('has every arm of the state once, in its order, and says the same as predict', () => {
    const predictor = create()
    const state = paperState({ load: 0.6 })
    const list = predictor.priceList(shape, state)
    expect(list.map((line) => line.arm)).toEqual(
      online()
        .priceList(shape, state)
        .map((line) => line.arm),
    )
    for (const line of list) expect(predictor.predict(line.arm, shape, state)).toEqual(toEstimate(line))
    expect(predictor.fallbacks()).toEqual({})
  })

  it('has ordered, finite latencies for every random network, state and kind of step', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const predictor = create({ weights: initialWeights(createRandom(seed)) })
      for (const load of [0, 0.7, 1.6]) {
        for (const line of predictor.priceList({ ...shape, kind: 'review' }, paperState({ load }))) {
          for (const part of [line.meanMs, line.serviceMs, line.ttftMs, line.tpotMs, line.price, line.sigma])
            expect(part).toBeGreaterThan(0)
          expect(line.queueMs).toBeGreaterThanOrEqual(0)
          expect(latencyQuantile(line, 0.9)).toBeGreaterThan(latencyQuantile(line, 0.5))
          expect(chanceWithin(line, latencyQuantile(line, 0.3))).toBeCloseTo(0.3, 4)
        }
      }
    }
  })

  it('leaves quality, room and cut answers to the online predictor, whose line stands behind each', () => {
    const state = paperState({ load: 0.4 })
    const list = create().priceList(shape, state)
    for (const [place, line] of online().priceList(shape, state).entries()) {
      expect(list[place]?.basis).toEqual(line)
      expect(list[place]).toMatchObject({ quality: line.quality, fitsContext: line.fitsContext })
      expect(list[place]?.length.cutShare).toBe(line.length.cutShare)
    }
  })

  it('holds lengths to the caller’s own cap', () => {
    const predictor = create()
    const deep = { model: mistral, strategy: 'DeepThink' } as const
    const free = predictor.predict(deep, shape, paperState())
    const capped = { ...shape, maxOutputTokens: 50 }
    const short = predictor.predict(deep, capped, paperState())
    expect(short.outputTokens.mean).toBeLessThanOrEqual(50.01)
    expect(short.latencyMs.mean).toBeLessThan(free.latencyMs.mean / 4)
  })

  it('is priced once for one state, and anew when anything has changed', () => {
    const predictor = create()
    const state = paperState()
    const first = predictor.priceList(shape, state)
    expect(predictor.priceList({ ...shape }, state)).toBe(first)
    expect(predictor.priceList({ ...shape, kind: 'review' }, state)).not.toBe(first)
    expect(predictor.priceList({ ...shape, importance: 'simple' }, state)).not.toBe(first)
    predictor.observe(aStepOutcome({ arm }))
    expect(predictor.priceList(shape, state)).not.toBe(first)
  })
})

describe('falling back to the online predictor', () => {
  it('happens for a model without a prior of its own, and for that model alone', () => {
    const prior = { models: { ...paperPrior.models } }
    delete prior.models[mistral]
    const predictor = create({ prior })
    const state = paperState()
    const plain = createPredictor({ prior, models: paperModels }).priceList(shape, state)
    for (const [place, line] of predictor.priceList(shape, state).entries()) {
      if (line.arm.model === mistral) expect(line).toEqual(plain[place])
      else expect(line.basis).toEqual(plain[place])
    }
    expect(predictor.fallbacks()).toEqual({ 'no-prior': 1 })
    expect(predictor.quantiles({ model: mistral, strategy: 'Flash' }, shape, state)).toBeNull()
  })

  it.each([
    ['no-text', aQuery({ features: { embedding: new Float32Array(8), hand: new Float32Array(26) } }), {}],
    ['not-usable', query, { isUsable: false }],
    ['not-usable', query, { slots: 0 }],
  ] as const)('happens for %s', (reason, asked, model) => {
    const state = paperState({ models: { [coder]: model } })
    const predictor = create()
    const line = predictor.priceList({ ...shape, query: asked }, state).find((one) => one.arm.model === coder)
    const plain = online()
      .priceList({ ...shape, query: asked }, state)
      .find((one) => one.arm.model === coder)
    expect(line).toEqual(plain)
    expect(predictor.fallbacks()[reason]).toBeGreaterThan(0)
  })

  it('happens where no engine of the model was ever read', () => {
    const state = paperState()
    const unread = {
      ...state,
      models: state.models.map((model) => ({
        ...model,
        replicas: model.replicas.map((replica) => ({ ...replica, readingAgeMs: null })),
      })),
    }
    const shown = { ...unread, model: (id: string) => unread.models.find(({ model }) => model === id) }
    const predictor = create()
    expect(predictor.priceList(shape, shown)).toEqual(online().priceList(shape, shown))
    expect(predictor.fallbacks()).toEqual({ 'never-read': paperModels.length })
  })

  it.each(['latency', 'length'] as const)('happens for %s weights that are not finite', (part) => {
    const weights = quietWeights()
    const predictor = create({ weights: { ...weights, [part]: weights[part].map(() => Number.NaN) } })
    expect(predictor.priceList(shape, paperState())).toEqual(online().priceList(shape, paperState()))
    expect(predictor.fallbacks()).toEqual({ 'not-finite': 3 * paperModels.length })
  })

  it('is not for weights of another size: those are refused', () => {
    const { latency, length } = quietWeights()
    expect(() => create({ weights: { latency: latency.slice(1), length } })).toThrow('parameters')
  })
})

describe('correction while serving', () => {
  /** Mean error of ln(actual / predicted median) over the last half of the calls. */
  function biasAfter(calls: number, isCorrected: boolean) {
    const predictor = create({ isCorrected })
    const random = createRandom(8)
    const errors: number[] = []
    for (let call = 0; call < calls; call += 1) {
      const atMs = call * 1_000
      const state = paperState({ atMs })
      const estimate = predictor.predict(arm, shape, state)
      const tokens = 350 * Math.exp(0.4 * random.normal())
      const outcome = served(estimate, atMs, { tokens, pace: 20, first: 90 })
      const actualMs = outcome.result.finishedAtMs - atMs
      if (call >= calls / 2) errors.push(Math.log(actualMs / estimate.latencyMs.quantile(0.5)))
      predictor.observe(outcome)
    }
    const bias = errors.reduce((sum, error) => sum + error, 0) / errors.length
    return { bias, predictor }
  }

  it('takes a planted bias away', () => {
    const bare = biasAfter(600, false)
    const corrected = biasAfter(600, true)
    expect(bare.bias).toBeGreaterThan(1)
    expect(Math.abs(corrected.bias)).toBeLessThan(0.15)
  })

  it('comes to hold its intervals, and tells its error for that model alone', () => {
    const { predictor } = biasAfter(1_500, true)
    const coverage = predictor.coverage(coder)
    expect(coverage?.within50).toBeGreaterThan(0.4)
    expect(coverage?.within50).toBeLessThan(0.6)
    expect(coverage?.within95).toBeGreaterThan(0.9)
    expect(predictor.error(coder)?.count).toBe(1_500)
    expect(predictor.error(llama3)).toBeNull()
  })

  it('follows each part: a pace twice the profile’s moves the time per token and not the length', () => {
    const predictor = create()
    const before = predictor.quantiles(arm, shape, paperState())!
    for (let call = 0; call < 200; call += 1) {
      const estimate = predictor.predict(arm, shape, paperState({ atMs: call }))
      predictor.observe(
        served(estimate, call, {
          tokens: estimate.outputTokens.quantile(0.5),
          pace: 2 * Math.exp(before.tpot[medianPlace]!),
          first: Math.exp(before.ttft[medianPlace]!),
        }),
      )
    }
    const after = predictor.quantiles(arm, shape, paperState())!
    expect(after.tpot[medianPlace]! - before.tpot[medianPlace]!).toBeCloseTo(Math.log(2), 1)
    expect(after.length[medianPlace]! - before.length[medianPlace]!).toBeCloseTo(0, 1)
    expect(after.tpot[5]! - after.tpot[0]!).toBeLessThan(before.tpot[5]! - before.tpot[0]!)
  })

  it('teaches the online predictor by its own estimates, as if it stood alone', () => {
    const [predictor, alone] = [create(), online()]
    for (let call = 0; call < 50; call += 1) {
      const state = paperState({ atMs: call * 1_000, load: { [coder]: 1.3 } })
      const of = { tokens: 300, pace: 15, first: 4_000 }
      // Congestion prices follow every state that a model is priced in.
      alone.priceList(shape, state)
      predictor.observe(served(predictor.predict(arm, shape, state), state.atMs, of))
      alone.observe(served(alone.predict(arm, shape, state), state.atMs, of))
    }
    const state = paperState({ atMs: 60_000, load: 1.2 })
    expect(predictor.priceList(shape, state).map(({ basis }) => basis)).toEqual(alone.priceList(shape, state))
  })

  it('learns nothing from failed or absurd calls', () => {
    const predictor = create()
    const before = predictor.priceList(shape, paperState())
    const estimate = predictor.predict(arm, shape, paperState())
    const usage = { promptTokens: 1, outputTokens: 9 }
    predictor.observe(aStepOutcome({ arm, estimate, result: aCallResult({ status: 'failed', usage }) }))
    predictor.observe(aStepOutcome({ arm, estimate, result: aCallResult({ usage, finishedAtMs: Number.NaN }) }))
    expect(predictor.priceList(shape, paperState())).toEqual(before)
  })
})

describe('the features of latency', () => {
  const read = (state: ReturnType<typeof paperState>, model = coder) => {
    const values = new Float32Array(latencySize)
    writeLatencyFeatures(values, 0, {
      prior: paperPrior.models[model]!,
      state: state.model(model)!,
      cluster: state,
      shape: { kind: 'solve', domain: 'math', promptTokens: 200, importance: null },
    })
    return (name: string) => values[latencyFeatureNames.indexOf(name)]!
  }

  it('tell a free model from a full one, and what waits before it', () => {
    const [free, full] = [read(paperState({ load: 0.5 })), read(paperState({ load: 1.5 }))]
    expect([free('hasRoom'), full('hasRoom')]).toEqual([1, 0])
    expect([free('workAhead'), full('workAhead') > 0.5]).toEqual([0, true])
    expect(full('gatewayWaitingShare')).toBeGreaterThan(free('gatewayWaitingShare'))
  })

  it('set averages that nobody has published apart from those that are as on an idle engine', () => {
    const idleMs = paperPrior.models[coder]!.tpot.value.idleMs
    const [unknown, idle] = [read(paperState()), read(paperState({ models: { [coder]: { interTokenMs: idleMs } } }))]
    expect([unknown('interTokenAverage'), unknown('interTokenUnknown')]).toEqual([0, 1])
    expect([idle('interTokenAverage'), idle('interTokenUnknown')]).toEqual([0, 0])
  })

  it('do not depend on the model’s name, and hardly on the number of other models', () => {
    const state = paperState({ load: 0.5 })
    const renamed = { ...state.model(coder)!, model: 'another' }
    const alone = { ...state, models: [renamed], model: () => renamed }
    for (const name of latencyFeatureNames) expect([name, read(alone)(name)]).toEqual([name, read(state)(name)])
  })

  it('are finite and moderate for the largest and smallest model under any load', () => {
    for (const model of [r1, llama3])
      for (const load of [0, 1, 30])
        for (const name of latencyFeatureNames)
          expect(Math.abs(read(paperState({ load }), model)(name))).toBeLessThan(6)
  })
})
