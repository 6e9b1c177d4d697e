/**
 * @file The default admission: what can never fit is refused, then slots, then the KV peak. The first rule that says anything
 * but `send` decides, so the costly one is asked last.
 */
import type { Admission } from '../../../core/index.ts'
import { fitsAlone } from './fits-alone.ts'
import { createKvPeak, type KvPeakOptions } from './kv-peak.ts'
import { withinSlots } from './within-slots.ts'

/** All of `rules` in turn: the first that does not say `send` decides. */
export const allOf = (rules: readonly Admission[]): Admission => ({
  decide: (call, engine) => {
    for (const rule of rules) {
      const decision = rule.decide(call, engine)
      if (decision !== 'send') return decision
    }
    return 'send'
  },
})

/** Holds while slots are full or the KV peak does not fit; rejects what does not fit an empty engine. */
export const createAdmission = (options: KvPeakOptions = {}): Admission =>
  allOf([fitsAlone, withinSlots, createKvPeak(options)])
