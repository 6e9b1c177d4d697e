/**
 * @file A method of the benchmark: which policies decide, under which scheduler, and whether the deadline is enforced.
 *
 * Written `name[+fcfs|+edf|+default][+free|+enforced]`. Methods that were published without a deadline run, unless told
 * otherwise, as published: first come first served, and answers come when they come (`+fcfs+free`). Ours, single arms and
 * `best-fixed` run with our scheduler and the deadline enforced.
 */
import type { QueryLimits, TopologyId } from '../../../core/index.ts'
import type { RuntimeSettings } from '../../../flow/index.ts'
import type { PolicyChoice } from '../../world.ts'

export type SchedulerName = 'fcfs' | 'edf' | 'default'

/** What a base name stands for, before scheduler and enforcement. */
export interface MethodBase {
  readonly policy: Omit<PolicyChoice, 'discipline'>
  readonly settings?: Partial<RuntimeSettings>
  /** Limits on every query: `greedy-solo`, `greedy-flash` ... */
  readonly limits?: QueryLimits
  /** Topologies that planners may not use. */
  readonly withoutTopologies?: readonly TopologyId[]
  /** False: calls wait in the engines, not with us. Default true. */
  readonly holdsBack?: boolean
  /** Whether any decision depends on the budget. */
  readonly seesBudget: boolean
  /** As it runs without suffixes. */
  readonly published: { readonly scheduler: SchedulerName; readonly isEnforced: boolean }
}

export interface Method {
  /** Canonical: suffixes only where they differ from how the base runs without any. */
  readonly name: string
  readonly base: MethodBase
  readonly scheduler: SchedulerName
  readonly isEnforced: boolean
  /** Neither policies nor scheduler nor runtime see the budget: one run can be scored under any. */
  readonly isBudgetBlind: boolean
}

export const disciplineOf = { fcfs: 'fcfs', edf: 'edf', default: 'edf-demote' } as const
