import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../core/index.ts'
import { parseBaseline } from '../../../policy/index.ts'
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
    ['moa', 'moa', 'fcfs', false, true],
    ['moa+free+fcfs', 'moa', 'fcfs', false, true],
    ['moa+edf', 'moa+edf+free', 'edf', false, false],
    ['moa+enforced', 'moa+fcfs+enforced', 'fcfs', true, false],
    ['moa+default+enforced', 'moa+default+enforced', 'default', true, false],
    ['least-loaded', 'least-loaded', 'fcfs', false, true],
    ['multi-factor', 'multi-factor', 'fcfs', false, false],
    ['routellm:0.25:Flash', 'routellm:0.25:Flash', 'fcfs', false, true],
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
    fc.assert(
      fc.property(fc.constantFrom(...bases, flash), suffix, (base, end) => {
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
    const readers = methodNames().filter(
      (name) => name !== bestFixed && parseMethod(name, models).base.policy.readsQuestions,
    )
    expect(readers).toEqual(['greedy-reading'])
  })

  it('grants no insurance and no second try to those that were published without', () => {
    for (const name of ['moa+default+enforced', flash, 'random'])
      expect(parseMethod(name, models).base.settings).toEqual({ insures: false, rescuesUnread: false })
    expect(parseMethod('inframind', models).base.settings).toBeUndefined()
  })
})

describe('an unknown method', () => {
  it.each([
    ['infarmind', 'inframind', 'a known method'],
    ['greedy-sollo', 'greedy-solo', 'a known method'],
    ['leastloaded', 'least-loaded', 'a known method'],
    ['moa+edff', '+edf', 'a known suffix'],
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
