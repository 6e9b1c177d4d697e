/** @file A policy file against the running code: what serves it, and every way in which it may not fit. */
import { describe, expect, it } from 'vitest'
import { type LearnedPolicyOptions, learnedPolicy, testHidden } from '../../test/learned-policies.ts'
import { ConfigError } from '../core/index.ts'
import { specsOf } from './learned-policy.ts'
import type { LearnedPolicy } from './nn/index.ts'
import { assumedTeamRules } from './planner/index.ts'

const problemsOf = (policy: LearnedPolicy) => {
  try {
    specsOf(policy, 'my/policy.json')
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).message).toContain('my/policy.json')
    return (error as ConfigError).problems
  }
  throw new Error('it fits')
}
const specs = (options: LearnedPolicyOptions) => specsOf(learnedPolicy(options), 'x')

describe('a policy that fits', () => {
  it('serves both levels with its own weights and settings', () => {
    const policy = learnedPolicy({ settings: { temperature: null, breadth: 'usual', readsText: false } })
    expect(specsOf(policy, 'x')).toEqual({
      planner: {
        kind: 'learned',
        breadth: 'usual',
        hidden: testHidden,
        temperature: null,
        readsText: false,
        parameters: policy.networks.get('planner'),
      },
      executor: {
        kind: 'learned',
        hidden: testHidden,
        temperature: null,
        seesOutcomes: true,
        readsText: false,
        parameters: policy.networks.get('executor'),
      },
      teams: { breadth: 'usual' },
      readsQuestions: false,
    })
  })

  it('leaves a level that was not learnt to the training-free policy', () => {
    expect(specs({ settings: { learns: 'planner' } })).toMatchObject({
      planner: { kind: 'learned' },
      executor: 'slack-greedy',
    })
    expect(specs({ settings: { learns: 'executor', teamRules: { ...assumedTeamRules } } as never })).toMatchObject({
      planner: { kind: 'dual', breadth: 'wide', teamRules: assumedTeamRules },
      executor: { kind: 'learned' },
    })
  })

  it('says what it was trained to see of prices and questions', () => {
    const settings = { readsQuestions: true, pricing: { congestionFactor: 0.5 } }
    expect(specs({ settings })).toMatchObject({ readsQuestions: true, congestionFactor: 0.5 })
    expect(specs({})).not.toHaveProperty('congestionFactor')
  })
})

describe('a policy that does not fit', () => {
  const names = learnedPolicy().header.featureNames
  const renamed = (names['planner']?.candidate ?? []).with(2, 'tarot')

  it.each<[string, LearnedPolicyOptions, string, string]>([
    ['no width', { settings: { hidden: 'wide' } }, 'settings.hidden', '"wide"'],
    ['an unknown setting', { settings: { colour: 'red' } }, 'settings', '{'],
    ['a temperature of nothing', { settings: { temperature: 0 } }, 'settings.temperature', '0'],
    [
      'rules with an unknown one',
      { settings: { teamRules: { math: {} } } },
      'settings.teamRules.math.between',
      'nothing',
    ],
    ['another width than its weights', { settings: { hidden: 9 } }, 'shapes.planner', 'context.weight'],
    [
      'a feature of another name',
      { header: { featureNames: { ...names, planner: { ...names['planner']!, candidate: renamed } } } },
      'featureNames.planner.candidate[2]',
      'tarot',
    ],
    [
      'a feature less',
      {
        header: {
          featureNames: {
            ...names,
            executor: { ...names['executor']!, context: names['executor']!.context.slice(0, -1) },
          },
        },
      },
      `featureNames.executor.context[${names['executor']!.context.length - 1}]`,
      'nothing',
    ],
    [
      'a feature more',
      {
        header: {
          featureNames: {
            ...names,
            executor: { ...names['executor']!, context: [...names['executor']!.context, 'moon'] },
          },
        },
      },
      `featureNames.executor.context[${names['executor']!.context.length}]`,
      'moon',
    ],
  ])('for %s', (_, options, path, got) => {
    const [problem] = problemsOf(learnedPolicy(options))
    expect(problem?.path).toBe(path)
    expect(problem?.got).toContain(got)
  })

  it('for a head that is tied to one pool', () => {
    const policy = learnedPolicy()
    expect(problemsOf({ ...policy, header: { ...policy.header, head: 'joint' } })[0]?.path).toBe('head')
  })

  it('for features of a level that it did not learn: not at all', () => {
    const { planner: _, ...rest } = names
    const options = { settings: { learns: 'executor' as const }, header: { featureNames: rest } }
    expect(() => specs(options)).not.toThrow()
  })

  it('for a weight that is not finite, saying which', () => {
    const policy = learnedPolicy()
    const broken = policy.networks.get('executor')!.with(5, Number.NaN)
    const networks = new Map([...policy.networks, ['executor', broken]] as const)
    expect(problemsOf({ ...policy, networks })).toMatchObject([{ path: 'weights executor[5]', got: 'NaN' }])
  })
})
