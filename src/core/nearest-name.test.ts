/** @file Nearest names: typing slips are recognised, far names are not forced together. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearestName, suggestName } from './nearest-name.ts'

const names = ['budget', 'topology', 'max_agents', 'strategy', 'on_deadline']

describe('nearestName', () => {
  it.each([
    ['budgte', 'budget'],
    ['bugdet', 'budget'],
    ['topolgy', 'topology'],
    ['maxAgents', 'max_agents'],
    ['max-agents', 'max_agents'],
    ['STRATEGY', 'strategy'],
    ['ondeadline', 'on_deadline'],
  ])('takes %s for %s', (typed, meant) => expect(nearestName(typed, names)).toBe(meant))

  it.each(['x', '', 'temperature', 'qqqqqq'])('finds nothing near %j', (typed) =>
    expect(nearestName(typed, names)).toBeNull(),
  )

  it('always recognises one slip in a name of five letters or more', () => {
    const slip = fc.record({ name: fc.constantFrom(...names), at: fc.nat(20), letter: fc.constantFrom('q', 'z') })
    fc.assert(
      fc.property(slip, ({ name, at, letter }) => {
        const position = at % name.length
        expect(nearestName(name.slice(0, position) + letter + name.slice(position + 1), names)).toBe(name)
        expect(nearestName(name.slice(0, position) + name.slice(position + 1), names)).toBe(name)
      }),
    )
  })
})

describe('suggestName', () => {
  it('asks for the nearest, lists the known, or says to remove', () => {
    expect(suggestName('budgte', names)).toBe('Did you mean "budget"?')
    expect(suggestName('zzzzzzzzzz', ['a', 'b'])).toBe('Known: a, b.')
    expect(suggestName('a', [])).toBe('Remove it.')
  })
})
