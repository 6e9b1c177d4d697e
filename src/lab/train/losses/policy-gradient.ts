/** @file REINFORCE. Source: Williams 1992; the baseline is already taken off in the advantage. */
import type { Tensor } from '../networks/index.ts'

/** -A ln p(taken), per row. */
export const policyGradient = ({ logs, advantages }: { logs: Tensor; advantages: Tensor }): Tensor =>
  logs.mul(advantages).neg()
