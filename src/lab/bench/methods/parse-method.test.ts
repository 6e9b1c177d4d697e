import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writePolicy } from '../../../../test/learned-policies.ts'
import { ConfigError } from '../../../core/index.ts'
import { parseBaseline } from '../../../policy/index.ts'
import { ourMethods } from './ours.ts'
import { bestFixed, methodNames, parseMethod, readBestFixed, singleName } from './parse-method.ts'

const models = ['small-8b', 'llama3:70b']
const flash = singleName('small-8b', 'Flash')

function problemOf(text: string) {
  try {
    parseMethod(text, models)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).problems[0]
  }
  throw new Error(`${text} was taken`)
}

describe('a method by name', () => {
  it.each([
    ['inframind', 'inframind', 'default', true, false],
    [' greedy ', 'greedy', 'default', true, false],
    ['inframind+enforced+default', 'inframind', 'default', true, false],
    ['inframind+fcfs', 'inframind+fcfs+enforced', 'fcfs', true, false],
    ['inframind+fcfs+free', 'inframind+fcfs+free', 'fcfs', false, false],
    ['greedy+flash+planner-blind', 'greedy+planner-blind+flash', 'default', true, false],
    ['dual+free+scrambled-text+fcfs', 'dual+scrambled-text+fcfs+free', 'fcfs', false, false],
    ['moa', 'moa', 'fcfs', false, true],
    ['moa+free+fcfs', 'moa', 'fcfs', false, true],
    ['moa+edf', 'moa+edf+free', 'edf', false, false],
    ['moa+enforced', 'moa+fcfs+enforced', 'fcfs', true, false],
    ['moa+default+enforced', 'moa+default+enforced', 'default', true, false],
    ['least-loaded', 'least-loaded', 'fcfs', false, true],
    ['multi-factor', 'multi-factor', 'fcfs', false, false],
    ['routellm:0.25:Flash', 'routellm:0.25:Flash', 'fcfs', false, true],
    ['gptswarm', 'gptswarm', 'fcfs', false, true],
    ['masrouter:low', 'masrouter:low', 'fcfs', false, true],
    ['masrouter+default+enforced', 'masrouter+default+enforced', 'default', true, false],
    [flash, flash, 'default', true, false],
    [`${flash}+fcfs+free`, `${flash}+fcfs+free`, 'fcfs', false, true],
    ['single:llama3:70b:DeepThink', 'single:llama3:70b:DeepThink', 'default', true, false],
  ] as const)(
    '%s is %s: %s, enforced %s, blind to the budget %s',
    (text, name, scheduler, isEnforced, isBudgetBlind) => {
      expect(parseMethod(text, models)).toMatchObject({ name, scheduler, isEnforced, isBudgetBlind })
    },
  )

  it('has a canonical name that names the same method', () => {
    const bases = methodNames().filter((name) => name !== bestFixed)
    const suffix = fc.constantFrom('', '+fcfs', '+edf', '+default', '+free', '+enforced', '+edf+free', '+free+default')
    const ablated = fc.constantFrom('', '+blind', '+flash+noprice', '+scrambled-metrics+scrambled-text+solo')
    const own = fc.constantFrom(...Object.keys(ourMethods))
    const named = fc.oneof(
      fc.constantFrom(...bases, flash),
      fc.tuple(own, ablated).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(named, suffix, (base, end) => {
        const method = parseMethod(base + end, models)
        expect(parseMethod(method.name, models)).toEqual(method)
      }),
    )
  })

  it('sees the budget wherever deadline or scheduler do, whoever decides', () => {
    for (const name of methodNames().filter((known) => parseBaseline(known) !== null)) {
      for (const suffix of ['+edf+free', '+default+free', '+fcfs+enforced'])
        expect(parseMethod(name + suffix, models).isBudgetBlind, name + suffix).toBe(false)
    }
  })

  it('reads questions only where its name says so', () => {
    const readers = Object.keys(ourMethods).filter((name) => parseMethod(name, models).base.policy.readsQuestions)
    expect(readers).toEqual(['greedy-reading'])
  })

  it('grants no insurance and no second try to those that were published without', () => {
    for (const name of ['moa+default+enforced', flash, 'random'])
      expect(parseMethod(name, models).base.settings).toEqual({ insures: false, rescuesUnread: false })
    expect(parseMethod('inframind', models).base.settings).toBeUndefined()
  })
})

describe('an ablation', () => {
  const policyOf = (text: string) => parseMethod(text, models).base.policy

  it('takes one thing away and leaves the rest', () => {
    const { policy } = ourMethods['greedy-reading']!
    expect(policyOf('greedy-reading+planner-blind')).toEqual({ ...policy, isBlind: { planner: true, executor: false } })
    expect(policyOf('greedy-reading+noreading')).toEqual({ ...policy, readsQuestions: false })
    expect(policyOf('greedy-reading+scrambled-text')).toEqual({ ...policy, scrambles: { text: true } })
    expect(policyOf('greedy+scrambled-metrics+scrambled-text').scrambles).toEqual({ metrics: true, text: true })
    expect(policyOf('greedy-planner-blind+executor-blind').isBlind).toEqual({ planner: true, executor: true })
    expect(parseMethod('greedy-solo+deepthink', models).base.limits).toEqual({
      maxAgents: 1,
      topology: 'io',
      strategy: 'DeepThink',
    })
  })

  it('can be had of learned policies, which keep what they were trained without', () => {
    const folder = mkdtempSync(join(tmpdir(), 'inframind-policy-'))
    try {
      writePolicy(folder, { settings: { isBlind: { planner: true, executor: false }, scrambles: { text: true } } })
      const [plain, more] = [`policy:${folder}`, `policy:${folder}+executor-blind+flash+fcfs`]
      expect(policyOf(plain)).toMatchObject({
        planner: { kind: 'learned' },
        isBlind: { planner: true, executor: false },
        scrambles: { text: true },
      })
      const method = parseMethod(more, models)
      expect(method).toMatchObject({ scheduler: 'fcfs', isEnforced: true, base: { limits: { strategy: 'Flash' } } })
      expect(method.base.policy).toMatchObject({
        isBlind: { planner: true, executor: true },
        scrambles: { text: true },
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.each(['moa+flash', 'single:small-8b:Flash+blind', 'random+scrambled-text+free'])(
    'is not to be had of %s',
    (text) => {
      expect(problemOf(text)).toMatchObject({ expected: 'an ablation of ours or of a learned policy' })
    },
  )
})

describe('an unknown method', () => {
  it.each([
    ['infarmind', 'inframind', 'a known method'],
    ['greedy-sollo', 'greedy-solo', 'a known method'],
    ['leastloaded', 'least-loaded', 'a known method'],
    ['moa+edff', '+edf', 'a known suffix'],
    ['masruter', 'masrouter', 'a known method'],
    ['moa+', '+edf', 'a known suffix'],
    ['single:smal-8b:Flash', 'small-8b', 'a model of the profile'],
    ['single:small-8b:Flsh', 'Flash', 'a strategy'],
    ['single:small-8b:flash', 'Flash', 'a strategy'],
  ])('%s is refused, and %s is named', (text, near, expected) => {
    expect(problemOf(text)).toMatchObject({ path: '--methods', expected, fix: expect.stringContaining(near) })
  })

  it.each(['', 'zzzzzzzzzz', '+fcfs', 'single:', 'single:small-8b', 'constructor', '__proto__', 'toString'])(
    '%j is refused with all that are known',
    (text) => {
      const { fix } = problemOf(text) ?? { fix: '' }
      expect(fix).toMatch(/^(Known|Did you mean)/)
    },
  )

  it('is told apart from a method for any text: a method or a ConfigError', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('moa', 'single', ':', '+', 'Flash', 'free', 'small-8b', 'valueOf'),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        try {
          expect(parseMethod(parts.join(''), models).base.policy).toBeDefined()
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
        }
      }),
    )
  })
})

describe('best-fixed', () => {
  it.each([
    ['best-fixed', ''],
    [' best-fixed ', ''],
    ['best-fixed+edf+free', '+edf+free'],
  ])('%j is read with its suffix', (text, suffix) => {
    expect(readBestFixed(text)).toEqual({ suffix })
  })

  it('is nothing else', () => {
    for (const text of ['best-fixe', 'moa', 'best-fixed2', '']) expect(readBestFixed(text)).toBeNull()
  })
})
