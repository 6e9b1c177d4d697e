import { describe, expect, it } from 'vitest'
import { anEngineView, aQueuedCall } from '../../../testing/index.ts'
import { allOf, createAdmission } from './create-admission.ts'

const held = (count: number, tokens = 100, remaining = 100) =>
  Array.from({ length: count }, () => ({ tokens, remaining }))

describe('createAdmission', () => {
  const admission = createAdmission()

  it.each([
    ['an empty engine', {}, {}, 'send'],
    ['the last free slot', {}, { slots: 3, held: held(2) }, 'send'],
    ['full slots', {}, { slots: 2, held: held(2) }, 'hold'],
    ['slots filled by others', {}, { slots: 2, inFlight: 2 }, 'hold'],
    ['a full KV cache', {}, { kvTokens: 1_000, held: held(4) }, 'hold'],
    ['a KV cache of unknown size', {}, { kvTokens: null, held: held(4) }, 'send'],
    ['others in the KV cache', {}, { kvTokens: 1_000, held: held(1), foreignKvTokens: 600 }, 'hold'],
    ['a prompt as long as the context', { promptTokens: 4_096 }, { contextTokens: 4_096 }, 'reject'],
    ['room for one token of answer', { promptTokens: 4_095 }, { contextTokens: 4_096 }, 'send'],
    ['a prompt beyond the KV cache', { promptTokens: 1_000 }, { kvTokens: 1_000 }, 'reject'],
    ['too long and full', { promptTokens: 9_000 }, { contextTokens: 8_192, slots: 1, held: held(1) }, 'reject'],
    ['unknown context', { promptTokens: 90_000 }, { contextTokens: null }, 'send'],
  ] as const)('%s', (_name, call, view, decision) => {
    expect(admission.decide(aQueuedCall(call), anEngineView(view))).toBe(decision)
  })

  it('lets an idle engine take a call that may outgrow its KV cache: it fits alone, or is cut there', () => {
    const call = aQueuedCall({ promptTokens: 900, outputTokensP90: 400 })
    expect(admission.decide(call, anEngineView({ kvTokens: 1_000 }))).toBe('send')
    expect(admission.decide(call, anEngineView({ kvTokens: 1_000, held: held(1, 10, 10) }))).toBe('hold')
  })

  it('asks no further than the first rule that does not send', () => {
    const asked: string[] = []
    const rule = (name: string, decision: 'send' | 'hold' | 'reject') => ({
      decide: () => {
        asked.push(name)
        return decision
      },
    })
    const rules = allOf([rule('a', 'send'), rule('b', 'hold'), rule('c', 'reject')])
    expect(rules.decide(aQueuedCall(), anEngineView())).toBe('hold')
    expect(asked).toEqual(['a', 'b'])
  })
})
