import { describe, expect, it } from 'vitest'
import type { Plan } from '../../core/index.ts'
import { builtInTopologies, createTopologyBook, rolesOf } from '../../team/index.ts'
import { drawPlan } from './random-policies.ts'

const options = { topologies: createTopologyBook(), seed: 3, maxAgents: 4 }
const query = { domain: 'math', soloReason: null } as const
const many: readonly Plan[] = Array.from({ length: 400 }, (_, index) =>
  drawPlan({ ...query, runId: `run_${index}` }, options),
)

describe('a random team', () => {
  it('is the same for the same run and seed, whatever was drawn before', () => {
    expect(drawPlan({ ...query, runId: 'run_7' }, options)).toEqual(many[7])
    expect(drawPlan({ ...query, runId: 'run_7' }, { ...options, seed: 4 })).not.toEqual(many[7])
  })

  it('has every topology, every size and every role of the domain', () => {
    expect(new Set(many.map(({ topology }) => topology))).toEqual(new Set(builtInTopologies.map(({ id }) => id)))
    expect(new Set(many.map(({ agents }) => agents))).toEqual(new Set([1, 2, 3, 4]))
    const roles = new Set(many.flatMap(({ steps }) => steps.map(({ role }) => role)))
    for (const { name } of rolesOf('math')) expect(roles).toContain(name)
  })

  it('never stops early and never votes: every step gives a prompt', () => {
    for (const { stopsOnAgreement, merge, steps } of many) {
      expect(stopsOnAgreement).toBe(false)
      expect(merge).not.toBe('vote')
      expect(steps.filter(({ isLast }) => isLast)).toHaveLength(1)
    }
    expect(many.some(({ steps }) => steps.at(-1)?.kind === 'aggregate')).toBe(true)
  })

  it('is one agent with one call for chat', () => {
    for (let index = 0; index < 20; index += 1) {
      const plan = drawPlan({ runId: `run_${index}`, domain: 'general', soloReason: 'chat' }, options)
      expect([plan.topology, plan.steps.length]).toEqual(['io', 1])
    }
  })
})
