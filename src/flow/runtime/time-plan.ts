/**
 * @file How a run's time is divided: what is kept back for the last step, and when help must start to arrive in time.
 *
 * Everything counts back from one deadline. The last step's time is reserved first, so that the steps before it can
 * never spend it; the reservation is the cheapest arm that could still do the last step, at its 90 % quantile.
 */
import type { Arm, ArmEstimate, ClusterState, Predictor, Query, StepKind, StrategyId } from '../../core/index.ts'

export interface PricedArm {
  readonly estimate: ArmEstimate
  /** 95 % quantile of its latency in ms. */
  readonly surelyMs: number
}

/** Depths that a call in haste is made with. */
const shallow: readonly StrategyId[] = ['Flash', 'Concise']

/** Every usable shallow arm at this shape of step, priced: what a step in haste can be given. In the pool's order. */
export function priceShallowArms(
  shape: { readonly query: Query; readonly kind: StepKind; readonly promptTokens: number },
  state: ClusterState,
  predictor: Predictor,
): readonly PricedArm[] {
  const priced: PricedArm[] = []
  for (const model of state.models) {
    if (!model.isUsable) continue
    for (const strategy of shallow) {
      const arm: Arm = { model: model.model, strategy }
      const estimate = predictor.predict(arm, shape, state)
      priced.push({ estimate, surelyMs: estimate.latencyMs.quantile(0.95) })
    }
  }
  return priced
}

/** The arm that is surely done soonest; null where no model is usable. */
export function fastestArm(arms: readonly PricedArm[]): PricedArm | null {
  let fastest: PricedArm | null = null
  for (const arm of arms) if (fastest === null || arm.surelyMs < fastest.surelyMs) fastest = arm
  return fastest
}

/** The best answer that is surely there within `withinMs`; else the fastest. Null where no model is usable. */
export function safestArm(arms: readonly PricedArm[], withinMs: number): PricedArm | null {
  let best: PricedArm | null = null
  for (const arm of arms) {
    if (arm.surelyMs > withinMs) continue
    if (best === null || arm.estimate.quality > best.estimate.quality) best = arm
  }
  return best ?? fastestArm(arms)
}

/** Probability that a call running for `elapsedMs` does not end within `leftMs` more. 0-1. */
export function chanceOfLate(estimate: ArmEstimate, elapsedMs: number, leftMs: number): number {
  const outlived = 1 - estimate.latencyMs.cdf(elapsedMs)
  // A call that has outlived all that was predicted of it is taken for lost.
  if (outlived < 1e-6) return 1
  return (1 - estimate.latencyMs.cdf(elapsedMs + leftMs)) / outlived
}
