/** @file Editing JSON in place: every byte but those of the members removed or added stays, whatever the JSON. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editMembers, jsonDepth, topLevelMembers } from './json-members.ts'

const edit = (text: string, remove: string[] = ['inframind'], add: Record<string, number> = {}) =>
  Buffer.from(editMembers(Buffer.from(text), { remove, add })).toString()

describe('editMembers', () => {
  it.each([
    ['{"a":1,"inframind":{"x":[1,{"y":2}]},"b":2}', '{"a":1,"b":2}'],
    ['{"inframind":1,"a":1}', '{"a":1}'],
    ['{"a":1,"inframind":1}', '{"a":1}'],
    ['{ "a" : 1 , "inframind" : 1 }', '{ "a" : 1 }'],
    ['{"inframind":null}', '{}'],
    ['{"a":1,"inframind":1,"inframind":2,"b":1.0e+10}', '{"a":1,"b":1.0e+10}'],
    ['{"infra\\u006dind":1,"a":"\\u00e9\\"}{"}', '{"a":"\\u00e9\\"}{"}'],
    ['{"a":{"inframind":1}}', '{"a":{"inframind":1}}'],
    ['{"a":"inframind","b":["inframind",{"inframind":1}]}', '{"a":"inframind","b":["inframind",{"inframind":1}]}'],
  ])('%s', (text, expected) => expect(edit(text)).toBe(expected))

  it.each([
    ['{"a":1}', '{"a":1,"priority":7}'],
    ['{\n  "a": 1\n}\n', '{\n  "a": 1\n,"priority":7}\n'],
    ['{}', '{"priority":7}'],
    ['{"priority":0,"a":1}', '{"a":1,"priority":7}'],
    ['{"priority":0}', '{"priority":7}'],
  ])('adds at the end: %s', (text, expected) => expect(edit(text, ['priority'], { priority: 7 })).toBe(expected))

  it('gives back the same bytes where nothing changes', () => {
    const bytes = Buffer.from('{"a" : 1}')
    expect(editMembers(bytes, { remove: ['inframind'], add: {} })).toBe(bytes)
  })

  const spaced = fc
    .tuple(fc.jsonValue(), fc.constantFrom(0, 1, 4))
    .map(([value, indent]) => JSON.stringify(value, null, indent))
  const body = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('inframind', 'priority')), spaced)

  it('means the same as removing and adding on the parsed object', () => {
    fc.assert(
      fc.property(body, fc.constantFrom('', ' ', '\n\t'), (fields, space) => {
        const members = Object.entries(fields).map(([key, value]) => `${JSON.stringify(key)}${space}:${space}${value}`)
        const text = `${space}{${space}${members.join(`${space},${space}`)}${space}}`
        const expected = Object.entries(JSON.parse(text) as object).filter(
          ([key]) => key !== 'inframind' && key !== 'priority',
        )
        const edited = edit(text, ['inframind', 'priority'], { priority: 3 })
        expect(Object.entries(JSON.parse(edited) as object)).toEqual([...expected, ['priority', 3]])
        const kept = topLevelMembers(Buffer.from(text)).filter(({ key }) => key !== 'inframind' && key !== 'priority')
        for (const { start, end } of kept) expect(edited).toContain(Buffer.from(text).subarray(start, end).toString())
      }),
    )
  })
})

describe('jsonDepth', () => {
  it.each([
    ['1', 0],
    ['{}', 1],
    ['[[],{"a":[1]}]', 3],
    ['{"a":"[[[[\\"[[["}', 1],
    ['"{', 0],
    ['[[[[', 4],
    [']]]]', 0],
  ])('of %s', (text, depth) => expect(jsonDepth(Buffer.from(text))).toBe(depth))
})
