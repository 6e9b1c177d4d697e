/**
 * @file Scores a set of candidates by their own features and what surrounds them: the network of planner and executor.
 *
 * Every candidate passes through the same weights, and what it competes with reaches it as one attention-pooled vector:
 * neither the number nor the order of candidates is part of the network, so models may come and go without retraining.
 *
 *     context   = LN(relu(c Wc + bc))              candidate_i = LN(relu(f_i Wf + bf))
 *     pool      = attention of query = context Wq over the candidates
 *     joint     = [context; pool]                  gamma = 1 + joint Wg + bg,   beta = joint Wb + bb
 *     z_i       = relu((gamma * candidate_i + beta) W1 + b1)
 *     logit_i   = e^s base_i + z_i . wo
 *
 * Wg, bg, Wb, bb, wo and s start at 0: a fresh network gives the base scores back. Cost: about 2 count H (F + H) flops.
 */
import { createAttention } from './attention.ts'
import { blockShapes, linearShapes, namedBlock, namedLinear } from './blocks.ts'
import { createFilm } from './film.ts'
import { createLinear } from './linear.ts'
import { type NetworkShapes, tensorOf, viewsOf } from './tensors.ts'

export interface CandidateScorerConfig {
  /** Numbers that describe the decision as a whole. */
  readonly contextSize: number
  /** Numbers that describe one candidate. */
  readonly candidateSize: number
  /** Width of every layer; 32 unless told. */
  readonly hidden?: number
}

export interface CandidateScorerInput {
  /** [contextSize]. */
  readonly context: Float32Array
  /** [count, candidateSize], row by row; may be longer. */
  readonly candidates: Float32Array
  readonly count: number
  /** [count]: what the correction is added to; may be longer. */
  readonly base: Float32Array
}

export interface CandidateScorer {
  /** [count]: logits, in an array that the next call writes over. */
  score(input: CandidateScorerInput): Float32Array
}

export const defaultHidden = 32

export function candidateScorerShapes(config: CandidateScorerConfig): NetworkShapes {
  const { contextSize, candidateSize, hidden = defaultHidden } = config
  return [
    ...blockShapes('context', { inputs: contextSize, outputs: hidden }),
    ...blockShapes('candidate', { inputs: candidateSize, outputs: hidden }),
    { name: 'query.weight', shape: [hidden, hidden], start: 'lecun' },
    ...linearShapes('film.gamma', { inputs: 2 * hidden, outputs: hidden, start: 'zeros' }),
    ...linearShapes('film.beta', { inputs: 2 * hidden, outputs: hidden, start: 'zeros' }),
    ...linearShapes('hidden', { inputs: hidden, outputs: hidden }),
    { name: 'output.weight', shape: [hidden, 1], start: 'zeros' },
    { name: 'base.scale', shape: [1], start: 'zeros' },
  ]
}

/** Reads `parameters` as they are at each call. Throws `INVARIANT_VIOLATED` if their number does not fit. */
export function createCandidateScorer(config: CandidateScorerConfig, parameters: Float32Array): CandidateScorer {
  const { hidden = defaultHidden } = config
  const tensors = viewsOf(candidateScorerShapes(config), parameters)
  const joint = new Float32Array(2 * hidden)
  const pool = joint.subarray(hidden)
  const [query, gamma, beta] = [new Float32Array(hidden), new Float32Array(hidden), new Float32Array(hidden)]
  const contextBlock = namedBlock(tensors, 'context')
  const candidateBlock = namedBlock(tensors, 'candidate')
  const queryLayer = createLinear({ weight: tensorOf(tensors, 'query.weight'), bias: null, outputs: hidden })
  const attend = createAttention({ query })
  const gammaLayer = namedLinear(tensors, 'film.gamma')
  const betaLayer = namedLinear(tensors, 'film.beta')
  const modulate = createFilm({ gamma, beta })
  const hiddenLayer = namedLinear(tensors, 'hidden', 'relu')
  const outputLayer = createLinear({ weight: tensorOf(tensors, 'output.weight'), bias: null, outputs: 1 })
  const logScale = tensorOf(tensors, 'base.scale')
  let keys = new Float32Array(16 * hidden)
  let inner = new Float32Array(16 * hidden)
  const logitsOf = createLogits()

  return {
    score({ context, candidates, count, base }) {
      if (count * hidden > keys.length) {
        keys = new Float32Array(2 * count * hidden)
        inner = new Float32Array(2 * count * hidden)
      }
      const logits = logitsOf(count)
      contextBlock(context, joint, 1)
      candidateBlock(candidates, keys, count)
      queryLayer(joint, query, 1)
      attend(keys, pool, count)
      gammaLayer(joint, gamma, 1)
      for (let index = 0; index < hidden; index += 1) gamma[index]! += 1
      betaLayer(joint, beta, 1)
      modulate(keys, keys, count)
      hiddenLayer(keys, inner, count)
      outputLayer(inner, logits, count)
      const scale = Math.exp(logScale[0]!)
      for (let index = 0; index < count; index += 1) logits[index]! += scale * base[index]!
      return logits
    },
  }
}

/** One array for each count, so that nothing is allocated for a count seen before. */
function createLogits(): (count: number) => Float32Array {
  const byCount = new Map<number, Float32Array>()
  return (count) => {
    const known = byCount.get(count)
    if (known !== undefined) return known
    const logits = new Float32Array(count)
    byCount.set(count, logits)
    return logits
  }
}
