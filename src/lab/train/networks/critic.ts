/**
 * @file The critic: what a state is worth. For training only, so it may see what no policy sees (the question's difficulty).
 *
 *     x = [context; mean of allowed candidates; maximum of allowed candidates; privileged]
 *     value = relu(LN(relu(x Wt + bt)) Wi + bi) Wv + bv,   64 wide unless told; Wv starts at 0.
 *
 * Trunk of its own: its gradient does not pass through the policy.
 */
import { blockShapes, linearShapes, type NetworkShapes } from '../../../policy/index.ts'
import { type BatchedScorerConfig, candidateScorer } from './candidate-scorer.ts'
import { np, type Tensor } from './jax.ts'
import { block, linear, masked, rectifiedLinear } from './layers.ts'
import type { Trainable, Weights } from './trainable.ts'

export interface CriticConfig {
  /** Numbers that only the critic sees; 0 for none. */
  readonly privilegedSize: number
  /** 64 unless told. */
  readonly hidden?: number
}

type CriticInputs = Pick<BatchedScorerConfig, 'contextSize' | 'candidateSize'>

export function criticShapes(config: CriticConfig, { contextSize, candidateSize }: CriticInputs): NetworkShapes {
  const { privilegedSize, hidden = 64 } = config
  return [
    ...blockShapes('trunk', { inputs: contextSize + 2 * candidateSize + privilegedSize, outputs: hidden }),
    ...linearShapes('inner', { inputs: hidden, outputs: hidden }),
    ...linearShapes('value', { inputs: hidden, outputs: 1, start: 'zeros' }),
  ]
}

/** [rows]. Inputs as of the scorer, and `privileged` [rows, P] where `hasPrivileged`. */
export function criticValues(weights: Weights, inputs: Weights, hasPrivileged: boolean): Tensor {
  const candidates = inputs('candidates')
  const [rows, places] = candidates.shape as [number, number, number]
  const mask = inputs('mask').reshape([rows, places, 1])
  const allowed = np.sum(mask.ref, 1)
  const any = np.minimum(allowed.ref, 1)
  const mean = np.sum(candidates.ref.mul(mask.ref), 1).div(np.maximum(allowed, 1))
  const most = np.max(masked(candidates, mask), 1).mul(any)
  const privileged = hasPrivileged ? [inputs('privileged')] : []
  const trunk = block(weights, 'trunk', np.concatenate([inputs('context'), mean, most, ...privileged], -1))
  return linear(weights, 'value', rectifiedLinear(weights, 'inner', trunk)).reshape([rows])
}

const prefixed = (prefix: string, shapes: NetworkShapes): NetworkShapes =>
  shapes.map((shape) => ({ ...shape, name: `${prefix}/${shape.name}` }))

/** Scorer and critic as one network: the scorer's parameters come first, so `policyParameters` are a view of the whole. */
export function candidateActorCritic(config: BatchedScorerConfig, critic: CriticConfig): Trainable {
  const scorer = candidateScorer(config)
  const hasPrivileged = critic.privilegedSize > 0
  return {
    ...scorer,
    shapes: [...prefixed('policy', scorer.shapes), ...prefixed('critic', criticShapes(critic, config))],
    inputs: { ...scorer.inputs, ...(hasPrivileged && { privileged: [critic.privilegedSize] }) },
    forward: (weights, inputs) => ({
      logits: scorer.forward((name) => weights(`policy/${name}`), inputs).logits,
      values: criticValues((name) => weights(`critic/${name}`), inputs, hasPrivileged),
    }),
  }
}
