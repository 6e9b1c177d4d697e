/** @file Applies each contract suite to every implementation of its port; the real engine has its own file. */
import { afterEach, beforeEach, describe, vi } from 'vitest'
import {
  type Clock,
  createRandom,
  createScaledClock,
  createWallClock,
  type ModelPrior,
  type Query,
} from '../../src/core/index.ts'
import {
  createAdmission,
  createDiscipline,
  createDispatcher,
  disciplineNames,
  withinSlots,
} from '../../src/flow/index.ts'
import {
  baselineKinds,
  createBaseline,
  createExecutor,
  createFeatures,
  createPlanner,
  createPredictor,
  type ExecutorSpec,
  nameOfBaseline,
  type PlannerSpec,
  parseBaseline,
} from '../../src/policy/index.ts'
import { aProfile, aQuery, ManualClock, ScriptedEngine } from '../../src/testing/index.ts'
import { createVirtualClock } from '../../src/twin/index.ts'
import { LedgerPool } from '../ledger-pool.ts'
import { aRouter, aSwarm } from '../policy/learnt-baselines.ts'
import { aMachine, createRig } from '../simulated-rig.ts'
import { describeAdmissionContract } from './admission.contract.ts'
import { describeClockContract } from './clock.contract.ts'
import { describeDisciplineContract } from './discipline.contract.ts'
import { describeDispatchStoreContract } from './dispatch-store.contract.ts'
import { describeEngineContract } from './engine.contract.ts'
import { describeExecutorContract } from './executor.contract.ts'
import { deadHttpHarness, httpHarness } from './http-harness.ts'
import { describePlannerContract } from './planner.contract.ts'
import { describePredictorContract } from './predictor.contract.ts'

describe('clocks', () => {
  describeClockContract('ManualClock', () => {
    const clock = new ManualClock(1_000)
    return { clock, advance: (ms) => clock.runBy(ms) }
  })

  describeClockContract('the virtual clock', () => {
    const clock = createVirtualClock(1_000)
    return { clock, advance: (ms) => clock.advanceTo(clock.nowMs() + ms) }
  })

  const scaled = () => {
    const base = new ManualClock(1_000)
    return { clock: createScaledClock(base, 20), advance: (ms: number) => base.runBy(ms / 20) }
  }
  describeClockContract('the scaled clock', scaled, { roundingMs: 1e-6 })

  describe('on faked platform timers', () => {
    beforeEach(() => {
      vi.useFakeTimers()
    })
    afterEach(() => {
      vi.useRealTimers()
    })
    describeClockContract('the wall clock', () => ({
      clock: createWallClock(),
      advance: async (ms) => void (await vi.advanceTimersByTimeAsync(ms)),
    }))
  })
})

/** A reader's pause of 200 ms on `clock`. */
const pauseOn = (clock: Clock) => () => new Promise<void>((resolve) => void clock.at(clock.nowMs() + 200, resolve))

describe('engines', () => {
  const answer = {
    text: 'x'.repeat(120),
    outputTokens: 30,
    firstTokenAfterMs: 20,
    tokensPerSecond: 100,
    times: Infinity,
  }
  const scripted = (options: Omit<ConstructorParameters<typeof ScriptedEngine>[0], 'clock'>) => {
    const clock = new ManualClock()
    const settle = <T>(promise: Promise<T>) => clock.runUntilSettled(promise)
    return { engine: new ScriptedEngine({ clock, ...options }), settle, pause: pauseOn(clock) }
  }
  describeEngineContract('ScriptedEngine', {
    create: () => scripted({ replies: [answer] }),
    createFailing: () => scripted({ replies: [{ ...answer, failAfterTokens: 3 }], readings: [{ health: 'down' }] }),
  })

  for (const fidelity of ['event-skipping', 'iteration-exact'] as const) {
    const simulated = () => {
      const answers = {
        answer: () => ({ text: 'word '.repeat(80), promptTokens: 10, outputTokens: 100, isRight: null }),
      }
      const { clock, engine } = createRig({ fidelity, answers, machine: aMachine({ slots: 4 }) })
      return { engine, settle: <T>(promise: Promise<T>) => clock.run(promise), pause: pauseOn(clock) }
    }
    describeEngineContract(`the simulated engine (${fidelity})`, {
      create: simulated,
      createFailing: () => {
        const harness = simulated()
        harness.engine.setDown(true)
        return harness
      },
    })
  }

  describeEngineContract('the HTTP engine', { create: httpHarness, createFailing: deadHttpHarness })
})

describe('decisions', () => {
  const models = ['small', 'large'] as const
  const { prior } = aProfile(models)
  const query = (overrides: Partial<Query>) => {
    const plain = aQuery(overrides)
    return { ...plain, features: createFeatures(plain.text) }
  }
  const deps = () => ({ predictor: createPredictor({ prior, models }), models })

  const planners: readonly PlannerSpec[] = ['rules', { kind: 'fixed', topology: 'debate', agents: 3 }]
  for (const spec of planners) {
    const { name } = createPlanner(spec, deps())
    const create = () => ({ planner: createPlanner(spec, deps()), models, query })
    describePlannerContract(
      name,
      create,
      spec === 'rules' ? {} : { soloReasons: ['tools', 'response-format', 'media'] },
    )
  }

  const fixed: ExecutorSpec = { kind: 'fixed', model: 'small', strategy: 'Concise' }
  const executors: readonly ExecutorSpec[] = ['slack-greedy', 'mcpp', 'least-loaded', 'round-robin', fixed]
  for (const spec of executors) {
    const { name } = createExecutor(spec, deps())
    const create = () => ({ executor: createExecutor(spec, deps()), models, query })
    describeExecutorContract(name, create, { isFixed: spec === fixed })
  }

  const learnt = { swarm: () => aSwarm([['small', 'large', 0.9]]), router: () => aRouter() }
  const baselines = baselineKinds.flatMap(
    (kind) => parseBaseline(kind === 'single' ? 'single:small:Concise' : kind, learnt) ?? [],
  )
  for (const spec of baselines) {
    const create = () => createBaseline(spec, { ...deps(), priorOf: (model) => prior.models[model] as ModelPrior })
    const name = `the baseline ${nameOfBaseline(spec)}`
    // Conversation is no reason for one agent to them: as published, they do not look at it.
    const soloReasons = ['tools', 'response-format', 'media'] as const
    describePlannerContract(name, () => ({ planner: create().planner, models, query }), { soloReasons })
    const isFixed = spec.kind === 'single'
    describeExecutorContract(name, () => ({ executor: create().executor, models, query }), { isFixed })
  }

  describePredictorContract('the predictor', () => ({ predictor: deps().predictor, model: 'small', query }))
})

describe('dispatch', () => {
  for (const name of disciplineNames) describeDisciplineContract(name, () => createDiscipline(name))

  describeAdmissionContract('the default admission', () => createAdmission(), { knowsKv: true, knowsSlots: true })
  describeAdmissionContract('admission by slots', () => withinSlots, { knowsKv: false, knowsSlots: true })

  describeDispatchStoreContract('the dispatcher in memory', () => {
    const clock = new ManualClock()
    const replicas = ['small#1', 'small#2'].map((replica) => ({ replica, slots: 2 }))
    const store = createDispatcher({
      clock,
      discipline: createDiscipline(),
      admission: createAdmission(),
      random: createRandom(1),
      pool: new LedgerPool(replicas),
      limits: { waiting: 1_000 },
      rejectWhenUnusableMs: 1_000,
    })
    return { store, advance: (ms) => clock.runBy(ms) }
  })
})
