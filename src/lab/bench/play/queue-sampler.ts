/** @file Looks at every engine's load at fixed instants of the measured window: for balance, idle shares and backlog. */
import type { ModelId } from '../../../core/index.ts'
import type { TwinWorld } from '../../twin-world.ts'
import type { QueueSeries } from '../run-result.ts'

/** Points kept of a series: enough for a picture. */
const mostPoints = 180

export interface Sampled extends Backlog {
  readonly queues: QueueSeries
}

export interface Backlog {
  /** Growth of the number of queries in the system, per minute, by least squares. */
  readonly backlogPerMinute: number
  /** The last third of the window held clearly more than the first: more than chance moves it by. */
  readonly isGrowing: boolean
}

/** Samples once a virtual second while the window lasts. */
export class QueueSampler {
  readonly #world: TwinWorld
  readonly #window: { readonly startMs: number; readonly endMs: number }
  readonly #loads = new Map<ModelId, number[]>()
  readonly #backlog: number[] = []
  #busyMsAtStart = 0
  #busyMs = 0

  constructor(world: TwinWorld, window: { readonly startMs: number; readonly endMs: number }) {
    this.#world = world
    this.#window = window
  }

  start(): void {
    this.#world.clock.atInternal(this.#window.startMs, () => {
      this.#busyMsAtStart = this.#sumBusyMs()
      this.#sample()
    })
    this.#world.clock.atInternal(this.#window.endMs, () => {
      this.#busyMs = this.#sumBusyMs() - this.#busyMsAtStart
    })
  }

  /** Engine time with a step under way within the window, over all engines. */
  get busySeconds(): number {
    return this.#busyMs / 1000
  }

  result(): Sampled {
    const samples = this.#backlog.length
    const every = Math.max(1, Math.ceil(samples / mostPoints))
    const models: Record<ModelId, number[]> = {}
    const idleShare: Record<ModelId, number> = {}
    for (const [model, loads] of this.#loads) {
      models[model] = loads.filter((_, index) => index % every === 0)
      idleShare[model] = samples === 0 ? 0 : loads.filter((load) => load === 0).length / samples
    }
    return {
      queues: { everySeconds: every, models, idleShare },
      ...readBacklog(this.#backlog),
    }
  }

  #sumBusyMs(): number {
    return this.#world.engines.reduce((sum, engine) => sum + engine.statistics().busyMs, 0)
  }

  #sample(): void {
    const { clock, runtime, state } = {
      clock: this.#world.clock,
      runtime: this.#world.runtime,
      state: this.#world.state(),
    }
    for (const { model, running, waiting, gatewayWaiting } of state.models) {
      const loads = this.#loads.get(model) ?? []
      loads.push(running + waiting + gatewayWaiting)
      this.#loads.set(model, loads)
    }
    this.#backlog.push(runtime.inFlight)
    const nextMs = clock.nowMs() + 1000
    if (nextMs <= this.#window.endMs) clock.atInternal(nextMs, () => this.#sample())
  }
}

/** `samples`: queries in the system, one each second of the window. */
export const readBacklog = (samples: readonly number[]): Backlog => ({
  backlogPerMinute: slope(samples) * 60,
  isGrowing: isGrowing(samples),
})

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/** Twice as many in the last third as in the first, and at least a handful more. */
function isGrowing(backlog: readonly number[]): boolean {
  const third = Math.floor(backlog.length / 3)
  const [first, last] = [meanOf(backlog.slice(0, third)), meanOf(backlog.slice(-third))]
  return third > 0 && last > 2 * first && last > first + handful
}

/** Queries by which the backlog may well differ between two looks at a quiet pool. */
const handful = 10

/** Least-squares slope of `values` over their index. */
function slope(values: readonly number[]): number {
  const count = values.length
  if (count < 2) return 0
  const meanX = (count - 1) / 2
  const meanY = values.reduce((sum, value) => sum + value, 0) / count
  let [covariance, variance] = [0, 0]
  for (const [index, value] of values.entries()) {
    covariance += (index - meanX) * (value - meanY)
    variance += (index - meanX) ** 2
  }
  return covariance / variance
}
