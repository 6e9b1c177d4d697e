import { InvalidArgumentError } from 'commander'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { budgetListFlag, collectFlag, listFlag, numberFlag, rateListFlag } from './flags.ts'

describe('a list of words', () => {
  it('is parted by commas; blanks and empty ones fall away', () => {
    expect(listFlag(' math, mbpp,,gsm-hard ,')).toEqual(['math', 'mbpp', 'gsm-hard'])
    expect(listFlag(' , ')).toEqual([])
  })
})

describe('a list of budgets', () => {
  it('is of seconds, and mix where they are drawn', () => {
    expect(budgetListFlag('10, 0.5,mix')).toEqual([10, 0.5, null])
    expect(budgetListFlag('')).toEqual([])
  })

  it.each(['x', '10,-1', '0', '1e9', 'mixed', '10;30'])('refuses %s and shows how', (text) => {
    expect(() => budgetListFlag(text)).toThrow(InvalidArgumentError)
    expect(() => budgetListFlag(text)).toThrow('10,30,60')
  })
})

describe('a list of rates', () => {
  it('is of numbers above 0', () => {
    expect(rateListFlag('10,0.5, 200')).toEqual([10, 0.5, 200])
  })

  it.each(['', ',', 'x', '10,0', '-3', 'Infinity'])('refuses %j and shows how', (text) => {
    expect(() => rateListFlag(text)).toThrow(InvalidArgumentError)
    expect(() => rateListFlag(text)).toThrow('10,50,200')
  })
})

describe('a number', () => {
  const share = numberFlag({ min: 0, max: 1 })
  const count = numberFlag({ min: 1, max: 256, whole: true })
  it('lies within its bounds, both included', () => {
    expect([share('0'), share('1'), share('0.25'), count('1'), count('256')]).toEqual([0, 1, 0.25, 1, 256])
  })

  it.each(['', ' ', 'x', '-0.1', '1.1', 'NaN', '1,2'])('refuses %j as a share', (text) => {
    expect(() => share(text)).toThrow(`a number from 0 to 1, got "${text}"`)
  })

  it.each(['0', '257', '1.5'])('refuses %j as a count', (text) => {
    expect(() => count(text)).toThrow(`a whole number from 1 to 256, got "${text}"`)
  })
})

describe('any flag', () => {
  it('takes a text or refuses it with a message, whatever it is', () => {
    const flags = [numberFlag({ min: 0, max: 9 }), budgetListFlag, rateListFlag]
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...flags), (text, flag) => {
        try {
          flag(text)
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidArgumentError)
        }
      }),
    )
  })

  it('that may be given again is gathered', () => {
    expect(collectFlag('b', collectFlag('a'))).toEqual(['a', 'b'])
  })
})
