/**
 * @file Terms of a categorical policy, per row: log-probability of what was taken, entropy, divergence, cross-entropy.
 *
 * `logs`: [rows, places] log-probabilities, -1e9 where masked, which adds nothing to any sum. What was taken comes as one-hot
 * rows: the library cannot differentiate a gathering by index. All results are [rows], in nats.
 */
import { np, type Tensor } from '../networks/index.ts'

/** ln p(taken). */
export const takenLogs = (logs: Tensor, oneHot: Tensor): Tensor => np.sum(logs.mul(oneHot), -1)

/** -sum p ln p. */
export const entropies = (logs: Tensor): Tensor => np.sum(np.exp(logs.ref).mul(logs), -1).neg()

/** KL(policy || base) = sum p (ln p - ln q). */
export const divergences = (logs: Tensor, baseLogs: Tensor): Tensor =>
  np.sum(np.exp(logs.ref).mul(logs.sub(baseLogs)), -1)

/** -sum t ln p, for behaviour cloning; `targets` [rows, places] sum to 1, or to 0 where there is nothing to clone. */
export const crossEntropies = (logs: Tensor, targets: Tensor): Tensor => np.sum(logs.mul(targets), -1).neg()

/** sum w x / sum w: rows of weight 0 are padding. */
export const weightedMean = (values: Tensor, weight: Tensor): Tensor =>
  np.sum(values.mul(weight.ref)).div(np.maximum(np.sum(weight), 1e-8))
