import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../../../../test/paper-profile.ts'
import { dualSchemaId, parseDual, shippedDual } from './dual-policy.ts'

describe('the shipped dual policy', () => {
  it('can be read, says where it comes from, and is of the profile that it is for', () => {
    const { schema, tag, source, prices } = shippedDual()
    expect([schema, tag]).toEqual([dualSchemaId, 'fitted'])
    expect(source).toContain('training questions')
    expect(Object.keys(prices.pricePerSlotSecond)).toEqual(Object.keys(paperProfile().models))
    for (const list of Object.values(prices.pricePerSlotSecond)) expect(list).toHaveLength(prices.ratesPerMinute.length)
  })

  it('expects something of a merge by a model, and more of an abler one', () => {
    const { math, knowledge } = shippedDual().teamRules
    for (const { merge } of [math, knowledge]) {
      expect(merge.picks + merge.picksByAbility).toBeGreaterThan(0.5)
      expect(merge.picksByAbility).toBeGreaterThan(0)
      expect(merge.kept).toBeGreaterThan(0.9)
    }
  })
})

describe('parseDual', () => {
  it('names the part that does not fit', () => {
    const { teamRules, ...rest } = shippedDual()
    const broken = { ...rest, teamRules: { ...teamRules, math: { ...teamRules.math, keep: 1.2 } } }
    expect(() => parseDual(broken, 'mine.json')).toThrow(/mine\.json[\s\S]*teamRules\.math\.keep/)
    expect(() => parseDual({ ...rest }, 'mine.json')).toThrow('teamRules')
  })
})
