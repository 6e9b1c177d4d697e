/**
 * @file Policies that can be exchanged while they serve: the runtime keeps one face, what is behind it changes at once.
 *
 * A run keeps the plan that it was given; its next step is decided by whoever serves then. Nothing waits and nothing is
 * lost: a decision is synchronous, so no exchange can fall into the middle of one. What was learnt of the pool lives in
 * the predictor and the safety factor, which the caller hands on (`knowledge`).
 */
import type { PolicySet } from './policy-set.ts'

/** The policies of one configuration. */
export interface PolicyGeneration {
  /** Fingerprint: noted in every plan. */
  readonly hash: string
  readonly set: PolicySet
}

export interface SwappablePolicies {
  /** For the runtime. */
  readonly set: PolicySet
  readonly current: PolicyGeneration
  /** The next decision is made by `next`. */
  use(next: PolicyGeneration): void
}

export function createSwappablePolicies(first: PolicyGeneration): SwappablePolicies {
  let current = first
  const set: PolicySet = {
    planner: {
      get name() {
        return current.set.planner.name
      },
      plan: (query, state) => ({ ...current.set.planner.plan(query, state), policyHash: current.hash }),
      runFinished: (outcome) => current.set.planner.runFinished?.(outcome),
    },
    executor: {
      get name() {
        return current.set.executor.name
      },
      choose: (step, state) => current.set.executor.choose(step, state),
      stepFinished: (outcome) => current.set.executor.stepFinished?.(outcome),
      runFinished: (outcome) => current.set.executor.runFinished?.(outcome),
    },
    predictor: {
      priceList: (shape, state) => current.set.predictor.priceList(shape, state),
      predict: (arm, shape, state) => current.set.predictor.predict(arm, shape, state),
      observe: (outcome) => current.set.predictor.observe(outcome),
      error: (model) => current.set.predictor.error(model),
      coverage: (model) => current.set.predictor.coverage(model),
    },
  }
  return {
    set,
    get current() {
      return current
    },
    use: (next) => {
      current = next
    },
  }
}
