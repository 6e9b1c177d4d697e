import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../../test/paper-profile.ts'
import {
  type Choice,
  type ClusterState,
  createRandom,
  domains,
  type Plan,
  type ProfilePrior,
  parseProfile,
} from '../../core/index.ts'
import {
  armScorerConfig,
  candidateScorerShapes,
  createFeatures,
  createPolicySet,
  type ExecutorSpec,
  initialise,
  isReasoningModelName,
  type PlannerSpec,
  type PolicySet,
  planScorerConfig,
} from '../../policy/index.ts'
import { aClusterState, aQuery, aStepContext } from '../../testing/index.ts'
import { priorUnder } from '../knowledge/index.ts'
import { createSyntheticQuestions } from '../questions/index.ts'
import { anonymousPool, renamedPool } from './renamed-pool.ts'

const base = paperProfile()
const anonymous = anonymousPool(base)
const models = Object.keys(base.models)
const newNames = Object.keys(anonymous.models)

describe('a renamed pool', () => {
  it('is a valid profile under other names, in the same order', () => {
    expect(parseProfile(JSON.parse(JSON.stringify(anonymous)), 'renamed')).toEqual(anonymous)
    expect(newNames).toEqual(['reasoning-1', 'model-2', 'model-3', 'model-4', 'model-5'])
    expect(newNames.map(isReasoningModelName)).toEqual(models.map(isReasoningModelName))
    expect(JSON.stringify(anonymous.models)).not.toContain('Llama')
    expect(JSON.stringify([anonymous.truth, anonymous.prior])).not.toMatch(/"(Llama|Qwen|Mistral|DeepSeek)[^"]*":/)
  })

  it('has the same numbers: renamed back it is what it was', () => {
    const back = renamedPool(anonymous, (_model, place) => models[place]!)
    const { entryTags: _, ...accuracy } = base.truth!.cotAccuracy
    expect(back).toEqual({
      ...base,
      id: `renamed:renamed:${base.id}`,
      truth: { ...base.truth, cotAccuracy: accuracy },
    })
  })

  it('takes the reading of questions along', () => {
    const questions = createSyntheticQuestions({ dataset: 'synthetic-math', count: 60, seed: 1 })
    const prior = priorUnder({
      profile: base,
      know: 'exact',
      sets: [questions],
      kin: [],
      seed: 1,
      readsQuestions: true,
    })
    const { reading } = anonymousPool({ ...base, prior }).prior
    expect(Object.keys(reading!.value.domains.math!.models)).toEqual(newNames)
  })
})

const hidden = 8
const weights = (level: 'planner' | 'executor') =>
  initialise(
    candidateScorerShapes(level === 'planner' ? planScorerConfig(hidden) : armScorerConfig(hidden)),
    createRandom(7),
  ).map((value, index) => value + 0.3 * Math.sin(index))

const stacks: Readonly<Record<string, { readonly planner: PlannerSpec; readonly executor: ExecutorSpec }>> = {
  'training-free': { planner: 'rules', executor: 'slack-greedy' },
  rollouts: { planner: 'rules', executor: 'mcpp' },
  learned: {
    planner: { kind: 'learned', parameters: weights('planner'), hidden, temperature: 0.02 },
    executor: { kind: 'learned', parameters: weights('executor'), hidden, temperature: 0.02 },
  },
  'from scratch': {
    planner: { kind: 'learned', parameters: weights('planner'), hidden, temperature: null },
    executor: { kind: 'learned', parameters: weights('executor'), hidden, temperature: null },
  },
}

/** What was decided, as if the pool had the names of the paper. */
function inPaperNames(decision: Plan | Choice, names: readonly string[]): unknown {
  const text = JSON.stringify(decision)
  return JSON.parse(names.reduce((said, name, place) => said.replaceAll(`"${name}"`, `"${models[place]}"`), text))
}

const stateOf = (names: readonly string[], loads: readonly number[]): ClusterState =>
  aClusterState({
    atMs: 0,
    models: names.map((model, place) => {
      const running = Math.min(16, Math.round(loads[place]! * 16))
      const waiting = Math.round(Math.max(0, loads[place]! - 1) * 16)
      return { model, slots: 16, running, waiting, replicas: [{ slots: 16, running, waiting, isUsable: true }] }
    }),
  })

const texts = ['What is 17 % of 340? Answer with a number.', 'Write a Python function that sorts a list of pairs.']

describe.each(Object.entries(stacks))('decisions of %s', (_name, specs) => {
  const setOf = (prior: ProfilePrior, names: readonly string[]) => createPolicySet({ prior, models: names, ...specs })

  it('are the same for models of other names, at any load and budget', () => {
    const decide = ({ planner, executor }: PolicySet, names: readonly string[], at: Decision) => {
      const features = createFeatures(texts[at.text]!)
      const budgetMs = 1000 * at.budgetSeconds
      const query = aQuery({ domain: at.domain, budgetMs, deadlineAtMs: budgetMs, features })
      const state = stateOf(names, at.loads)
      const plan = planner.plan(query, state)
      const choices = plan.steps.map((step) =>
        executor.choose(aStepContext({ query, plan, step, nowMs: 0, remainingMs: budgetMs }), state),
      )
      return [plan, ...choices].map((decision) => inPaperNames(decision, names))
    }
    fc.assert(
      fc.property(decisions, (at) => {
        const [own, others] = [setOf(base.prior, models), setOf(anonymous.prior, newNames)]
        expect(decide(others, newNames, at)).toEqual(decide(own, models, at))
      }),
      { numRuns: 25 },
    )
  })
})

interface Decision {
  readonly loads: readonly number[]
  readonly budgetSeconds: number
  readonly domain: (typeof domains)[number]
  readonly text: number
}

const decisions: fc.Arbitrary<Decision> = fc.record({
  loads: fc.array(fc.double({ min: 0, max: 2.5, noNaN: true }), { minLength: 5, maxLength: 5 }),
  budgetSeconds: fc.constantFrom(2, 10, 30, 100, 300),
  domain: fc.constantFrom(...domains),
  text: fc.nat(texts.length - 1),
})
