/**
 * @file Never more calls on an engine than it can run at once.
 *
 * A call not yet sent can still be reordered, re-chosen or dropped; one in the engine's own queue cannot, and engines take
 * those first come, first served.
 */
import type { Admission } from '../../../core/index.ts'

export const withinSlots: Admission = {
  decide: (_call, engine) => (engine.inFlight < engine.slots ? 'send' : 'hold'),
}
