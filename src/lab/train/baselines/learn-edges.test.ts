import { describe, expect, it } from 'vitest'
import { keyedRandom } from '../../../core/index.ts'
import type { GraphEdge } from '../../../policy/index.ts'
import { type GraphProblem, learnEdges } from './learn-edges.ts'

const has = (edges: readonly GraphEdge[], from: number, to: number) =>
  edges.some(([start, end]) => start === from && end === to)

/** Node 0 helps node 2, node 1 misleads it, 2 > 0 does nothing; the rest is luck, shared by the graphs of a question. */
const planted: GraphProblem = {
  nodes: 3,
  questions: 40,
  reward: (edges, { iteration, question }) => {
    const chance = 0.5 + (has(edges, 0, 2) ? 0.15 : 0) - (has(edges, 1, 2) ? 0.15 : 0)
    return keyedRandom(9, `${iteration}|${question}`).uniform() < chance ? 1 : 0
  },
}
const settings = { iterations: 80, samples: 4, learningRate: 0.1, seed: 1 }

const chanceOf = ({ edges, probabilities }: ReturnType<typeof learnEdges>, from: number, to: number) =>
  probabilities[edges.findIndex(([start, end]) => start === from && end === to)] as number

describe('learning edges', () => {
  it.each([1, 2, 3, 4, 5])('turns on what helps and off what hurts, seed %i', (seed) => {
    const learnt = learnEdges(planted, { ...settings, seed })
    expect(chanceOf(learnt, 0, 2)).toBeGreaterThan(0.8)
    expect(chanceOf(learnt, 1, 2)).toBeLessThan(0.2)
    const late = learnt.rewards.slice(-20).reduce((sum, reward) => sum + reward, 0) / 20
    const early = learnt.rewards.slice(0, 5).reduce((sum, reward) => sum + reward, 0) / 5
    expect(late).toBeGreaterThan(early + 0.03)
  })

  it('moves nothing where edges do not matter', () => {
    const { probabilities } = learnEdges(
      { ...planted, reward: ({ length: _ }, { question }) => question % 2 },
      settings,
    )
    expect(probabilities).toEqual(probabilities.map(() => 0.5))
  })

  it('gives the same chances under the same seed, and others under another', () => {
    const learn = (seed: number) => learnEdges(planted, { ...settings, iterations: 10, seed }).probabilities
    expect(learn(7)).toEqual(learn(7))
    expect(learn(7)).not.toEqual(learn(8))
  })

  it('asks for graphs without cycles alone', () => {
    learnEdges(
      {
        ...planted,
        reward: (edges) => {
          expect(edges.some(([from, to]) => has(edges, to, from))).toBe(false)
          return 0
        },
      },
      { ...settings, iterations: 2 },
    )
  })
})
