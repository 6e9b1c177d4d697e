/**
 * @file Where one waiting call could go right now, given the replicas of its model.
 *
 * Whatever the admission says, a replica never gets more calls than its slots, an unusable or excluded one gets none, and a
 * call is too long only if no replica, up or down, could ever run it.
 */
import type { Admission, EngineView, ReplicaId } from '../../core/index.ts'
import type { WaitingCall } from './waiting-call.ts'

export interface Placement {
  /** `room`: see `candidates`; `hold`: later; `stuck`: no usable replica that it may use; `too-long`: never. */
  readonly kind: 'room' | 'hold' | 'stuck' | 'too-long'
  /** Replicas that take it now, in the order of the config. */
  readonly candidates: readonly EngineView[]
}

export interface PlacementContext {
  readonly views: readonly EngineView[]
  readonly admission: Admission
  /** Replicas kept free for a call that has been overtaken often enough. */
  readonly reserved?: ReadonlySet<ReplicaId>
}

export const hasFreeSlot = (view: EngineView): boolean => view.isUsable && view.inFlight < view.slots

export function placeCall(waiting: WaitingCall, { views, admission, reserved }: PlacementContext): Placement {
  const candidates: EngineView[] = []
  let isReachable = false
  // No replica at all is an outage, not the caller's fault.
  let fits = views.length === 0
  for (const view of views) {
    const decision = admission.decide(waiting.call, view)
    if (decision === 'reject') continue
    fits = true
    if (!view.isUsable || !waiting.mayUse(view.replica)) continue
    isReachable = true
    if (decision === 'send' && hasFreeSlot(view) && !reserved?.has(view.replica)) candidates.push(view)
  }
  if (!fits) return { kind: 'too-long', candidates }
  if (!isReachable) return { kind: 'stuck', candidates }
  return { kind: candidates.length > 0 ? 'room' : 'hold', candidates }
}
