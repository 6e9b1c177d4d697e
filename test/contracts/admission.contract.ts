/** @file What every Admission keeps: never beyond what the engine can hold, never holding back for nothing. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Admission, EngineView } from '../../src/core/index.ts'
import { anEngineView, aQueuedCall } from '../../src/testing/index.ts'

/** `knowsKv`, `knowsSlots`: what the admission looks at. */
export function describeAdmissionContract(
  name: string,
  create: () => Admission,
  { knowsKv, knowsSlots }: { readonly knowsKv: boolean; readonly knowsSlots: boolean },
): void {
  const call = aQueuedCall()
  const held = fc.array(
    fc.record({ tokens: fc.integer({ min: 0, max: 8_000 }), remaining: fc.integer({ min: 0, max: 4_000 }) }),
    { maxLength: 12 },
  )
  const views = held.map((calls) => anEngineView({ held: calls, kvTokens: 40_000, slots: 8 }))
  const decide = (view: EngineView) => create().decide(call, view)

  describe(`${name} keeps the contract of an admission`, () => {
    it('sends to an idle engine', () => {
      expect(decide(anEngineView())).toBe('send')
    })

    it('sends where the engine says nothing of its memory or context', () => {
      expect(decide(anEngineView({ kvTokens: null, contextTokens: null }))).toBe('send')
    })

    it('decides by the call and the view alone', () => {
      fc.assert(
        fc.property(views, (view) => {
          expect(decide(view)).toBe(decide(view))
        }),
      )
    })

    it('never sends more for more load, and never rejects for load: that passes', () => {
      fc.assert(
        fc.property(views, (view) => {
          const decision = decide(view)
          expect(decision).not.toBe('reject')
          const more = [...view.held, { tokens: 3_000, remaining: 500 }]
          const busier = decide({ ...view, held: more, inFlight: more.length })
          if (decision === 'hold') expect(busier).toBe('hold')
        }),
      )
    })

    it.runIf(knowsSlots)('holds when every slot is taken', () => {
      expect(decide(anEngineView({ slots: 2, inFlight: 2 }))).toBe('hold')
      expect(decide(anEngineView({ slots: 2, inFlight: 1 }))).toBe('send')
    })

    it.runIf(knowsKv)('holds when the memory is taken, by us or by others', () => {
      expect(decide(anEngineView({ kvTokens: 4_000, held: [{ tokens: 3_900, remaining: 50 }] }))).toBe('hold')
      expect(decide(anEngineView({ kvTokens: 4_000, inFlight: 1, foreignKvTokens: 3_900 }))).toBe('hold')
    })
  })
}
