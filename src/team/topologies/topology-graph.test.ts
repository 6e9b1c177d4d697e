import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InframindError, type MergeKind, type PlannedStep } from '../../core/index.ts'
import { describeTopology, mergeInEffect } from './describe-topology.ts'
import { type LayOutInput, layOut } from './lay-out.ts'
import { builtInTopologies, type Topology, topologySchema } from './topology.ts'

const named = (id: string) => builtInTopologies.find((topology) => topology.id === id) as Topology
const team = (topology: Topology, agents: number, merge: MergeKind = 'model'): LayOutInput => ({
  topology,
  agents,
  roles: ['MathSolver', 'Mathematician', 'Inspector'],
  merge,
  aggregatorRole: 'Judge',
})
const lay = (id: string, agents: number, merge?: MergeKind) => layOut(team(named(id), agents, merge))
const edges = (steps: readonly PlannedStep[]) => Object.fromEntries(steps.map(({ id, reads }) => [id, reads.join(' ')]))

/** Every valid topology that the schema admits. */
const anyTopology: fc.Arbitrary<Topology> = fc
  .record({
    description: fc.constant('drawn'),
    rounds: fc.integer({ min: 1, max: 4 }),
    edgesWithinRound: fc.constantFrom('none', 'chain', 'earlier'),
    edgesFromPreviousRound: fc.constantFrom('none', 'others', 'all', 'self'),
    selfReview: fc.boolean(),
    aggregator: fc.boolean(),
    escalation: fc.boolean(),
  })
  .map((data) => topologySchema.safeParse(data))
  .filter((parsed) => parsed.success)
  .map((parsed) => ({ id: 'drawn', ...(parsed.data as Omit<Topology, 'id'>) }))
const anyMerge = fc.constantFrom<MergeKind[]>('model', 'vote', 'none')
const anyTeam = fc
  .tuple(fc.oneof(anyTopology, fc.constantFrom(...builtInTopologies)), fc.integer({ min: 1, max: 6 }), anyMerge)
  .map(([topology, agents, merge]) => team(topology, agents, merge))

describe('the table of topologies: calls and hops of K agents', () => {
  type Count = (k: number) => number
  const table: readonly (readonly [id: string, calls: Count, hops: Count])[] = [
    ['io', (k) => k + 1, () => 2],
    ['cot', (k) => k + 1, () => 2],
    ['chain', (k) => k + 1, (k) => k + 1],
    ['full-connected', (k) => k + 1, (k) => k + 1],
    ['debate', (k) => 2 * k + 1, () => 3],
    ['reflection', (k) => 2 * k + 1, () => 3],
    ['full-connected-parallel', (k) => 2 * k + 1, () => 3],
    ['probe', (k) => k + 1, () => 2],
  ]
  const rows = table.flatMap(([id, calls, hops]) => [2, 3, 4, 6].map((k) => [id, k, calls(k), hops(k)] as const))

  it('has a row for every built-in topology', () => {
    expect(table.map(([id]) => id)).toEqual(builtInTopologies.map(({ id }) => id))
  })

  it.each(rows)('%s with %i agents: %i calls, %i hops, as described and as laid out', (id, agents, calls, hops) => {
    const steps = lay(id, agents)
    expect(describeTopology(named(id), agents)).toMatchObject({ calls, hops })
    expect(steps).toHaveLength(calls)
    expect(Math.max(...steps.map(({ stepsToEnd }) => stepsToEnd))).toBe(hops)
  })

  it.each([
    ['io', 1],
    ['cot', 1],
    ['chain', 1],
    ['full-connected', 1],
    ['debate', 1],
    ['probe', 1],
    ['reflection', 2],
    ['full-connected-parallel', 2],
  ])('%s with one agent takes %i calls: nobody to debate with, nothing to aggregate', (id, calls) => {
    const steps = lay(id, 1)
    expect(describeTopology(named(id), 1)).toMatchObject({ calls, hops: calls })
    expect(steps).toHaveLength(calls)
    expect(steps.filter(({ isLast }) => isLast)).toEqual([steps.at(-1)])
    expect(steps.every(({ kind }) => kind === 'solve' || kind === 'revise')).toBe(true)
  })

  it('counts edges read', () => {
    const growth = (id: string) => describeTopology(named(id), 4).promptGrowth
    expect(['io', 'chain', 'full-connected', 'debate', 'reflection', 'probe'].map(growth)).toEqual([4, 7, 10, 16, 8, 0])
  })

  it('refuses a team of nobody', () => {
    for (const agents of [0, -1, 1.5, Number.NaN]) {
      expect(() => describeTopology(named('io'), agents)).toThrow(InframindError)
      expect(() => layOut(team(named('io'), agents))).toThrow(InframindError)
    }
    expect(() => layOut({ ...team(named('io'), 2), roles: [] })).toThrow('at least one role')
  })
})

describe('who reads whom', () => {
  it('chain: the one before', () => {
    expect(edges(lay('chain', 3))).toEqual({ '0/0': '', '0/1': '0/0', '0/2': '0/1', last: '0/0 0/1 0/2' })
  })

  it('full-connected: all before', () => {
    expect(edges(lay('full-connected', 3))).toEqual({ '0/0': '', '0/1': '0/0', '0/2': '0/0 0/1', last: '0/0 0/1 0/2' })
  })

  it('debate: in the second round all others', () => {
    const expected = { '0/0': '', '0/1': '', '0/2': '', '1/0': '0/1 0/2', '1/1': '0/0 0/2', '1/2': '0/0 0/1' }
    expect(edges(lay('debate', 3))).toEqual({ ...expected, last: '1/0 1/1 1/2' })
  })

  it('full-connected-parallel: in the second round all', () => {
    expect(edges(lay('full-connected-parallel', 2))).toMatchObject({ '1/0': '0/0 0/1', '1/1': '0/0 0/1' })
  })

  it('reflection: its own answer', () => {
    expect(edges(lay('reflection', 2))).toEqual({ '0/0': '', '0/1': '', '1/0': '0/0', '1/1': '0/1', last: '1/0 1/1' })
  })

  it('calls steps by what they do', () => {
    const kinds = (id: string) => lay(id, 2).map(({ kind }) => kind)
    expect(kinds('io')).toEqual(['solve', 'solve', 'aggregate'])
    expect(kinds('chain')).toEqual(['solve', 'review', 'aggregate'])
    expect(kinds('debate')).toEqual(['solve', 'solve', 'review', 'review', 'aggregate'])
    expect(kinds('reflection')).toEqual(['solve', 'solve', 'revise', 'revise', 'aggregate'])
  })

  it('keeps an agent in its role over the rounds, and starts a short line-up over', () => {
    const roles = lay('debate', 4).map((step) => step.role)
    const round = ['MathSolver', 'Mathematician', 'Inspector', 'MathSolver']
    expect(roles).toEqual([...round, ...round, 'Judge'])
    expect(lay('io', 3).map(({ importance }) => importance)).toEqual(['critical', 'critical', 'support', 'critical'])
  })
})

describe('probe', () => {
  const steps = lay('probe', 2)
  const escalation = steps.at(-1) as PlannedStep

  it('runs its probes side by side, reading nothing', () => {
    for (const probe of steps.slice(0, -1)) {
      expect(probe).toMatchObject({ dependsOn: [], reads: [], isEscalation: false, isLast: false, stepsToEnd: 2 })
    }
  })

  it('escalates in one step that waits for the probes, reads neither and has the last word', () => {
    const expected = {
      id: '1/0',
      kind: 'solve',
      dependsOn: ['0/0', '0/1'],
      reads: [],
      isEscalation: true,
      isLast: true,
    }
    expect(escalation).toMatchObject({ ...expected, importance: 'critical', stepsToEnd: 1 })
  })

  it('takes the escalation for critical whatever its role', () => {
    const supported = layOut({ ...team(named('probe'), 2), roles: ['Inspector'] })
    expect(supported.map(({ importance }) => importance)).toEqual(['support', 'support', 'critical'])
  })

  it('puts the escalation to the vote where merging is by vote', () => {
    const voted = lay('probe', 2, 'vote')
    expect(voted.map(({ id }) => id)).toEqual(['0/0', '0/1', '1/0'])
    expect(voted.some(({ isLast }) => isLast)).toBe(false)
  })
})

describe('merging', () => {
  it.each([
    ['io', 3, 'model', 'model'],
    ['io', 3, 'vote', 'vote'],
    ['io', 3, 'none', 'model'],
    ['io', 1, 'model', 'none'],
    ['io', 1, 'vote', 'none'],
    ['chain', 3, 'none', 'none'],
    ['full-connected', 3, 'none', 'none'],
    ['debate', 3, 'none', 'model'],
    ['reflection', 1, 'model', 'none'],
    ['probe', 2, 'model', 'none'],
    ['probe', 2, 'vote', 'vote'],
  ] as const)('%s with %i agents, asked for %s, is by %s', (id, agents, merge, expected) => {
    expect(mergeInEffect(named(id), agents, merge)).toBe(expected)
    const steps = lay(id, agents, merge)
    expect(steps.filter(({ isLast }) => isLast)).toHaveLength(expected === 'vote' ? 0 : 1)
    expect(steps.some(({ kind }) => kind === 'aggregate')).toBe(expected === 'model')
  })

  it('by none lets the end of the chain speak', () => {
    expect(lay('chain', 3, 'none').map(({ isLast }) => isLast)).toEqual([false, false, true])
  })
})

describe('any team of any topology', () => {
  it('is laid out in an order that respects its edges, without cycles, every id once', () => {
    fc.assert(
      fc.property(anyTeam, (input) => {
        const seen = new Set<string>()
        for (const step of layOut(input)) {
          for (const id of step.dependsOn) expect(seen.has(id)).toBe(true)
          for (const id of step.reads) expect(step.dependsOn).toContain(id)
          expect(seen.has(step.id)).toBe(false)
          seen.add(step.id)
        }
      }),
    )
  })

  it('knows the longest chain from each step to the end, and leaves no step unused', () => {
    fc.assert(
      fc.property(anyTeam, (input) => {
        const steps = layOut(input)
        // From the end backwards, by the definition: one more than the longest of those that wait for it.
        const longest = new Map<string, number>()
        for (const { id } of steps.toReversed()) {
          const after = steps.filter(({ dependsOn }) => dependsOn.includes(id))
          longest.set(id, 1 + Math.max(0, ...after.map((next) => longest.get(next.id) as number)))
        }
        for (const step of steps) expect(step.stepsToEnd).toBe(longest.get(step.id))
        const ends = steps.filter(({ stepsToEnd }) => stepsToEnd === 1)
        if (mergeInEffect(input.topology, input.agents, input.merge) !== 'vote') {
          expect(ends).toEqual(steps.filter(({ isLast }) => isLast))
          expect(ends).toHaveLength(1)
        } else expect(steps.some(({ isLast }) => isLast)).toBe(false)
      }),
    )
  })

  it('costs what is described', () => {
    fc.assert(
      fc.property(anyTeam, (input) => {
        const steps = layOut(input)
        expect(describeTopology(input.topology, input.agents, input.merge)).toEqual({
          calls: steps.length,
          hops: Math.max(...steps.map(({ stepsToEnd }) => stepsToEnd)),
          promptGrowth: steps.reduce((sum, { reads }) => sum + reads.length, 0),
        })
      }),
    )
  })

  it('is shared, and cannot be changed', () => {
    const input = team(named('debate'), 3)
    const steps = layOut(input)
    expect(layOut({ ...input, roles: [...input.roles] })).toBe(steps)
    expect(layOut({ ...input, agents: 2 })).not.toBe(steps)
    expect(layOut({ ...input, merge: 'vote' })).not.toBe(steps)
    expect(layOut({ ...input, aggregatorRole: 'Inspector' })).not.toBe(steps)
    expect(layOut({ ...input, roles: ['Inspector'] })).not.toBe(steps)
    expect(() => Object.assign(steps[0] as PlannedStep, { role: 'x' })).toThrow(TypeError)
    for (const { reads } of [...steps, ...lay('probe', 2)]) {
      expect(() => (reads as string[]).push('x')).toThrow(TypeError)
    }
  })
})
