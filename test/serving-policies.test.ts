/** @file Policies as they serve a whole pool in virtual time: another one looks on, one fails, one takes over. */
import { describe, expect, it } from 'vitest'
import { createServingPolicies, type PolicyListener } from '../src/cli/gateway/serving-policies.ts'
import type { RunRecord } from '../src/core/index.ts'
import { createTwinWorld, defaultPolicy, loadProfile, type PolicyChoice, runWorkload } from '../src/lab/index.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../src/lab/questions/index.ts'
import { type Comparison, type PolicyFallback, specsOf } from '../src/policy/index.ts'
import { createTopologyBook } from '../src/team/index.ts'
import { type LearnedPolicyOptions, learnedPolicy } from './learned-policies.ts'

const profile = loadProfile('paper-b200')
const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count: 60, seed: 1 }))

function learned(options: LearnedPolicyOptions = {}): PolicyChoice {
  const { planner, executor } = specsOf(learnedPolicy(options), 'x')
  return { planner, executor, discipline: 'edf-demote' }
}
/** Weights that go wrong after they were read. */
function broken(): PolicyChoice {
  const choice = learned()
  for (const spec of [choice.planner, choice.executor])
    (spec as { parameters: Float32Array }).parameters.fill(Number.NaN)
  return choice
}

interface Play {
  readonly choice: PolicyChoice
  readonly shadow?: PolicyChoice
  /** Policies that take over in turn, one every ten runs. */
  readonly next?: readonly PolicyChoice[]
}

async function play({ choice, shadow, next = [] }: Play) {
  const [compared, fellBack]: [Comparison[], PolicyFallback[]] = [[], []]
  const listener: PolicyListener = {
    compared: (comparison) => void compared.push(comparison),
    fellBack: (fallback) => void fellBack.push(fallback),
  }
  const pool = {
    models: Object.keys(profile.models),
    prior: profile.prior,
    tiers: {},
    topologies: createTopologyBook(),
  }
  const policies = createServingPolicies({ choice, shadow: shadow ?? null }, pool, listener)
  const written: RunRecord[] = []
  const hashes = new Set([policies.hash])
  const world = createTwinWorld({
    profile,
    questions,
    seed: 5,
    trace: {
      write: (record) => {
        written.push(record)
        if (written.length % 10 !== 0 || next.length === 0) return
        policies.use({ choice: next[(written.length / 10) % next.length] as PolicyChoice, shadow: shadow ?? null })
        hashes.add(policies.hash)
      },
    },
    world: { wrapPolicies: () => policies.set },
  })
  const { runs } = await runWorkload(world, {
    questions,
    queries: 200,
    arrivalRatePerMinute: 200,
    budgetsMs: [5_000, 20_000, 60_000],
    seed: 5,
  })
  return { written, runs, compared, fellBack, hashes, inFlight: world.runtime.inFlight }
}

/** What was done, without who is said to have done it and what others would have done. */
const deeds = (records: readonly RunRecord[]) =>
  records.map(({ policy: _, plan: { shadow: __, ...plan }, steps, ...rest }) =>
    JSON.stringify({ ...rest, plan, steps: steps.map(({ shadow: ___, ...step }) => step) }),
  )

describe('a policy that looks on', () => {
  it('changes nothing of what is done under load, byte for byte, whichever it is', async () => {
    const alone = await play({ choice: defaultPolicy })
    for (const shadow of [learned(), broken(), { ...defaultPolicy, executor: 'mcpp' } as const]) {
      const watched = await play({ choice: defaultPolicy, shadow })
      expect(deeds(watched.written)).toEqual(deeds(alone.written))
    }
  }, 120_000)

  it('agrees always with itself, and sometimes with another', async () => {
    const outcomes = async (shadow: PolicyChoice) => {
      const { compared, written } = await play({ choice: defaultPolicy, shadow })
      expect(written.every(({ plan, steps }) => plan.shadow && steps.some((step) => step.shadow))).toBe(true)
      return new Set(compared.map(({ outcome }) => outcome))
    }
    // The planner remembers its last team: it is the same memory as long as the plans are.
    expect(await outcomes(defaultPolicy)).toEqual(new Set(['same']))
    expect(await outcomes(learned({ weight: 3 }))).toEqual(new Set(['same', 'different']))
  }, 120_000)
})

describe('a learned policy', () => {
  it('decides all by itself where its numbers are sound', async () => {
    const { fellBack, written } = await play({ choice: learned() })
    expect(fellBack).toEqual([])
    expect(written.some(({ plan }) => plan.reason === 'learned' && (plan.probability ?? 0) > 0)).toBe(true)
  }, 60_000)

  it('leaves all to others where its weights are not finite', async () => {
    const { written, fellBack, runs } = await play({ choice: broken() })
    const reasons = written.flatMap(({ plan, steps }) => [
      plan.reason,
      ...steps.map(({ choice }) => Object.values(choice)),
    ])
    expect(reasons.flat()).not.toContain('learned')
    expect(new Set(fellBack.map(({ level }) => level))).toEqual(new Set(['planner', 'executor']))
    expect(runs.every(({ record }) => record.outcome === 'answered')).toBe(true)
  }, 60_000)
})

describe('policies that take over under load', () => {
  it('lose no run, and say in each by whom it was planned', async () => {
    const next = [
      learned(),
      { ...defaultPolicy, executor: 'mcpp' } as const,
      broken(),
      learned({ seed: 2 }),
      defaultPolicy,
    ]
    const { runs, written, hashes, inFlight } = await play({ choice: defaultPolicy, next })
    expect(runs).toHaveLength(200)
    expect(new Set(written.map(({ runId }) => runId)).size).toBe(200)
    expect(inFlight).toBe(0)
    for (const { outcome, errorCode } of written) expect([outcome, errorCode]).toEqual(['answered', null])
    const said = new Set(written.map(({ policy }) => policy.hash))
    expect(said.size).toBeGreaterThan(3)
    for (const hash of said) expect(hashes).toContain(hash)
    const planners = new Set(written.map(({ policy, plan }) => `${policy.planner} ${plan.reason === 'learned'}`))
    expect(planners).toContain('learned true')
    expect(planners).not.toContain('rules true')
  }, 60_000)
})
