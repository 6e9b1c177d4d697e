/**
 * @file Where each model's queue is heading: the recent change of calls running and waiting, carried on for a while.
 *
 * A later step of a plan does not meet the queue of now. The trend is an average that fades over ten seconds, and what it
 * says of the future fades as fast: after t it has grown by slope * tau * (1 - exp(-t / tau)) calls. Free slots are
 * filled before anybody waits.
 */
import type { ClusterState, ModelId, ModelState } from '../../../core/index.ts'

const fadingMs = 10_000

const busyOf = ({ running, waiting, gatewayWaiting }: ModelState) => running + waiting + gatewayWaiting

/** The queue of one model as a rollout carries it on. */
export interface Growth {
  /** Slots free now; negative: calls beyond the slots. */
  readonly headroom: number
  /** Calls per ms. */
  readonly slope: number
  /** Wait that one more call beyond the slots brings. ms. */
  readonly msPerCall: number
}

/** `afterMs` from now, as far as the trend still tells: the time to multiply a slope with. ms. */
export const trendMs = (afterMs: number): number => fadingMs * (1 - Math.exp(-afterMs / fadingMs))

/** Change of the wait by `trendMs`, against that of now; negative where the queue drains. ms. */
export const addedWaitMs = ({ headroom, slope, msPerCall }: Growth, trend: number): number =>
  (Math.max(0, slope * trend - headroom) - Math.max(0, -headroom)) * msPerCall

interface Seen {
  atMs: number
  busy: number
  /** Calls per ms. */
  slope: number
}

export class QueueTrend {
  readonly #seen = new Map<ModelId, Seen>()

  /** Takes in a state; states must come in order of time, and one of the same instant changes nothing. */
  observe(state: ClusterState): void {
    for (const model of state.models) {
      const busy = busyOf(model)
      const seen = this.#seen.get(model.model)
      if (!seen) {
        this.#seen.set(model.model, { atMs: state.atMs, busy, slope: 0 })
        continue
      }
      const elapsedMs = state.atMs - seen.atMs
      if (elapsedMs <= 0) continue
      seen.slope += (1 - Math.exp(-elapsedMs / fadingMs)) * ((busy - seen.busy) / elapsedMs - seen.slope)
      seen.atMs = state.atMs
      seen.busy = busy
    }
  }

  /** Growth of `model`, a call of which holds a slot for `serviceMs`. */
  growth(model: ModelState, serviceMs: number): Growth {
    const slope = this.#seen.get(model.model)?.slope ?? 0
    const msPerCall = model.slots > 0 ? serviceMs / model.slots : 0
    return { headroom: model.slots - busyOf(model), slope, msPerCall }
  }
}
