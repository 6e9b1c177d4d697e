/**
 * @file Policies that may fail: what one throws never reaches the run that asked.
 *
 * A decision that throws is made by the training-free policy in its place; what throws while learning is passed over. The
 * runtime decides also from its clocks, where nobody would catch. An error that the training-free policy has too is the
 * request's own (a topology that does not exist, no usable model) and is thrown on. Costs nothing while nothing throws.
 */
import type { Executor, Planner } from '../core/index.ts'
import type { FallbackListener, PolicyFallback } from './observe/index.ts'
import type { PolicySet } from './policy-set.ts'

export interface GuardOptions {
  /** Training-free. Must not move the safety factor of the set that it stands in for. */
  readonly spare: Pick<PolicySet, 'planner' | 'executor'>
  /** Must not throw. */
  readonly onFallback?: FallbackListener
}

/** `set`, with `spare` deciding where it throws. */
export function withGuard(set: PolicySet, { spare, onFallback }: GuardOptions): PolicySet {
  const failed = (level: PolicyFallback['level'], error: unknown) =>
    onFallback?.({ level, reason: 'error', message: error instanceof Error ? error.message : String(error) })
  const decide = <T>(level: PolicyFallback['level'], fn: () => T, instead: () => T): T => {
    try {
      return fn()
    } catch (error) {
      const decision = instead()
      failed(level, error)
      return decision
    }
  }
  const learn = (level: PolicyFallback['level'], fn: () => void): void => {
    try {
      fn()
    } catch (error) {
      failed(level, error)
    }
  }
  const planner: Planner = {
    name: set.planner.name,
    plan: (query, state) =>
      decide(
        'planner',
        () => set.planner.plan(query, state),
        () => spare.planner.plan(query, state),
      ),
    runFinished: (outcome) => learn('planner', () => set.planner.runFinished?.(outcome)),
  }
  const executor: Executor = {
    name: set.executor.name,
    choose: (step, state) =>
      decide(
        'executor',
        () => set.executor.choose(step, state),
        () => spare.executor.choose(step, state),
      ),
    stepFinished: (outcome) => learn('executor', () => set.executor.stepFinished?.(outcome)),
    runFinished: (outcome) => learn('executor', () => set.executor.runFinished?.(outcome)),
  }
  const { predictor } = set
  return {
    ...set,
    planner,
    executor,
    predictor: {
      priceList: (shape, state) => predictor.priceList(shape, state),
      predict: (arm, shape, state) => predictor.predict(arm, shape, state),
      observe: (outcome) => learn('executor', () => predictor.observe(outcome)),
      error: (model) => predictor.error(model),
      coverage: (model) => predictor.coverage(model),
    },
  }
}
