import { describe, expect, it } from 'vitest'
import { ConfigError, domains, InframindError } from '../../core/index.ts'
import { aggregatorRoleOf, importanceOf, parseRoleFile, pickRoles, role, rolesOf } from './role-book.ts'

describe('the role files', () => {
  it('hold a team for every domain, 12 roles and more in all', () => {
    const names = new Set(domains.flatMap((domain) => rolesOf(domain).map(({ name }) => name)))
    expect(names.size).toBeGreaterThanOrEqual(12)
    for (const domain of domains) expect(rolesOf(domain).length).toBeGreaterThanOrEqual(4)
  })

  it('give a name the same importance wherever it stands', () => {
    for (const domain of domains) {
      for (const { name, importance } of rolesOf(domain)) expect([name, importanceOf(name)]).toEqual([name, importance])
    }
  })

  it('give a name used in several domains a text for each', () => {
    expect(role('Judge', 'math').text).not.toBe(role('Judge', 'knowledge').text)
    expect(role('ProgrammingExpert', 'math').text).not.toBe(role('ProgrammingExpert', 'code').text)
  })
})

describe('the default team', () => {
  it.each(domains)('of %s has as many roles as agents, and a critical one that answers first', (domain) => {
    for (const agents of [1, 2, 3, 6, 9]) expect(pickRoles(domain, agents)).toHaveLength(agents)
    const first = role(pickRoles(domain, 1)[0] as string, domain)
    expect(first).toMatchObject({ importance: 'critical', output: 'answer' })
  })

  it.each(domains)('of %s can vote: its first three roles answer', (domain) => {
    for (const id of pickRoles(domain, 3)) expect(role(id, domain).output).toBe('answer')
  })

  it('starts over when it is larger than the line-up', () => {
    expect(pickRoles('general', 5)).toEqual(['Generalist', 'Analyst', 'Critic', 'Editor', 'Generalist'])
  })

  it.each(domains)('of %s has an aggregator outside the line-up whose word decides', (domain) => {
    const id = aggregatorRoleOf(domain)
    expect(pickRoles(domain, 6)).not.toContain(id)
    expect(role(id, domain)).toMatchObject({ importance: 'critical', output: 'answer' })
  })
})

describe('looking a role up', () => {
  it('falls back to another domain that has it', () => {
    expect(role('Historian', 'math')).toBe(role('Historian', 'knowledge'))
  })

  it('fails on a name that no file has', () => {
    expect(() => role('Nobody', 'math')).toThrow(InframindError)
    expect(() => importanceOf('Nobody')).toThrow('no role is named Nobody')
  })
})

describe('a role file', () => {
  const oneRole = (name: string) =>
    `  - { name: ${name}, description: d, importance: critical, aggregation: plain, output: answer, temperature: 0, text: t }`
  const file = (lineUp: string, names: readonly string[], more = '') =>
    ['domain: math', 'aggregator: Aaa', `lineUp: [${lineUp}]`, 'roles:', ...names.map(oneRole), more].join('\n')
  const names = ['Aaa', 'Bbb', 'Ccc', 'Ddd']

  it('is accepted in this form', () => {
    expect(parseRoleFile(file('Aaa, Bbb, Ccc', names), 'test').lineUp).toEqual(['Aaa', 'Bbb', 'Ccc'])
  })

  it.each([
    ['a line-up with a stranger', file('Aaa, Bbb, Zzz', names), 'Zzz'],
    ['a role twice', file('Aaa, Bbb, Ccc', [...names, 'Ddd']), 'a name twice'],
    ['an unknown key', file('Aaa, Bbb, Ccc', names, 'extra: 1'), 'extra'],
    [
      'a temperature out of range',
      file('Aaa, Bbb, Ccc', names).replace('temperature: 0', 'temperature: 7'),
      'roles.0.temp',
    ],
    ['nothing', '', '(top)'],
  ])('is refused with %s', (_, text, told) => {
    expect(() => parseRoleFile(text, 'test')).toThrow(ConfigError)
    expect(() => parseRoleFile(text, 'test')).toThrow(told)
  })
})
