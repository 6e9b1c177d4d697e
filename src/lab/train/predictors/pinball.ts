/**
 * @file The quantile (pinball) loss, and the monotone head it is applied to, on jax-js.
 *
 *   loss(q, y) = max(p (y - q), (p - 1)(y - q)), averaged over the levels p
 * It is least where q is the p-quantile of y. The head is that of `policy/predict/neural/quantiles.ts`: what trains is what
 * serves. Arrays are counted by reference here: what a function takes it uses up.
 *
 * Source: Koenker and Bassett 1978.
 */
import { levelCount, quantileLevels } from '../../../policy/index.ts'
import { np, type Tensor } from '../networks/index.ts'

/**
 * ln(1 + e^x) = max(x, 0) + ln(y), y = 1 + e^-|x|. The library's logarithm is off by up to 1.2e-5, which five steps would add
 * up; one step of Newton's method on it, l + y e^-l - 1, leaves the error of its exponential (6e-7).
 */
function softplus(x: Tensor): Tensor {
  const y = np.exp(np.negative(np.abs(x.ref))).add(1)
  const rough = np.log(y.ref)
  const fine = rough.ref.add(y.mul(np.exp(np.negative(rough)))).sub(1)
  return np.maximum(x, 0).add(fine)
}

/** `outputs` [rows, levelCount] of a head -> ascending quantiles. */
export function monotone(outputs: Tensor): Tensor {
  const first = outputs.ref.slice([], [0, 1])
  const steps = softplus(outputs.slice([], [1, levelCount]))
  // Upper triangle of ones: running sums of the steps.
  const sums = np.matmul(steps, np.triu(np.ones([levelCount - 1, levelCount - 1])))
  return np.concatenate([first.ref, first.add(sums)], 1)
}

/** `quantiles` [rows, levelCount], `targets` [rows, 1] -> mean over levels [rows]. */
export function pinball(quantiles: Tensor, targets: Tensor): Tensor {
  const levels = np.array([...quantileLevels])
  const error = targets.sub(quantiles)
  const over = error.ref.mul(levels.ref)
  const under = error.mul(levels.sub(1))
  return np.mean(np.maximum(over, under), 1)
}

/** The same for one value and its quantiles, in plain numbers: for measuring. */
export function pinballOf(quantileOf: (p: number) => number, value: number): number {
  let sum = 0
  for (const p of quantileLevels) {
    const error = value - quantileOf(p)
    sum += Math.max(p * error, (p - 1) * error)
  }
  return sum / levelCount
}
