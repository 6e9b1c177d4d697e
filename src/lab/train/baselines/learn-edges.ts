/**
 * @file Learns which edges of a graph help: REINFORCE over the chance of each, as GPTSwarm does.
 *
 *     p_e = sigma(logit_e),   gradient of logit_e = mean over samples of A (taken_e - p_e), edges that closed a cycle left out
 *
 * Every question is answered along a few sampled graphs with the same luck; A is what a sample's reward is above the mean of
 * the others, so neither the question nor its luck enters. Chances start at one half.
 * Source: Zhuge et al. 2024, arXiv 2402.16823; the baseline is leave-one-out (Kool et al. 2019) instead of a running mean.
 */
import { createRandom, logistic } from '../../../core/index.ts'
import { allEdges, type GraphEdge, takeEdges } from '../../../policy/index.ts'
import { createAdam } from '../optimiser/index.ts'

export interface GraphProblem {
  readonly nodes: number
  /** Questions of one iteration. */
  readonly questions: number
  /** What the answer along `edges` is worth, 0-1; the same luck for the same `at`. */
  reward(edges: readonly GraphEdge[], at: { readonly iteration: number; readonly question: number }): number
}

export interface EdgeSettings {
  readonly iterations: number
  /** Graphs sampled for each question; at least 2. */
  readonly samples: number
  /** Of the first iteration; a tenth of it in the last. */
  readonly learningRate: number
  readonly seed: number
}

export interface LearntEdges {
  readonly edges: readonly GraphEdge[]
  /** [edges], 0-1. */
  readonly probabilities: readonly number[]
  /** Mean reward of the sampled graphs, by iteration. */
  readonly rewards: readonly number[]
}

/** What was done with an edge of one sample. */
const [untouched, left, taken] = [0, 1, 2]

export function learnEdges(problem: GraphProblem, settings: EdgeSettings): LearntEdges {
  const { iterations, samples, learningRate, seed } = settings
  const edges = allEdges(problem.nodes)
  const logits = new Float32Array(edges.length)
  const adam = createAdam(edges.length, { maxGradNorm: null })
  const random = createRandom(seed)
  const rewards: number[] = []
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const chances = [...logits].map(logistic)
    const gradient = new Float32Array(edges.length)
    let sum = 0
    for (let question = 0; question < problem.questions; question += 1) {
      const drawn = Array.from({ length: samples }, () => {
        const marks = new Uint8Array(edges.length)
        const graph = takeEdges(edges, (_, place) => {
          const takes = random.uniform() < (chances[place] as number)
          marks[place] = takes ? taken : left
          return takes
        })
        return { marks, reward: problem.reward(graph, { iteration, question }) }
      })
      const total = drawn.reduce((all, { reward }) => all + reward, 0)
      sum += total / samples
      for (const { marks, reward } of drawn) {
        const advantage = reward - (total - reward) / (samples - 1)
        addScore(gradient, { marks, chances, weight: -advantage / (samples * problem.questions) })
      }
    }
    rewards.push(sum / problem.questions)
    adam.update(logits, gradient, learningRate * (1 - (0.9 * iteration) / iterations))
  }
  return { edges, probabilities: [...logits].map(logistic), rewards }
}

/** Adds `weight` times the gradient of the sample's log-probability. */
function addScore(
  gradient: Float32Array,
  {
    marks,
    chances,
    weight,
  }: { readonly marks: Uint8Array; readonly chances: readonly number[]; readonly weight: number },
): void {
  if (weight === 0) return
  for (const [place, mark] of marks.entries()) {
    if (mark === untouched) continue
    gradient[place]! += weight * ((mark === taken ? 1 : 0) - (chances[place] as number))
  }
}
