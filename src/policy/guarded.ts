/**
 * @file Policies that may fail: what one throws never reaches the run that asked.
 *
 * A decision that throws is made by the training-free policy in its place, and where that throws too by the last resort
 * (see last-resort.ts); what throws while learning is passed over. The runtime decides also from its clocks, where nobody
 * would catch. Only where neither decides, and one refuses because of the request itself (a topology that does not exist),
 * that is thrown on. Costs nothing while nothing throws.
 */
import { type ClusterState, type Executor, InframindError, type ModelId, type Planner } from '../core/index.ts'
import { createLastResort } from './last-resort.ts'
import type { FallbackListener, PolicyFallback } from './observe/index.ts'
import type { PolicySet } from './policy-set.ts'

export interface GuardOptions {
  /** Training-free. Must not move the safety factor of the set that it stands in for. */
  readonly spare: Pick<PolicySet, 'planner' | 'executor'>
  /** Of the pool, in the order of the config; at least one. */
  readonly models: readonly ModelId[]
  /** Must not throw. */
  readonly onFallback?: FallbackListener
}

/** `set`, with `spare` deciding where it throws, and a last resort where both do. */
export function withGuard(set: PolicySet, { spare, models, onFallback }: GuardOptions): PolicySet {
  const { predictor } = set
  const lastResort = createLastResort({ predictor, models })
  const failed = (level: PolicyFallback['level'], error: unknown, reason: PolicyFallback['reason'] = 'error') =>
    onFallback?.({ level, reason, message: messageOf(error) })
  /** The state that an executor's decision failed at last: a decision asks for many predictions, and counts once. */
  let failedAt: ClusterState | null = null
  const decide = <T>(level: PolicyFallback['level'], [own, instead, last]: readonly [() => T, () => T, () => T]): T => {
    try {
      return own()
    } catch (error) {
      try {
        const decision = instead()
        failed(level, error)
        return decision
      } catch (worse) {
        const ofRequest = [worse, error].find(isOfRequest)
        if (ofRequest !== undefined) throw ofRequest
        failed(level, bothOf(error, worse), 'last-resort')
        return last()
      }
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
      decide('planner', [
        () => set.planner.plan(query, state),
        () => spare.planner.plan(query, state),
        () => lastResort.plan(query),
      ]),
    runFinished: (outcome) => learn('planner', () => set.planner.runFinished?.(outcome)),
  }
  const executor: Executor = {
    name: set.executor.name,
    choose: (step, state) =>
      decide('executor', [
        () => set.executor.choose(step, state),
        () => spare.executor.choose(step, state),
        () => {
          failedAt = state
          return lastResort.choose(step, state)
        },
      ]),
    stepFinished: (outcome) => learn('executor', () => set.executor.stepFinished?.(outcome)),
    runFinished: (outcome) => learn('executor', () => set.executor.runFinished?.(outcome)),
  }
  return {
    ...set,
    planner,
    executor,
    predictor: {
      priceList: (shape, state) => predictor.priceList(shape, state),
      // The runtime asks by itself, also for insurance: what a broken predictor throws would end the run.
      predict: (arm, shape, state) => {
        try {
          return predictor.predict(arm, shape, state)
        } catch (error) {
          if (state !== failedAt) failed('executor', error, 'last-resort')
          failedAt = state
          return lastResort.guess(arm)
        }
      },
      observe: (outcome) => learn('executor', () => predictor.observe(outcome)),
      error: (model) => predictor.error(model),
      coverage: (model) => predictor.coverage(model),
    },
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Said once where both failed for the same reason: the policy may be the training-free one itself. */
function bothOf(own: unknown, spare: unknown): string {
  const [first, second] = [messageOf(own), messageOf(spare)]
  return first === second ? first : `${first}; the training-free policy: ${second}`
}

/** Whether the request itself is at fault: then no other policy can serve it either. */
const isOfRequest = (error: unknown): boolean => error instanceof InframindError && error.status < 500
