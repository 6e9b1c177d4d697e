/** @file The tables of docs/twin.md are those that the calibration data and today's twin give. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixed, sectionText, signed } from '../../tools/fit/markdown-table.ts'
import { placeReport, reportSections } from '../../tools/fit/report.ts'
import { calibrationData, dataFolder } from './report-fixture.ts'

const page = () => readFileSync(resolve(import.meta.dirname, '../../docs/twin.md'), 'utf8')

describe('the report', () => {
  it.skipIf(dataFolder === null)('stands in docs/twin.md as it is made', () => {
    expect(placeReport(page(), reportSections(calibrationData()))).toBe(page())
  })

  it('replaces what stands between the marks and nothing else', () => {
    const section = { id: 'x', title: 'X', note: 'Note.', columns: ['a', 'b'], rows: [['1', '2']] }
    const once = placeReport(page(), [section])
    expect(once).toContain(sectionText(section))
    expect(placeReport(once, [section])).toBe(once)
    const [before] = page().split('<!-- made by')
    expect(once.startsWith(before!)).toBe(true)
    expect(() => placeReport('no marks', [section])).toThrow(/hold/)
  })

  it('writes rows of as many cells as there are columns', () => {
    expect(sectionText({ id: 'x', title: 'X', note: 'N.', columns: ['a', 'b'], rows: [['1', '2']] })).toBe(
      '### X\n\nN.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |',
    )
  })

  it('signs gaps, and writes no negative zero', () => {
    expect([signed(0.126), signed(-0.126), signed(-0.001), signed(0.001)]).toEqual(['+0.13', '-0.13', '0.00', '0.00'])
    expect([fixed(-0.001), fixed(Number.NaN), fixed(12.34, 0)]).toEqual(['0.00', '-', '12'])
  })
})
