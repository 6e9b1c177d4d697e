import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aSwarm } from '../../../../test/policy/learnt-baselines.ts'
import { ConfigError } from '../../../core/index.ts'
import { allEdges, type GraphEdge, layOutSwarm, takeEdges } from './swarm-graph.ts'
import { likeliestGraph, parseSwarmPolicy } from './swarm-policy.ts'

const roles = { role: 'MathSolver', aggregatorRole: 'Mathematician' }
const anyGraph = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.infiniteStream(fc.boolean()))
  .map(([nodes, coins]) => ({ nodes, edges: takeEdges(allEdges(nodes), () => coins.next().value as boolean) }))

/** Whether one can go from a node back to it. */
function hasCycle(nodes: number, edges: readonly GraphEdge[]): boolean {
  const reach = (from: number, seen: ReadonlySet<number>): boolean =>
    edges.some(([start, end]) => start === from && (seen.has(end) || reach(end, new Set([...seen, end]))))
  return Array.from({ length: nodes }, (_, node) => node).some((node) => reach(node, new Set([node])))
}

describe('edges of a graph', () => {
  it('are all ordered pairs', () => {
    expect(allEdges(3)).toEqual([
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 2],
      [2, 0],
      [2, 1],
    ])
    expect(allEdges(1)).toEqual([])
  })

  it('never close a cycle, and are as many as fit where all are wanted', () => {
    fc.assert(
      fc.property(anyGraph, ({ nodes, edges }) => {
        expect(hasCycle(nodes, edges)).toBe(false)
      }),
    )
    expect(takeEdges(allEdges(5), () => true)).toHaveLength(10)
  })

  it('are offered in their order, and only while they close no cycle', () => {
    const asked: number[] = []
    takeEdges(allEdges(3), (_, place) => {
      asked.push(place)
      return true
    })
    // 0>1, 0>2 and 1>2 shut out their reverses.
    expect(asked).toEqual([0, 1, 3])
  })
})

describe('steps of a graph', () => {
  it('stand behind all that they read, and the aggregator reads every node', () => {
    fc.assert(
      fc.property(anyGraph, ({ nodes, edges }) => {
        const steps = layOutSwarm(nodes, edges, roles)
        const before = new Set<string>()
        for (const { id, dependsOn, reads } of steps) {
          expect(dependsOn.every((read) => before.has(read))).toBe(true)
          expect(reads).toEqual(dependsOn)
          before.add(id)
        }
        expect(steps.filter(({ isLast }) => isLast)).toHaveLength(1)
        expect(steps).toHaveLength(nodes === 1 ? 1 : nodes + 1)
        if (nodes > 1) expect(steps.at(-1)).toMatchObject({ id: 'last', kind: 'aggregate', isLast: true })
        if (nodes > 1) expect(steps.at(-1)?.reads).toHaveLength(nodes)
        const read = steps.filter(({ id }) => id !== 'last').reduce((sum, { reads }) => sum + reads.length, 0)
        expect(read).toBe(edges.length)
      }),
    )
  })

  it('know the longest way to the end, and who only reviews', () => {
    const steps = layOutSwarm(
      3,
      [
        [2, 0],
        [0, 1],
      ],
      roles,
    )
    expect(steps.map(({ id, kind, stepsToEnd }) => [id, kind, stepsToEnd])).toEqual([
      ['0/2', 'solve', 4],
      ['0/0', 'review', 3],
      ['0/1', 'review', 2],
      ['last', 'aggregate', 1],
    ])
  })
})

describe('the most likely graph', () => {
  const models = ['a', 'b', 'c']

  it('holds what is likelier than not, the likeliest first, without cycles', () => {
    const swarm = aSwarm([
      ['a', 'b', 0.7],
      ['b', 'a', 0.9],
      ['b', 'c', 0.5],
      ['c', 'a', 0.51],
    ])
    expect(likeliestGraph(swarm, 'math', models)).toEqual([
      [1, 0],
      [2, 0],
    ])
  })

  it('leaves out models that are not there, and is none where nothing was learnt', () => {
    const swarm = aSwarm([
      ['a', 'gone', 0.9],
      ['gone', 'b', 0.9],
      ['c', 'b', 0.9],
    ])
    expect(likeliestGraph(swarm, 'math', models)).toEqual([[2, 1]])
    expect(likeliestGraph(swarm, 'code', models)).toBeNull()
    expect(likeliestGraph(aSwarm([]), 'math', models)).toEqual([])
  })
})

describe('parseSwarmPolicy', () => {
  it('takes what is written and names what does not fit', () => {
    const swarm = aSwarm([['a', 'b', 0.7]])
    expect(parseSwarmPolicy(JSON.parse(JSON.stringify(swarm)), 'mine.json')).toEqual(swarm)
    const broken = (change: object) => () => parseSwarmPolicy({ ...swarm, ...change }, 'mine.json')
    expect(broken({ schema: 'other/1' })).toThrow(/mine\.json[\s\S]*schema/)
    expect(broken({ graphs: { math: [{ from: 'a', to: 'b', probability: 2 }] } })).toThrow('graphs.math.0.probability')
    expect(broken({ graphs: { physics: [] } })).toThrow(ConfigError)
    expect(() => parseSwarmPolicy(null, 'mine.json')).toThrow(ConfigError)
  })
})
