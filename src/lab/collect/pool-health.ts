/**
 * @file Which engines answer, and waiting until one does. An engine that is down is asked again: it may come back.
 *
 * Only a pool of which nothing answers for the whole of `patienceMs` ends a collection.
 */
import { type Clock, type Engine, type EngineReading, InframindError, type ModelId } from '../../core/index.ts'

const readTimeoutMs = 2000
const askAgainMs = 1000

export interface PoolHealthOptions {
  readonly engines: readonly Engine[]
  readonly clock: Clock
  readonly patienceMs: number
  readonly signal: AbortSignal
}

export class PoolHealth {
  readonly #options: PoolHealthOptions

  constructor(options: PoolHealthOptions) {
    this.#options = options
  }

  /** What the engine says of itself now; null: nothing in time. */
  async read(engine: Engine): Promise<EngineReading | null> {
    const { clock } = this.#options
    const abort = new AbortController()
    const late = new Promise<null>((resolve) => {
      const cancel = clock.at(clock.nowMs() + readTimeoutMs, () => {
        resolve(null)
        abort.abort()
      })
      abort.signal.addEventListener('abort', cancel, { once: true })
    })
    const reading = await Promise.race([engine.read(abort.signal), late])
    abort.abort()
    return reading
  }

  /** Engines of `model` that can be called. */
  async upOf(model: ModelId): Promise<readonly Engine[]> {
    return this.#up(this.#options.engines.filter((engine) => engine.model === model))
  }

  /**
   * Waits until one of `models` can be called: those that can. Empty: none could for `patienceMs`, or the collection was
   * stopped. Throws POOL_UNAVAILABLE where no engine at all could.
   */
  async untilUp(models: readonly ModelId[]): Promise<readonly ModelId[]> {
    const { engines, clock, patienceMs, signal } = this.#options
    const untilMs = clock.nowMs() + patienceMs
    while (!signal.aborted) {
      const up = await this.#up(engines)
      const found = models.filter((model) => up.some((engine) => engine.model === model))
      if (found.length > 0) return found
      if (clock.nowMs() >= untilMs) {
        if (up.length > 0) return []
        throw new InframindError(
          'POOL_UNAVAILABLE',
          `no engine answers (asked ${engines.map(({ id }) => id).join(', ')} for ${Math.round(patienceMs / 1000)} s); what was collected is kept: start the engines and run the same command`,
        )
      }
      await this.pause(askAgainMs)
    }
    return []
  }

  /** Ends early when the collection is stopped. */
  pause(ms: number): Promise<void> {
    const { clock, signal } = this.#options
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const end = () => {
        cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const cancel = clock.at(clock.nowMs() + ms, end)
      signal.addEventListener('abort', end, { once: true })
    })
  }

  async #up(engines: readonly Engine[]): Promise<readonly Engine[]> {
    const readings = await Promise.all(engines.map((engine) => this.read(engine)))
    return engines.filter((_, index) => readings[index]?.health === 'ok')
  }
}
