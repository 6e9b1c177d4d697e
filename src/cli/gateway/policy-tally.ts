/**
 * @file Counts what becomes of the policies' decisions, and says aloud when they had to be left to others.
 *
 * Warnings come at most once a minute, each with what happened since the one before: a policy that fails at every decision
 * must not fill the log.
 */
import type { Clock } from '../../core/index.ts'
import type { Comparison, PolicyFallback } from '../../policy/index.ts'
import type { GatewayLogger, PolicyStatus } from '../../serve/index.ts'
import type { LostPolicy } from './policy-of.ts'
import type { PolicyListener } from './serving-policies.ts'

const quietMs = 60_000

export class PolicyTally implements PolicyListener {
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #logger: Pick<GatewayLogger, 'warn'>
  readonly #fallbacks = new Map<string, number>()
  readonly #comparisons = new Map<string, number>()
  readonly #reloads = new Map<string, number>()
  readonly #untold = new Map<string, number>()
  #lastMessage: string | undefined
  #warnedAtMs = -Infinity

  constructor(clock: Pick<Clock, 'nowMs'>, logger: Pick<GatewayLogger, 'warn'>) {
    this.#clock = clock
    this.#logger = logger
  }

  fellBack({ level, reason, message }: PolicyFallback): void {
    add(this.#fallbacks, level, reason)
    add(this.#untold, level, reason)
    this.#lastMessage = message ?? this.#lastMessage
    if (this.#clock.nowMs() - this.#warnedAtMs >= quietMs) this.flush()
  }

  /** Says what is still untold: when the gateway stops. */
  flush(): void {
    if (this.#untold.size === 0) return
    const decisions = byLevelAndReason(this.#untold)
    const error = this.#lastMessage === undefined ? {} : { error: this.#lastMessage }
    const isWorse = decisions.some(({ reason }) => reason === 'last-resort')
    const whom = isWorse
      ? 'the training-free policy, or where that threw too to the quickest model'
      : 'the training-free policy'
    this.#logger.warn({ decisions, ...error }, `decisions were left to ${whom}`)
    this.#warnedAtMs = this.#clock.nowMs()
    this.#untold.clear()
    this.#lastMessage = undefined
  }

  compared({ level, outcome }: Comparison): void {
    add(this.#comparisons, level, outcome)
  }

  /** A policy could not be loaded, and another one, or none, stands in its place. */
  lost({ level, error }: LostPolicy): void {
    add(this.#fallbacks, level, 'file')
    const instead = level === 'shadow' ? 'no policy looks on' : 'the training-free policy serves'
    this.#logger.warn({ level, error: error.message }, `a policy cannot be used: ${instead}`)
  }

  reloaded(outcome: 'applied' | 'refused'): void {
    add(this.#reloads, outcome)
  }

  status(): Pick<PolicyStatus, 'fallbacks' | 'comparisons' | 'reloads'> {
    return {
      fallbacks: byLevelAndReason(this.#fallbacks),
      comparisons: counts(this.#comparisons, ([level, outcome]) => ({ level, outcome })),
      reloads: counts(this.#reloads, ([outcome]) => ({ outcome })),
    }
  }
}

const add = (map: Map<string, number>, ...words: readonly string[]): void => {
  const key = words.join(' ')
  map.set(key, (map.get(key) ?? 0) + 1)
}

const counts = <T>(map: ReadonlyMap<string, number>, labels: (words: [string, string]) => T) =>
  [...map].map(([key, count]) => ({ ...labels(key.split(' ') as [string, string]), count }))

const byLevelAndReason = (map: ReadonlyMap<string, number>) => counts(map, ([level, reason]) => ({ level, reason }))
