/**
 * @file The quantile (pinball) loss, and the monotone head it is applied to, in jax-js.
 *
 *   loss(q, y) = max(p (y - q), (p - 1)(y - q)), averaged over the levels p
 * It is least where q is the p-quantile of y. The head is that of `policy/predict/neural/quantiles.ts`: what trains is what
 * serves. Arrays are counted by reference here: what a function takes it uses up.
 *
 * Source: Koenker and Bassett 1978.
 */
import { nn, numpy as np } from '@jax-js/jax'
import { levelCount, quantileLevels } from '../../../policy/index.ts'

type JaxArray = np.Array

/** `outputs` [rows, levelCount] of a head -> ascending quantiles. */
export function monotone(outputs: JaxArray): JaxArray {
  const first = outputs.ref.slice([], [0, 1])
  const steps = nn.softplus(outputs.slice([], [1, levelCount]))
  // Upper triangle of ones: running sums of the steps.
  const sums = np.matmul(steps, np.triu(np.ones([levelCount - 1, levelCount - 1])))
  return np.concatenate([first.ref, first.add(sums)], 1)
}

/** `quantiles` [rows, levelCount], `targets` [rows, 1] -> mean over levels [rows]. */
export function pinball(quantiles: JaxArray, targets: JaxArray): JaxArray {
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
