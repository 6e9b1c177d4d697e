/** @file Tables as calibration reads them. */
import { describe, expect, it } from 'vitest'
import { numberAt, parseCsv } from './csv-table.ts'

describe('parseCsv', () => {
  it('names cells by the header, whatever ends the lines', () => {
    expect(parseCsv('a,b\r\n1,x\r\n2,\n', 'test')).toEqual([
      { a: '1', b: 'x' },
      { a: '2', b: '' },
    ])
  })

  it('fills what a short line lacks', () => {
    expect(parseCsv('a,b,c\n1\n', 'test')).toEqual([{ a: '1', b: '', c: '' }])
  })

  it('has no rows without a line after the header', () => {
    expect(parseCsv('a,b\n', 'test')).toEqual([])
    expect(parseCsv('', 'test')).toEqual([])
  })

  it('refuses quoted fields and names the file', () => {
    expect(() => parseCsv('a,b\n"1,5",2\n', 'lengths.csv')).toThrow(/lengths\.csv/)
  })
})

describe('numberAt', () => {
  it('is the number, or NaN for an empty, missing or wordy cell', () => {
    const row = { a: '1e-3', b: '', c: 'x' }
    expect(numberAt(row, 'a')).toBe(0.001)
    expect([numberAt(row, 'b'), numberAt(row, 'c'), numberAt(row, 'd')]).toEqual([NaN, NaN, NaN])
  })
})
