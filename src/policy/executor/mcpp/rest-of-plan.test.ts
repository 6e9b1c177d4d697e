import { describe, expect, it } from 'vitest'
import type { Plan, StepContext } from '../../../core/index.ts'
import { createTopologyBook, layOut, mergeInEffect, pickRoles } from '../../../team/index.ts'
import { anAnswerInHand, aPlan, aStepContext } from '../../../testing/index.ts'
import { restOfPlan } from './rest-of-plan.ts'

const book = createTopologyBook()
function planOf(id: string, agents: number, wish: 'model' | 'vote'): Plan {
  const topology = book.get(id)
  const steps = layOut({ topology, agents, roles: pickRoles('math', agents), merge: wish, aggregatorRole: 'Judge' })
  return { ...aPlan({ topology: id, agents, merge: mergeInEffect(topology, agents, wish) }), steps }
}
function restFrom(plan: Plan, id: string, answered: readonly string[] = []) {
  const step = plan.steps.find((each) => each.id === id) as StepContext['step']
  return restOfPlan(aStepContext({ plan, step, answers: answered.map((stepId) => anAnswerInHand({ stepId })) }))
}
const shape = (plan: Plan, id: string, answered: readonly string[] = []) =>
  restFrom(plan, id, answered).map(({ step, after, isEnd }) => `${step.id} after [${after}]${isEnd ? ' end' : ''}`)

describe('the rest of a plan', () => {
  it('is the step alone where it is the only one, or one of several votes', () => {
    expect(shape(aPlan(), '0/0')).toEqual(['0/0 after [] end'])
    expect(shape(planOf('io', 5, 'vote'), '0/2', ['0/0'])).toEqual(['0/2 after [] end'])
  })

  it('is the way to the end in a chain, without what is done', () => {
    const chain = planOf('chain', 3, 'model')
    expect(shape(chain, '0/0')).toEqual(['0/0 after []', '0/1 after [0]', '0/2 after [1]', 'last after [0,1,2] end'])
    expect(shape(chain, 'last', ['0/0', '0/1', '0/2'])).toEqual(['last after [] end'])
  })

  it('has the others that the merge waits for, unless they have answered', () => {
    const team = planOf('io', 3, 'model')
    expect(shape(team, '0/1')).toEqual(['0/1 after []', '0/0 after []', '0/2 after []', 'last after [1,0,2] end'])
    expect(shape(team, '0/1', ['0/0'])).toEqual(['0/1 after []', '0/2 after []', 'last after [0,1] end'])
  })

  it('takes what a step waited for as done, though it gave no answer, and nothing else', () => {
    expect(shape(planOf('debate', 2, 'model'), '1/1')).toEqual([
      '1/1 after []',
      '0/1 after []',
      '1/0 after [1]',
      'last after [2,0] end',
    ])
  })

  it('has the escalation after its probes', () => {
    expect(shape(planOf('probe', 2, 'vote'), '0/0')).toEqual(['0/0 after []', '0/1 after []', '1/0 after [0,1] end'])
  })

  it('gives each step its share of the time from its start to the end', () => {
    const rest = restFrom(planOf('io', 3, 'model'), '0/0')
    // Solving weighs 1, merging 0.8.
    expect(rest[0]?.timeShare).toBeCloseTo(1 / 1.8)
    expect(rest.at(-1)?.timeShare).toBe(1)
  })
})
