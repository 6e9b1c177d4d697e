import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyQuery, anyState, aStepWithin } from '../../../test/policy/arbitraries.ts'
import { executorProperties } from '../../../test/policy/executor.properties.ts'
import { aRouter, aSwarm } from '../../../test/policy/learnt-baselines.ts'
import {
  coder,
  llama3,
  llama8,
  mistral,
  paperModels,
  paperPrior,
  paperState,
  r1,
} from '../../../test/policy/paper-pool.ts'
import { plannerProperties } from '../../../test/policy/planner.properties.ts'
import {
  armKey,
  type ClusterState,
  type ModelId,
  type ModelPrior,
  type Query,
  type StepContext,
} from '../../core/index.ts'
import { aClusterState, anAnswerInHand, aQuery, aStepContext } from '../../testing/index.ts'
import { createFeatures } from '../embed/index.ts'
import { createPredictor } from '../predict/index.ts'
import { type BaselineSpec, baselineTraits, parseBaseline } from './baseline-spec.ts'
import { type Baseline, createBaseline } from './create-baseline.ts'

const swarm = aSwarm([
  [r1, coder, 0.9],
  [coder, llama3, 0.8],
  [llama3, r1, 0.6],
  [mistral, llama8, 0.4],
])
const learnt = { swarm: () => swarm, router: () => aRouter() }
const specOf = (name: string): BaselineSpec => {
  const spec = parseBaseline(name, learnt)
  if (!spec) throw new Error(`no baseline ${name}`)
  return spec
}
const priorOf = (model: ModelId) => paperPrior.models[model] as ModelPrior
const create = (name: string, { models = paperModels, seed = 1 } = {}): Baseline =>
  createBaseline(specOf(name), { predictor: createPredictor({ prior: paperPrior, models }), models, priorOf, seed })

/** Arms of all steps of a query's plan, in order, and why. */
function decide({ planner, executor }: Baseline, query: Query, state: ClusterState, more: Partial<StepContext> = {}) {
  const plan = planner.plan(query, state)
  const choices = plan.steps.map((step) => {
    const choice = executor.choose(aStepContext({ query, plan, step, nowMs: state.atMs, ...more }), state)
    if (choice.kind !== 'arm') throw new Error(`stopped: ${choice.reason}`)
    return choice
  })
  return { plan, models: choices.map(({ arm }) => arm.model), arms: choices.map(({ arm }) => arm), choices }
}
const all = [
  `single:${coder}:Flash`,
  'random',
  'round-robin',
  'least-loaded',
  'moa',
  'gptswarm',
  'gptswarm-untrained',
  'routellm',
  'multi-factor',
  'first-large',
  'masrouter',
  'masrouter:high',
]

for (const name of all) executorProperties(name, () => create(name).executor)
for (const name of ['moa', 'gptswarm', 'gptswarm-untrained', 'masrouter', 'first-large'])
  plannerProperties(name, () => create(name).planner)

describe('every baseline', () => {
  it.each(all)('%s goes by its name, plans by no forecast, and never stops early', (name) => {
    const baseline = create(name)
    expect(baseline.executor.name).toBe(name)
    const query = aQuery({ budgetMs: 60_000 })
    const plan = baseline.planner.plan(query, paperState())
    expect(plan.stopsOnAgreement).toBe(false)
    const step = plan.steps.at(-1) as (typeof plan.steps)[number]
    const answers = [anAnswerInHand(), anAnswerInHand({ stepId: '0/1' })]
    const context = aStepContext({ query, plan, step, answers, agreement: 1, mayStop: false })
    expect(baseline.executor.choose(context, paperState()).kind).toBe('arm')
  })

  it.each(all.filter((name) => !baselineTraits[specOf(name).kind].seesBudget))(
    '%s does the same whatever the budget',
    (name) => {
      const budgets = fc.integer({ min: 1, max: 600_000 })
      const choose = (query: Query, state: ClusterState) => {
        const { plan, arms } = decide(create(name), query, state)
        return { plan, arms }
      }
      fc.assert(
        fc.property(anyQuery, budgets, anyState, (query, budgetMs, state) => {
          const other = { ...query, budgetMs, deadlineAtMs: query.arrivedAtMs + budgetMs }
          expect(choose(other, state)).toEqual(choose(query, state))
        }),
        { numRuns: 60 },
      )
    },
  )

  it.each(all.filter((name) => !baselineTraits[specOf(name).kind].seesLoad))('%s does the same at any load', (name) => {
    const loads = fc.tuple(...paperModels.map(() => fc.double({ min: 0, max: 3, noNaN: true })))
    fc.assert(
      fc.property(anyQuery, loads, (query, values) => {
        const load = Object.fromEntries(paperModels.map((model, index) => [model, values[index] as number]))
        expect(decide(create(name), query, paperState({ load })).arms).toEqual(
          decide(create(name), query, paperState()).arms,
        )
      }),
      { numRuns: 60 },
    )
  })

  it.each(all)('%s answers every step at the depth that its caller sets', (name) => {
    const query = aQuery({ limits: { strategy: 'DeepThink' } })
    for (const { strategy } of decide(create(name), query, paperState()).arms) expect(strategy).toBe('DeepThink')
  })

  it.each(['round-robin', 'least-loaded', 'moa', 'gptswarm', 'routellm', 'multi-factor', 'first-large'])(
    '%s thinks at Concise, or as deeply as it is told',
    (name) => {
      const depths = (spec: string) =>
        new Set(decide(create(spec), aQuery(), paperState()).arms.map((arm) => arm.strategy))
      expect(depths(name)).toEqual(new Set(['Concise']))
      expect(depths(`${name}:Flash`)).toEqual(new Set(['Flash']))
    },
  )

  it('names a model even where the state shows none', () => {
    for (const name of all)
      for (const model of decide(create(name), aQuery(), aClusterState({ models: [] })).models)
        expect(paperModels).toContain(model)
  })

  it('refuses a pool without models', () => {
    expect(() => create('moa', { models: [] })).toThrow('at least one model')
  })
})

describe('moa', () => {
  it('asks every model side by side and lets the strongest of the domain merge', () => {
    const { plan, models } = decide(create('moa'), aQuery({ domain: 'code', answerFormat: 'code' }), paperState())
    expect(models).toEqual([...paperModels, r1])
    expect({ merge: plan.merge, agents: plan.agents }).toEqual({ merge: 'model', agents: 5 })
    expect(plan.steps.slice(0, 5).every(({ dependsOn }) => dependsOn.length === 0)).toBe(true)
    expect(plan.steps.at(-1)).toMatchObject({ kind: 'aggregate', isLast: true })
    expect(plan.steps.at(-1)?.reads).toHaveLength(5)
    expect(new Set(plan.steps.slice(0, 5).map(({ role }) => role)).size).toBe(1)
  })

  it('merges by a model even where answers could be counted', () => {
    for (const answerFormat of ['number', 'choice', 'text'] as const)
      expect(create('moa').planner.plan(aQuery({ answerFormat }), paperState()).merge).toBe('model')
  })

  it('keeps the strongest where fewer agents or calls are allowed', () => {
    const limited = (limits: Query['limits']) =>
      decide(create('moa'), aQuery({ domain: 'knowledge', limits }), paperState()).models
    expect(limited({ maxAgents: 2 })).toEqual([r1, mistral, r1])
    expect(limited({ maxCalls: 4 })).toEqual([r1, mistral, coder, r1])
    expect(limited({ maxCalls: 1 })).toEqual([r1])
  })

  it('gives one agent, the strongest, where the request demands one', () => {
    const { plan, models } = decide(create('moa'), aQuery({ soloReason: 'tools' }), paperState())
    expect({ models, merge: plan.merge }).toEqual({ models: [r1], merge: 'none' })
  })

  it('sends the work of a model that cannot be called to the strongest that can', () => {
    const state = paperState({ models: { [r1]: { isUsable: false }, [llama8]: { isUsable: false } } })
    const { models } = decide(create('moa'), aQuery({ domain: 'knowledge' }), state)
    expect(models).toEqual([mistral, mistral, coder, mistral, llama3, mistral])
  })

  it('has one agent for each model that it may see', () => {
    const whole = paperState()
    const seen = whole.models.filter(({ model }) => model === llama8 || model === coder)
    const state = { ...whole, models: seen, model: (id: ModelId) => seen.find(({ model }) => model === id) }
    expect(decide(create('moa'), aQuery({ domain: 'math' }), state).models).toEqual([coder, llama8, coder])
  })
})

describe('gptswarm', () => {
  const team = (query: Query, state = paperState()) => {
    const { plan, models } = decide(create('gptswarm'), query, state)
    return { ...plan, who: plan.steps.map(({ reads }, index) => [models[index], reads.length]) }
  }

  it('answers along the likeliest graph that was learnt, and the strongest merges', () => {
    const { who, topology, merge } = team(aQuery({ domain: 'math' }))
    // The last edge of the three likely ones would close a cycle.
    expect(who).toEqual([
      [r1, 0],
      [mistral, 0],
      [coder, 1],
      [llama8, 0],
      [llama3, 1],
      [r1, 5],
    ])
    expect([topology, merge]).toEqual(['graph', 'model'])
  })

  it('keeps the edges between those who make a smaller team', () => {
    const { who } = team(aQuery({ domain: 'math', limits: { maxAgents: 3 } }))
    expect(who).toEqual([
      [r1, 0],
      [mistral, 0],
      [coder, 1],
      [r1, 3],
    ])
  })

  it('takes the complete graph where nothing was learnt, and the form that its caller names', () => {
    expect(team(aQuery({ domain: 'code' })).topology).toBe('full-connected')
    expect(team(aQuery({ domain: 'math', limits: { topology: 'debate' } })).topology).toBe('debate')
    expect(team(aQuery({ domain: 'math', soloReason: 'tools' })).steps).toHaveLength(1)
  })
})

describe('gptswarm-untrained', () => {
  it('draws the complete graph in the order of the pool, and the strongest merges', () => {
    const { plan, models } = decide(create('gptswarm-untrained'), aQuery({ domain: 'math' }), paperState())
    expect(models).toEqual([...paperModels, r1])
    expect(plan.steps.map(({ reads }) => reads.length)).toEqual([0, 1, 2, 3, 4, 5])
    expect(plan.merge).toBe('model')
  })
})

describe('masrouter', () => {
  const features = createFeatures('How many of the 30 apples are left?')

  it('gives every step the model that its cascade gave it, and the strongest where that cannot be called', () => {
    const query = aQuery({ domain: 'math', features })
    const { plan, models, choices } = decide(create('masrouter'), query, paperState())
    expect(plan.reason).toBe('learned')
    expect(choices.every(({ reason }) => reason === 'routed')).toBe(true)
    const gone = models[0] as ModelId
    const without = decide(create('masrouter'), query, paperState({ models: { [gone]: { isUsable: false } } }))
    expect(without.models).toEqual(models.map((model) => (model === gone ? (gone === r1 ? coder : r1) : model)))
  })

  it('decides the same whether or not it made the plan itself', () => {
    const query = aQuery({ domain: 'math', features })
    const planned = decide(create('masrouter'), query, paperState())
    const { executor } = create('masrouter')
    const again = planned.plan.steps.map((step) => {
      const choice = executor.choose(aStepContext({ query, plan: planned.plan, step }), paperState())
      return choice.kind === 'arm' ? choice.arm : null
    })
    expect(again).toEqual(planned.arms)
  })

  it('answers at the depth that was learnt, unless its caller sets a ceiling', () => {
    const spec: BaselineSpec = { kind: 'masrouter', router: aRouter({ depth: 'DeepThink' }) }
    const deps = {
      predictor: createPredictor({ prior: paperPrior, models: paperModels }),
      models: paperModels,
      priorOf,
    }
    const depths = (limits: Query['limits']) =>
      new Set(decide(createBaseline(spec, deps), aQuery({ limits }), paperState()).arms.map(({ strategy }) => strategy))
    expect(depths({})).toEqual(new Set(['DeepThink']))
    expect(depths({ deepestStrategy: 'Flash' })).toEqual(new Set(['Flash']))
  })

  it('gives one agent to what was not learnt, and to requests that demand one', () => {
    for (const query of [aQuery({ domain: 'general' }), aQuery({ domain: 'math', soloReason: 'tools' })])
      expect(decide(create('masrouter'), query, paperState()).plan.steps).toHaveLength(1)
  })
})

describe('random', () => {
  const draws = (seed: number, count = 600) => {
    const baseline = create('random', { seed })
    return Array.from({ length: count }, (_, index) =>
      armKey(decide(baseline, aQuery({ runId: `run_${index}` }), paperState()).arms[0] as never),
    )
  }

  it('draws all arms about equally often', () => {
    const counts = new Map<string, number>()
    for (const arm of draws(3)) counts.set(arm, (counts.get(arm) ?? 0) + 1)
    expect(counts.size).toBe(15)
    // 600 draws of 15: mean 40, deviation 6.1.
    for (const count of counts.values()) expect(Math.abs(count - 40)).toBeLessThan(25)
  })

  it('repeats itself under a seed, differs under another, and does not depend on what was drawn before', () => {
    expect(draws(7, 30)).toEqual(draws(7, 30))
    expect(draws(7, 30)).not.toEqual(draws(8, 30))
    const late = decide(create('random', { seed: 7 }), aQuery({ runId: 'run_29' }), paperState()).arms[0]
    expect(armKey(late as never)).toBe(draws(7, 30)[29])
  })

  it('takes another model where the drawn one failed', () => {
    const baseline = create('random')
    const first = decide(baseline, aQuery(), paperState()).models[0] as string
    expect(decide(baseline, aQuery(), paperState(), { excludedModels: [first] }).models).not.toContain(first)
  })
})

describe('multi-factor', () => {
  const taken = (query: Query, state = paperState()) => {
    const { choices } = decide(create('multi-factor'), query, state)
    return { model: choices[0]?.arm.model, reason: choices[0]?.reason }
  }

  it('weighs quality against latency, cost and load', () => {
    const idle = taken(aQuery({ domain: 'math', budgetMs: 60_000 }))
    expect(idle.reason).toBe('best-weighed')
    // The large model is best in one factor and worst in two.
    expect(idle.model).not.toBe(r1)
    const busy = taken(
      aQuery({ domain: 'math', budgetMs: 60_000 }),
      paperState({ load: { [idle.model as string]: 1.5 } }),
    )
    expect(busy.model).not.toBe(idle.model)
  })

  it('takes the best of one factor where the others are equal', () => {
    const models = [coder, llama3]
    const state = paperState()
    const equalBut = (quality: number) => {
      const same = paperPrior.models[coder] as ModelPrior
      const better = structuredClone(same) as { quality: { value: Record<string, Record<string, number>> } }
      for (const byStrategy of Object.values(better.quality.value)) byStrategy['Concise'] = quality
      const prior = { models: { [coder]: same, [llama3]: better as unknown as ModelPrior } }
      const deps = {
        predictor: createPredictor({ prior, models }),
        models,
        priorOf: (id: ModelId) => prior.models[id] as ModelPrior,
      }
      return decide(createBaseline({ kind: 'multi-factor' }, deps), aQuery({ budgetMs: 60_000 }), state).models[0]
    }
    expect(equalBut(0.99)).toBe(llama3)
    expect(equalBut(0.01)).toBe(coder)
  })

  it('leaves out models that would be late, and takes the least loaded where all would', () => {
    const load = { [r1]: 0.1, [mistral]: 0.5, [coder]: 0.5, [llama8]: 0.5, [llama3]: 0.5 }
    expect(taken(aQuery({ budgetMs: 1 }), paperState({ load }))).toEqual({ model: r1, reason: 'least-loaded' })
    const [short] = decide(create('multi-factor'), aQuery({ budgetMs: 1_200 }), paperState()).choices
    expect(short?.estimate.latencyMs.mean).toBeLessThan(1_300)
  })
})

describe('first-large', () => {
  it('takes the largest model, and the next where it cannot', () => {
    expect(decide(create('first-large'), aQuery(), paperState()).models).toEqual([r1])
    expect(decide(create('first-large'), aQuery(), paperState(), { excludedModels: [r1] }).models).toEqual([mistral])
  })
})

describe('single', () => {
  it('is one agent with one arm', () => {
    const { plan, arms } = decide(create(`single:${llama8}:DeepThink`), aQuery(), paperState({ load: 2 }))
    expect(arms).toEqual([{ model: llama8, strategy: 'DeepThink' }])
    expect(plan).toMatchObject({ topology: 'io', agents: 1, merge: 'none' })
  })
})

describe('steps of any plan', () => {
  it('find an arm of the pool, though another planner laid them out', () => {
    const anyStep = anyQuery.chain((query) =>
      aStepWithin({ query, plan: create('gptswarm').planner.plan(query, paperState()) }),
    )
    for (const name of all)
      fc.assert(
        fc.property(anyStep, anyState, (step, state) => {
          const choice = create(name).executor.choose(step, state)
          expect(choice.kind === 'arm' && paperModels.includes(choice.arm.model)).toBe(true)
        }),
        { numRuns: 25 },
      )
  })
})
