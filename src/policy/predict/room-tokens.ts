/** @file How long a call may be: what prompt and output together may hold in a context and a KV cache. */
import type { ModelState } from '../../core/index.ts'

/** Largest prompt plus output that some usable replica can take; infinite where none says. */
export function roomTokens(state: ModelState): number {
  let room = 0
  for (const replica of state.replicas) {
    if (!replica.isUsable) continue
    room = Math.max(room, Math.min(replica.contextTokens ?? Infinity, replica.kvTokens ?? Infinity))
  }
  return room === 0 ? Infinity : room
}
