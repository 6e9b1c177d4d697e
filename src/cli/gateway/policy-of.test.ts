import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../serve/index.ts'
import { policyOf } from './policy-of.ts'

const policyIn = (policy: string) =>
  policyOf(
    loadConfig({ text: `{ version: 1, engines: [{ url: "http://a:1" }], policy: ${policy} }` }, { env: {} }).policy,
  )

describe('policyOf', () => {
  it('takes names as they are, and a safety factor only where one is set', () => {
    expect(policyIn('{}')).toEqual({ planner: 'rules', executor: 'slack-greedy', discipline: 'edf-demote' })
    expect(policyIn('{ executor: least-loaded, discipline: fcfs, safety: 1.5 }')).toEqual({
      planner: 'rules',
      executor: 'least-loaded',
      discipline: 'fcfs',
      safety: 1.5,
    })
    expect(policyIn('{ executor: mcpp }')).toMatchObject({ executor: 'mcpp' })
  })

  it('says what fixed policies are fixed to, one Concise agent by default', () => {
    expect(policyIn('{ planner: fixed, executor: fixed, fixed: { model: m } }')).toMatchObject({
      planner: { kind: 'fixed', topology: 'io', agents: 1 },
      executor: { kind: 'fixed', model: 'm', strategy: 'Concise' },
    })
    const fixed = '{ topology: debate, agents: 3, model: m, strategy: flash }'
    expect(policyIn(`{ planner: fixed, executor: fixed, fixed: ${fixed} }`)).toMatchObject({
      planner: { kind: 'fixed', topology: 'debate', agents: 3 },
      executor: { kind: 'fixed', model: 'm', strategy: 'Flash' },
    })
  })
})
