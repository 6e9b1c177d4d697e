/**
 * @file Faults on a schedule: what goes wrong with which engine, from when and for how long, in virtual time.
 *
 * A plan is plain data. Each fault begins at its instant and is taken back at its end; several may overlap on one
 * engine, also of one kind (factors multiply). A fault at the instant of a step boundary comes after it, so the same
 * plan gives the same run in both fidelities.
 */
import { type Clock, ConfigError, type ConfigProblem } from '../../core/index.ts'

/**
 * `down`: unreachable, what is under way breaks off. `slow`: steps take `factor` times as long. `stall`: tokens stop, and
 * calls under way never end by themselves. `overloaded`: refuses calls with 503, serves those that it has.
 * `stale-metrics`: readings repeat the last one and look fresh. `missing-metrics`: readings without numbers.
 */
export const faultKinds = ['down', 'slow', 'stall', 'overloaded', 'stale-metrics', 'missing-metrics'] as const

export type FaultKind = (typeof faultKinds)[number]

export interface Fault {
  /** >= 0. */
  readonly atMs: number
  /** > 0; Infinity: for good. */
  readonly forMs: number
  /** A replica, or a model: all its replicas. */
  readonly engine: string
  readonly kind: FaultKind
  /** For `slow` alone, > 0. */
  readonly factor?: number
}

export type FaultPlan = readonly Fault[]

/** An engine that faults can happen to. */
export interface FaultTarget {
  readonly id: string
  readonly model: string
  begin(fault: Fault): void
  /** Takes back a fault that began; others of its kind go on. */
  end(fault: Fault): void
}

const engineNames = (engines: readonly FaultTarget[]): string =>
  [...new Set(engines.flatMap(({ id, model }) => [id, model]))].join(', ')

function problemOf(fault: Fault, engines: readonly FaultTarget[]): Omit<ConfigProblem, 'path'> | null {
  const { atMs, forMs, engine, kind, factor } = fault
  if (!(atMs >= 0 && Number.isFinite(atMs) && forMs > 0)) {
    return { expected: 'atMs >= 0 and forMs > 0', got: `${atMs} and ${forMs}`, fix: 'Give the span in ms.' }
  }
  if (!faultKinds.includes(kind)) {
    return { expected: `one of ${faultKinds.join(', ')}`, got: String(kind), fix: 'Name a kind of fault.' }
  }
  if (!engines.some(({ id, model }) => id === engine || model === engine)) {
    return { expected: `one of ${engineNames(engines)}`, got: engine, fix: 'Name a replica or a model of the pool.' }
  }
  const isFactorRight =
    kind === 'slow' ? factor !== undefined && factor > 0 && Number.isFinite(factor) : factor === undefined
  if (isFactorRight) return null
  return { expected: 'a factor > 0 with slow, and only there', got: String(factor), fix: 'Set or remove `factor`.' }
}

/** Has every fault begin and end at its time. Throws CONFIG_INVALID with all that is wrong with the plan. */
export function scheduleFaults(
  plan: FaultPlan,
  pool: { readonly clock: Clock; readonly engines: readonly FaultTarget[] },
) {
  const problems = plan.flatMap((fault, index) => {
    const problem = problemOf(fault, pool.engines)
    return problem === null ? [] : [{ path: `faults.${index}`, ...problem }]
  })
  if (problems.length > 0) throw new ConfigError(problems, 'the fault plan')
  for (const fault of plan) {
    for (const engine of pool.engines) {
      if (engine.id !== fault.engine && engine.model !== fault.engine) continue
      pool.clock.at(fault.atMs, () => engine.begin(fault))
      if (fault.forMs < Infinity) pool.clock.at(fault.atMs + fault.forMs, () => engine.end(fault))
    }
  }
}
