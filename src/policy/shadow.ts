/**
 * @file Shadow mode: another policy is asked for every plan and every step, and what it would have done is noted.
 *
 * It looks on and nothing more. It has a predictor of its own, which hears the same outcomes; it reads the safety factor
 * and does not move it; it draws from a seed of its own; what it throws, or leaves to others, is counted and forgotten. So the served decisions
 * are those that would have been made without it, which a test holds. It costs its own decisions' time.
 */
import type {
  Choice,
  ClusterState,
  Executor,
  Plan,
  Planner,
  Query,
  ShadowChoice,
  ShadowPlan,
  StepContext,
} from '../core/index.ts'
import type { PolicySet } from './policy-set.ts'
import type { PoolPredictor } from './predict/index.ts'

/** One decision that was made twice. */
export interface Comparison {
  readonly level: 'planner' | 'executor'
  /** `failed`: the policy that looks on threw, or left the decision to a training-free one. */
  readonly outcome: 'same' | 'different' | 'failed'
}

export interface ShadowOptions {
  /** Must share no state with the set that serves. */
  readonly shadow: PolicySet
  /** Decisions that the shadow has left to a training-free policy so far: those are not its own. Default: none. */
  readonly leftToOthers?: () => number
  /** Must not throw. */
  readonly onCompared?: (comparison: Comparison) => void
}

/** `set`, with `shadow` looking on. */
export function withShadow(set: PolicySet, { shadow, onCompared, leftToOthers = () => 0 }: ShadowOptions): PolicySet {
  const told = (level: Comparison['level'], outcome: Comparison['outcome']) => onCompared?.({ level, outcome })
  const ownDecision = <T>(fn: () => T): T | null => {
    const before = leftToOthers()
    const seen = quietly(fn)
    return leftToOthers() === before ? seen : null
  }
  const planner: Planner = {
    name: set.planner.name,
    plan: (query, state) => {
      const plan = set.planner.plan(query, state)
      const seen = ownDecision(() => shadowPlan(shadow.planner, plan, { query, state }))
      told('planner', wordFor(seen))
      return seen ? { ...plan, shadow: seen } : plan
    },
    runFinished: (outcome) => {
      set.planner.runFinished?.(outcome)
      quietly(() => shadow.planner.runFinished?.(outcome))
    },
  }
  const executor: Executor = {
    name: set.executor.name,
    choose: (step, state) => {
      const choice = set.executor.choose(step, state)
      const seen = ownDecision(() => shadowChoice(shadow.executor, choice, { step, state }))
      told('executor', wordFor(seen))
      return seen ? { ...choice, shadow: seen } : choice
    },
    stepFinished: (outcome) => {
      set.executor.stepFinished?.(outcome)
      quietly(() => shadow.executor.stepFinished?.(outcome))
    },
    runFinished: (outcome) => {
      set.executor.runFinished?.(outcome)
      quietly(() => shadow.executor.runFinished?.(outcome))
    },
  }
  return { ...set, planner, executor, predictor: heardByBoth(set.predictor, shadow.predictor) }
}

/** Null: it threw. Whatever it is, it must not reach the run that is served. */
function quietly<T>(fn: () => T): T | null {
  try {
    return fn()
  } catch {
    return null
  }
}

const wordFor = (seen: { readonly agrees: boolean } | null): Comparison['outcome'] => {
  if (seen === null) return 'failed'
  return seen.agrees ? 'same' : 'different'
}

function shadowPlan(
  planner: Planner,
  served: Plan,
  { query, state }: { readonly query: Query; readonly state: ClusterState },
): ShadowPlan {
  const { topology, agents, merge, probability = 1 } = planner.plan(query, state)
  const agrees = topology === served.topology && agents === served.agents && merge === served.merge
  return { planner: planner.name, topology, agents, merge, probability, agrees }
}

function shadowChoice(
  executor: Executor,
  served: Choice,
  { step, state }: { readonly step: StepContext; readonly state: ClusterState },
): ShadowChoice {
  const choice = executor.choose(step, state)
  const [arm, servedArm] = [choice, served].map((one) => (one.kind === 'arm' ? one.arm : null))
  const agrees = arm?.model === servedArm?.model && arm?.strategy === servedArm?.strategy
  return { executor: executor.name, arm: arm ?? null, probability: choice.probability ?? 1, agrees }
}

const heardByBoth = (served: PoolPredictor, shadow: PoolPredictor): PoolPredictor => ({
  priceList: (shape, state) => served.priceList(shape, state),
  predict: (arm, shape, state) => served.predict(arm, shape, state),
  observe: (outcome) => {
    served.observe(outcome)
    quietly(() => shadow.observe(outcome))
  },
  error: (model) => served.error(model),
  coverage: (model) => served.coverage(model),
})
