import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aRouter, aSwarm } from '../../../test/policy/learnt-baselines.ts'
import { strategyIds } from '../../core/index.ts'
import { type BaselineSpec, baselineKinds, baselineTraits, nameOfBaseline, parseBaseline } from './baseline-spec.ts'

const learnt = { swarm: () => aSwarm(), router: () => aRouter() }

describe('names of baselines', () => {
  it.each<[string, BaselineSpec]>([
    ['random', { kind: 'random' }],
    ['round-robin', { kind: 'round-robin' }],
    ['moa', { kind: 'moa' }],
    ['gptswarm-untrained:Flash', { kind: 'gptswarm-untrained', strategy: 'Flash' }],
    ['first-large:deepthink', { kind: 'first-large', strategy: 'DeepThink' }],
    ['multi-factor', { kind: 'multi-factor' }],
    ['routellm', { kind: 'routellm' }],
    ['routellm:0.25', { kind: 'routellm', threshold: 0.25 }],
    ['routellm:1:Concise', { kind: 'routellm', threshold: 1, strategy: 'Concise' }],
    ['routellm:DeepThink', { kind: 'routellm', strategy: 'DeepThink' }],
    ['single:qwen-32b:Flash', { kind: 'single', model: 'qwen-32b', strategy: 'Flash' }],
    ['single:llama3:8b:concise', { kind: 'single', model: 'llama3:8b', strategy: 'Concise' }],
  ])('reads %s', (name, spec) => {
    expect(parseBaseline(name)).toEqual(spec)
  })

  it.each<[string, BaselineSpec]>([
    ['gptswarm', { kind: 'gptswarm', swarm: learnt.swarm() }],
    ['gptswarm:Flash', { kind: 'gptswarm', swarm: learnt.swarm(), strategy: 'Flash' }],
    ['masrouter', { kind: 'masrouter', router: learnt.router() }],
    ['masrouter:high', { kind: 'masrouter', router: learnt.router(), price: 'high' }],
  ])('reads %s where something was learnt, and not where nothing was', (name, spec) => {
    expect(parseBaseline(name, learnt)).toEqual(spec)
    expect(parseBaseline(name)).toBeNull()
    expect(nameOfBaseline(spec)).toBe(name)
  })

  it.each(['masrouter:', 'masrouter:cheap', 'masrouter:low:Flash', 'gptswarm:low', 'gptswarm:'])(
    'knows no learnt baseline %j',
    (name) => {
      expect(parseBaseline(name, learnt)).toBeNull()
    },
  )

  it.each([
    '',
    'mao',
    'MOA',
    'inframind',
    'random:Flash',
    'moa:3',
    'moa:Flash:Flash',
    'moa:',
    'single',
    'single:qwen-32b',
    'single::Flash',
    'single:Flash',
    'routellm:1.5',
    'routellm:-0.1',
    'routellm:0x1',
    'routellm:.',
    'routellm:',
    'routellm:0.5:0.6',
    'constructor',
  ])('knows no baseline %j', (name) => {
    expect(parseBaseline(name)).toBeNull()
  })

  it('reads back what it writes', () => {
    const strategy = fc.constantFrom(...strategyIds)
    const model = fc.stringMatching(/^[a-z0-9][a-z0-9./:-]{0,20}[a-z0-9]$/)
    const depth = fc.record({ strategy }, { requiredKeys: [] })
    const anySpec = fc.oneof(
      fc.record({ kind: fc.constant('single' as const), model, strategy }),
      fc.constant({ kind: 'random' as const }),
      fc
        .tuple(
          fc.record({ threshold: fc.integer({ min: 0, max: 100 }).map((n) => n / 100) }, { requiredKeys: [] }),
          depth,
        )
        .map(([threshold, rest]) => ({ kind: 'routellm' as const, ...threshold, ...rest })),
      fc
        .tuple(
          fc.constantFrom('moa', 'gptswarm-untrained', 'round-robin', 'least-loaded', 'multi-factor', 'first-large'),
          depth,
        )
        .map(([kind, rest]) => ({ kind, ...rest }) as BaselineSpec),
    )
    fc.assert(
      fc.property(anySpec, (spec) => {
        expect(parseBaseline(nameOfBaseline(spec))).toEqual(spec)
      }),
    )
  })

  it('never throws on any name', () => {
    fc.assert(fc.property(fc.string(), (name) => void parseBaseline(name)))
  })
})

describe('traits', () => {
  it('tells of every kind what it sees', () => {
    expect(Object.keys(baselineTraits).sort()).toEqual([...baselineKinds].sort())
    const seeing = (trait: 'seesLoad' | 'seesBudget') => baselineKinds.filter((kind) => baselineTraits[kind][trait])
    expect(seeing('seesLoad')).toEqual(['least-loaded', 'multi-factor'])
    expect(seeing('seesBudget')).toEqual(['multi-factor'])
  })
})
