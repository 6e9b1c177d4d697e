/** @file The paper's planner: teams of its form, drawn by their probabilities, rules where it may not or cannot decide. */
import { describe, expect, it } from 'vitest'
import { paperModels, paperPrior, paperState } from '../../../../test/policy/paper-pool.ts'
import { plannerProperties } from '../../../../test/policy/planner.properties.ts'
import { ConfigError, createRandom, type Domain, domains } from '../../../core/index.ts'
import { rolesOf } from '../../../team/index.ts'
import { aQuery } from '../../../testing/index.ts'
import { createFeatures, paperTopologies, teamTexts } from '../../embed/index.ts'
import {
  createPaperPlanner,
  initialise,
  logProbabilityOf,
  paperPlannerShapes,
  type ScoredDecision,
} from '../../nn/index.ts'
import type { PolicyFallback } from '../../observe/index.ts'
import { createPolicySet, type PolicySetOptions } from '../../policy-set.ts'
import { type PaperPlannerOptions, paperPlannerConfig } from './paper-planner.ts'
import { readTeamDecision } from './team-decision.ts'

const config = paperPlannerConfig(paperModels.length)
const parameters = initialise(paperPlannerShapes(config), createRandom(4))
const setOf = (options: Partial<PaperPlannerOptions> = {}, parts: Partial<PolicySetOptions> = {}) => {
  const planner = { kind: 'paper' as const, parameters, models: paperModels, ...options }
  return createPolicySet({ prior: paperPrior, models: paperModels, planner, ...parts })
}
const queryOf = (domain: Domain, text: string) =>
  aQuery({ text, domain, budgetMs: 60_000, features: createFeatures(text) })

plannerProperties('paper', () => setOf().planner)

function explored(count: number) {
  const told: ScoredDecision[] = []
  const sink = { decided: (_: string, __: string, decision: ScoredDecision) => void told.push(decision) }
  const { planner } = setOf({ exploration: { random: createRandom(8), sink } })
  const queries = Array.from({ length: count }, (_, index) =>
    queryOf(domains[index % 3] as Domain, `Question ${index}: what is asked?`),
  )
  return { told, plans: queries.map((query) => planner.plan(query, paperState({ load: 0.5 }))), queries }
}

describe("the paper's planner", () => {
  it("forms teams of every topology and size, of the domain's roles, each with an aggregator behind it", () => {
    const { plans, queries } = explored(150)
    expect(new Set(plans.map(({ topology }) => topology))).toEqual(new Set(paperTopologies))
    expect(new Set(plans.map(({ agents }) => agents))).toEqual(new Set([1, 2, 3, 4, 5, 6]))
    for (const [index, { agents, merge, steps, stopsOnAgreement, reason }] of plans.entries()) {
      const names = rolesOf(queries[index]?.domain as Domain).map(({ name }) => name)
      expect(steps.filter(({ role }) => !names.includes(role))).toEqual([])
      expect(merge).toBe(agents === 1 ? 'none' : 'model')
      expect(steps.at(-1)?.kind === 'aggregate').toBe(agents > 1)
      expect({ stopsOnAgreement, reason }).toEqual({ stopsOnAgreement: false, reason: 'paper' })
    }
  })

  it('tells the log-probability of the whole team under the noise that it was drawn with', () => {
    const { told, plans, queries } = explored(20)
    const texts = teamTexts()
    const network = createPaperPlanner(config, { parameters, texts })
    for (const [index, { context, logProbability, query }] of told.entries()) {
      const { load, noise, topology, roles, domain } = readTeamDecision(context)
      network.see(query as Float32Array, load, noise)
      let expected = logProbabilityOf(network.topologyLogits(), topology)
      expected += logProbabilityOf(network.countLogits(), roles.length - 1)
      const members = texts.membersOf(domains[domain] as Domain)
      for (const [place, role] of roles.entries()) {
        const logits = network.roleLogits(topology, roles.slice(0, place))
        const allowed = Float32Array.from(members, (member) => logits[member] as number)
        expected += logProbabilityOf(allowed, members.indexOf(role))
      }
      expect(logProbability).toBeCloseTo(expected, 5)
      expect(plans[index]?.topology).toBe(paperTopologies[topology])
      expect(plans[index]?.agents).toBe(roles.length)
      expect(query).toBe(queries[index]?.features.embedding)
    }
    expect(told).toHaveLength(20)
  })

  it('takes the likeliest of each in serving, the same every time', () => {
    const query = queryOf('math', 'How many primes lie below 40?')
    const [one, other] = [setOf(), setOf()].map(({ planner }) => planner.plan(query, paperState()))
    expect(one).toEqual(other)
    expect(one?.probability).toBeGreaterThan(0)
  })

  it('leaves requests with limits, and those that one agent must answer, to rules', () => {
    const query = queryOf('math', 'How many primes lie below 40?')
    const { planner } = setOf()
    for (const bound of [
      { ...query, limits: { maxAgents: 2 } },
      { ...query, limits: { topology: 'debate' } },
      { ...query, limits: { maxTotalTokens: 9000 } },
      { ...query, soloReason: 'tools' as const },
    ])
      expect(planner.plan(bound, paperState()).reason).not.toBe('paper')
  })

  it('leaves to rules what it cannot say', () => {
    const heard: PolicyFallback[] = []
    const onFallback = (fallback: PolicyFallback) => void heard.push(fallback)
    const query = queryOf('math', 'How many primes lie below 40?')
    const broken = setOf({ parameters: parameters.slice().fill(Number.NaN) }, { onFallback })
    const free = createPolicySet({ prior: paperPrior, models: paperModels })
    expect(broken.planner.plan(query, paperState())).toEqual(free.planner.plan(query, paperState()))
    expect(heard).toEqual([{ level: 'planner', reason: 'logits' }])
  })

  it('is refused on another pool', () => {
    expect(() => setOf({}, { models: paperModels.slice(1) })).toThrow(ConfigError)
  })
})
