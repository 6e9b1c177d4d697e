/** @file A policy that throws while it serves a whole pool in virtual time, also where a clock asks: no run is lost. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createServingPolicies } from '../src/cli/gateway/serving-policies.ts'
import { createTwinWorld, defaultPolicy, loadProfile, runWorkload } from '../src/lab/index.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../src/lab/questions/index.ts'
import type { PolicyFallback, PolicySetOptions } from '../src/policy/index.ts'
import { createTopologyBook } from '../src/team/index.ts'

const faults = vi.hoisted(() => ({ throws: (): boolean => false, alsoSpare: false }))

// `mcpp` stands for the policy that fails: one that crowds a model, so that calls wait, with a fault put into each of its calls.
vi.mock('../src/policy/policy-set.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../src/policy/policy-set.ts')>()
  const crowding = { kind: 'fixed', model: 'DeepSeek-R1-Distill-Qwen-32B', strategy: 'DeepThink' } as const
  const maybe = () => {
    if (faults.throws()) throw new Error('a fault')
  }
  const faulty =
    <A extends unknown[], R>(fn: (...of: A) => R) =>
    (...of: A): R => {
      maybe()
      return fn(...of)
    }
  return {
    ...original,
    createPolicySet: (options: PolicySetOptions) => {
      const set = original.createPolicySet(options)
      if (options.executor !== 'mcpp') {
        if (!faults.alsoSpare) return set
        const [plan, choose] = [faulty(set.planner.plan), faulty(set.executor.choose)]
        return { ...set, planner: { name: 'spare', plan }, executor: { name: 'spare', choose } }
      }
      const { planner, executor, predictor } = original.createPolicySet({ ...options, executor: crowding })
      return {
        ...set,
        planner: { name: 'failing', plan: faulty(planner.plan), runFinished: maybe },
        executor: { name: 'failing', choose: faulty(executor.choose), stepFinished: maybe, runFinished: maybe },
        predictor: { ...predictor, observe: maybe },
      }
    },
  }
})

const profile = loadProfile('paper-b200')
const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count: 60, seed: 1 }))

async function play() {
  const fellBack: PolicyFallback[] = []
  const policies = createServingPolicies(
    { choice: { ...defaultPolicy, executor: 'mcpp' }, shadow: null },
    { models: Object.keys(profile.models), prior: profile.prior, tiers: {}, topologies: createTopologyBook() },
    { compared: () => {}, fellBack: (fallback) => void fellBack.push(fallback) },
  )
  const world = createTwinWorld({
    profile,
    questions,
    seed: 5,
    trace: { write: () => {} },
    world: { wrapPolicies: () => policies.set },
  })
  const { runs } = await runWorkload(world, {
    questions,
    queries: 150,
    arrivalRatePerMinute: 1200,
    budgetsMs: [5_000, 20_000, 60_000],
    seed: 5,
  })
  return { outcomes: new Set(runs.map(({ record }) => record.outcome)), inFlight: world.runtime.inFlight, fellBack }
}

afterEach(() => void Object.assign(faults, { throws: () => false, alsoSpare: false }))

describe('a policy that throws', () => {
  it('loses no run, and every decision is counted as left to others', async () => {
    faults.throws = () => true
    const { outcomes, inFlight, fellBack } = await play()
    expect([...outcomes]).toEqual(['answered'])
    expect(inFlight).toBe(0)
    expect(new Set(fellBack.map(({ level, reason }) => `${level} ${reason}`))).toEqual(
      new Set(['planner error', 'executor error']),
    )
  }, 60_000)

  it('loses no run where the training-free one throws too: one agent answers each', async () => {
    faults.throws = () => true
    faults.alsoSpare = true
    const { outcomes, inFlight, fellBack } = await play()
    expect([...outcomes]).toEqual(['answered'])
    expect(inFlight).toBe(0)
    const decisions = fellBack.filter(({ reason }) => reason === 'last-resort').map(({ level }) => level)
    expect(new Set(decisions)).toEqual(new Set(['planner', 'executor']))
    expect(decisions.filter((level) => level === 'planner')).toHaveLength(150)
  }, 60_000)

  it('loses none either where a clock asks for another choice', async () => {
    Error.stackTraceLimit = 50
    faults.throws = () => new Error('where').stack?.includes('attemptWaits') ?? false
    const { inFlight, fellBack } = await play()
    expect(inFlight).toBe(0)
    expect(new Set(fellBack.map(({ level }) => level))).toEqual(new Set(['executor']))
  }, 60_000)
})
