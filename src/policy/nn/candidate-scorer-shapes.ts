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
import { blockShapes, linearShapes } from './blocks.ts'
import type { NetworkShapes } from './tensors.ts'

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
