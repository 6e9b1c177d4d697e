/**
 * @file The next call of a model that can be sent: the first in the queue's order, with bounded overtaking.
 *
 * A call may have to hold although slots are free, because its KV peak does not fit. Smaller calls behind it then go first,
 * but not for ever: once `overtakingLimit` later calls went to a replica that it could have used, every such replica is
 * *reserved*: it takes no call from behind. It drains, and an idle replica takes any call that fits alone; so the call starts
 * after at most `overtakingLimit` later ones and the calls already running. Being preceded by calls ahead of it in the order
 * is not overtaking: that is the discipline's will, and for demoted calls the point of it.
 *
 * Cost: at most `lookahead` holding calls are judged; stuck ones are passed by.
 */
import type { Admission, EngineView, ReplicaId } from '../../core/index.ts'
import type { DeadlineQueue } from './deadline-queue.ts'
import type { Visit } from './indexed-heap.ts'
import { hasFreeSlot, type Placement, placeCall } from './placement.ts'
import type { WaitingCall } from './waiting-call.ts'

/** Later calls that may go before a holding one. */
export const overtakingLimit = 8
/** Holding calls that are looked past in search of one that fits. */
export const lookahead = 16

export interface Turn {
  readonly waiting: WaitingCall
  /** `room` or `too-long`. */
  readonly placement: Placement
  /** Calls before it in the order that had to hold. */
  readonly passed: readonly WaitingCall[]
}

export interface TakeNextOptions {
  readonly nowMs: number
  readonly views: readonly EngineView[]
  readonly admission: Admission
  /** Hears of every call met that has no usable replica. */
  readonly onStuck: (waiting: WaitingCall) => void
}

/** Takes the next call out of the queue: one that has room, or one that never will. Undefined: none can go now. */
export function takeNext(queue: DeadlineQueue<WaitingCall>, options: TakeNextOptions): Turn | undefined {
  const { nowMs, views, admission, onStuck } = options
  const passed: WaitingCall[] = []
  const reserved = new Set<ReplicaId>()
  let placement: Placement | undefined
  const judge = (waiting: WaitingCall): Visit => {
    placement = placeCall(waiting, { views, admission, reserved })
    if (placement.kind === 'room' || placement.kind === 'too-long') return 'take'
    if (placement.kind === 'stuck') {
      onStuck(waiting)
      return 'pass'
    }
    passed.push(waiting)
    if (waiting.overtaken >= overtakingLimit) reserve(waiting, { views, admission, reserved })
    return passed.length >= lookahead || !hasOpenReplica(views, reserved) ? 'stop' : 'pass'
  }
  const waiting = queue.take(nowMs, judge)
  return waiting && placement && { waiting, placement, passed }
}

interface ReserveOptions {
  readonly views: readonly EngineView[]
  readonly admission: Admission
  readonly reserved: Set<ReplicaId>
}

/** Keeps every replica that `waiting` could ever use from the calls behind it. */
function reserve(waiting: WaitingCall, { views, admission, reserved }: ReserveOptions): void {
  for (const view of views) {
    if (canEverUse(waiting, view, admission)) reserved.add(view.replica)
  }
}

const canEverUse = (waiting: WaitingCall, view: EngineView, admission: Admission): boolean =>
  waiting.mayUse(view.replica) && admission.decide(waiting.call, view) !== 'reject'

const hasOpenReplica = (views: readonly EngineView[], reserved: ReadonlySet<ReplicaId>): boolean =>
  views.some((view) => hasFreeSlot(view) && !reserved.has(view.replica))

export interface OvertakingOptions {
  /** Where the later call goes. */
  readonly view: EngineView
  readonly admission: Admission
}

/** Counts a later call against those that held before it. Returns how many it overtook. */
export function noteOvertaking(passed: readonly WaitingCall[], { view, admission }: OvertakingOptions): number {
  let overtaken = 0
  for (const waiting of passed) {
    if (!canEverUse(waiting, view, admission)) continue
    waiting.overtaken += 1
    overtaken += 1
  }
  return overtaken
}
