import { describe, expect, it } from 'vitest'
import { paperModels, paperPrior, paperState } from '../../../../test/policy/paper-pool.ts'
import { createRandom } from '../../../core/index.ts'
import { aQuery, aStepContext } from '../../../testing/index.ts'
import { candidateScorerShapes, initialise } from '../../nn/index.ts'
import { createPolicySet } from '../../policy-set.ts'
import { armScorerConfig } from './learned-executor.ts'

const hidden = 16
const fresh = () => initialise(candidateScorerShapes(armScorerConfig(hidden)), createRandom(4))
const create = (parameters = fresh()) =>
  createPolicySet({
    prior: paperPrior,
    models: paperModels,
    executor: { kind: 'learned', parameters, hidden, temperature: 0.02 },
  }).executor

describe('a fresh network', () => {
  const greedy = createPolicySet({ prior: paperPrior, models: paperModels }).executor
  const learned = create()

  it.each([0, 0.3, 0.8, 1.6])('takes what the training-free executor takes, at load %f', (load) => {
    for (const budgetMs of [300, 2_000, 8_000, 30_000, 200_000]) {
      for (const domain of ['math', 'code', 'knowledge', 'general'] as const) {
        const step = aStepContext({ query: aQuery({ domain, budgetMs }), remainingMs: budgetMs })
        const state = paperState({ load })
        const [theirs, ours] = [greedy.choose(step, state), learned.choose(step, state)]
        expect(ours.kind === 'arm' && ours.arm).toEqual(theirs.kind === 'arm' && theirs.arm)
      }
    }
  })

  it('stops where the answers in hand agree, and not where they do not', () => {
    const stepWith = (agreement: number | null) =>
      aStepContext({ query: aQuery({ domain: 'math', answerFormat: 'number' }), mayStop: true, agreement })
    expect(learned.choose(stepWith(1), paperState()).kind).toBe('stop')
    expect(learned.choose(stepWith(0.5), paperState()).kind).toBe('arm')
    expect(learned.choose(stepWith(null), paperState()).kind).toBe('arm')
  })
})
