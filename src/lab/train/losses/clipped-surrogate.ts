/**
 * @file PPO's clipped surrogate and what is logged beside it. Source: Schulman et al. 2017, arXiv 1707.06347, equation 7.
 *
 * ratio = p(taken) / p_old(taken). Estimated divergence of the old from the new policy: (ratio - 1) - ln ratio, which is never
 * negative (Schulman 2020, joschu.net/blog/kl-approx.html).
 */
import { np, type Tensor } from '../networks/index.ts'

export interface Surrogate {
  /** [rows]: -min(ratio A, clip(ratio, 1 - c, 1 + c) A). */
  readonly losses: Tensor
  /** [rows]: (ratio - 1) - ln ratio. */
  readonly approxKl: Tensor
  /** [rows]: 1 where the ratio was outside of the range. */
  readonly clipped: Tensor
}

/** `logs`, `oldLogs`, `advantages`: [rows]; `clipCoef`: one number. */
export function clippedSurrogate(
  logs: Tensor,
  { oldLogs, advantages, clipCoef }: { oldLogs: Tensor; advantages: Tensor; clipCoef: Tensor },
): Surrogate {
  const logRatio = logs.sub(oldLogs)
  const ratio = np.exp(logRatio.ref)
  const [low, high] = [np.subtract(1, clipCoef.ref), clipCoef.ref.add(1)]
  const bounded = np.minimum(np.maximum(ratio.ref, low), high)
  const distance = np.absolute(ratio.ref.sub(1))
  return {
    losses: np.minimum(ratio.ref.mul(advantages.ref), bounded.mul(advantages)).neg(),
    approxKl: ratio.sub(1).sub(logRatio),
    clipped: np.where(distance.greater(clipCoef), 1, 0),
  }
}
