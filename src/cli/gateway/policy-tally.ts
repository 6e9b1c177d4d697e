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
  #warnedAtMs = -Infinity
  #sinceWarning = 0

  constructor(clock: Pick<Clock, 'nowMs'>, logger: Pick<GatewayLogger, 'warn'>) {
    this.#clock = clock
    this.#logger = logger
  }

  fellBack({ level, reason }: PolicyFallback): void {
    add(this.#fallbacks, level, reason)
    this.#sinceWarning += 1
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#warnedAtMs < quietMs) return
    const decisions = this.#sinceWarning
    this.#warnedAtMs = nowMs
    this.#sinceWarning = 0
    this.#logger.warn({ level, reason, decisions }, 'decisions were left to the training-free policy')
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
      fallbacks: counts(this.#fallbacks, ([level, reason]) => ({ level, reason })),
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
