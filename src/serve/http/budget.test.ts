/** @file Budgets: who wins, what is refused and how it is named, what client time-outs cap and what they do not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InframindError } from '../../core/index.ts'
import { type BudgetSources, resolveBudget, timeoutCap } from './budget.ts'

const resolve = (sources: Partial<BudgetSources> = {}) =>
  resolveBudget({
    headers: {},
    bodyMs: null,
    suffixMs: null,
    virtualMs: null,
    defaultMs: 30_000,
    ceilingMs: null,
    ...sources,
  })
const budget = (sources: Partial<BudgetSources> = {}) => resolve(sources).budgetMs
const header = (value: string | string[]) => ({ headers: { 'x-inframind-budget-ms': value } })
const refusal = (sources: Partial<BudgetSources>) => {
  try {
    return budget(sources)
  } catch (error) {
    return error
  }
}

describe('precedence', () => {
  const all = { ...header('1000'), bodyMs: 2000, suffixMs: 3000, virtualMs: 4000 }
  it.each<[string, Partial<BudgetSources>, number]>([
    ['the header first', all, 1000],
    ['then the body', { ...all, headers: {} }, 2000],
    ['then the suffix', { suffixMs: 3000, virtualMs: 4000 }, 3000],
    ['then the virtual model', { virtualMs: 4000 }, 4000],
    ['then the default', {}, 30_000],
    ['a fraction is fine', header('1500.5'), 1500.5],
    ['24 h is fine', header('86400000'), 86_400_000],
    ['the key caps', { bodyMs: 20_000, ceilingMs: 9000 }, 9000],
    ['the key never lengthens', { bodyMs: 2000, ceilingMs: 9000 }, 2000],
  ])('%s', (_, sources, expected) => expect(budget(sources)).toBe(expected))
})

describe('a budget of auto', () => {
  const predict = (predictedP95Ms: number, factor = 1.5) => ({ predict: () => ({ predictedP95Ms, factor }) })

  it.each<[string, Partial<BudgetSources>, number]>([
    ['is factor x prediction, asked for in the body', { bodyMs: 'auto', ...predict(8000) }, 12_000],
    ['in the header, in any case', { ...header(' Auto '), bodyMs: 1000, ...predict(8000, 2) }, 16_000],
    ['or by the virtual model', { virtualMs: 'auto', ...predict(8000) }, 12_000],
    ['yields to a number that goes first', { ...header('1000'), bodyMs: 'auto', ...predict(8000) }, 1000],
    ['yields to the suffix, if the virtual model says it', { suffixMs: 3000, virtualMs: 'auto', ...predict(1) }, 3000],
    ['is not shorter than 250 ms', { bodyMs: 'auto', ...predict(20) }, 250],
    ['is not longer than 5 min', { bodyMs: 'auto', ...predict(1e9) }, 300_000],
    ['is cut by the key', { bodyMs: 'auto', ceilingMs: 5000, ...predict(8000) }, 5000],
    [
      'and below 250 ms by the client',
      { headers: { 'x-litellm-timeout': '0.4' }, bodyMs: 'auto', ...predict(20) },
      150,
    ],
  ])('%s', (_, sources, expected) => expect(budget(sources)).toBe(expected))

  it('says where it came from; a number does not', () => {
    expect(resolve({ bodyMs: 'auto', ...predict(8000) }).auto).toEqual({ predictedP95Ms: 8000, factor: 1.5 })
    expect(resolve({ bodyMs: 5000, ...predict(8000) }).auto).toBeNull()
  })

  it('is the default where nothing can be predicted', () => {
    for (const unknown of [{}, { predict: () => null }, predict(Number.NaN), predict(Infinity)]) {
      expect(resolve({ bodyMs: 'auto', defaultMs: 7000, ...unknown })).toEqual({ budgetMs: 7000, auto: null })
    }
  })

  it('is predicted only where it decides', () => {
    const forbidden = () => {
      throw new Error('asked without need')
    }
    expect(budget({ bodyMs: 4000, virtualMs: 'auto', predict: forbidden })).toBe(4000)
  })
})

describe('what is refused, naming its source', () => {
  it.each<[Partial<BudgetSources>, string]>([
    [header('-1'), 'x-inframind-budget-ms'],
    [header('0'), 'x-inframind-budget-ms'],
    [header(''), 'x-inframind-budget-ms'],
    [header('ten'), 'x-inframind-budget-ms'],
    [header('automatic'), 'x-inframind-budget-ms'],
    [header('10s'), 'x-inframind-budget-ms'],
    [header('NaN'), 'x-inframind-budget-ms'],
    [header('Infinity'), 'x-inframind-budget-ms'],
    [header('1e3'), 'x-inframind-budget-ms'],
    [header('0x10'), 'x-inframind-budget-ms'],
    [header('86400001'), 'x-inframind-budget-ms'],
    [header(['1000', '2000']), 'x-inframind-budget-ms'],
    [{ bodyMs: -5 }, 'inframind.budget_ms'],
    [{ bodyMs: 0 }, 'inframind.budget_ms'],
    [{ bodyMs: Number.NaN }, 'inframind.budget_ms'],
    [{ bodyMs: 1e12 }, 'inframind.budget_ms'],
    [{ suffixMs: 0 }, 'model'],
    [{ suffixMs: 1e9 }, 'model'],
    [{ ...header('1000'), bodyMs: -5 }, 'inframind.budget_ms'],
    [{ ...header('1000'), bodyMs: 1, suffixMs: 0 }, 'model'],
    [{ ...header('auto'), bodyMs: -5 }, 'inframind.budget_ms'],
  ])('%j: %s', (sources, param) => {
    const error = refusal(sources)
    expect(error).toBeInstanceOf(InframindError)
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', status: 400, param })
    expect((error as Error).message).toContain(param)
  })
})

describe('client time-outs', () => {
  it.each<[Record<string, string>, number | null]>([
    [{}, null],
    [{ 'x-stainless-timeout': '600' }, null],
    [{ 'x-stainless-timeout': '600.0' }, null],
    [{ 'x-stainless-timeout': '0' }, 750],
    [{ 'x-stainless-timeout': '5' }, 4750],
    [{ 'x-stainless-timeout': '900' }, 899_750],
    [{ 'x-stainless-timeout': '0.5' }, 250],
    [{ 'x-stainless-timeout': '0.1' }, 50],
    [{ 'x-stainless-timeout': 'not-given' }, null],
    [{ 'x-stainless-timeout': '-3' }, null],
    [{ 'x-litellm-timeout': '8' }, 7750],
    [{ 'x-litellm-timeout': '600' }, 599_750],
    [{ 'x-portkey-request-timeout': '2000' }, 1750],
    [{ 'x-portkey-request-timeout': '100' }, 50],
    [{ 'x-portkey-request-timeout': '0' }, null],
    [{ 'x-stainless-timeout': '9', 'x-litellm-timeout': '4', 'x-portkey-request-timeout': '6000' }, 3750],
    [{ 'x-stainless-timeout': '600', 'x-portkey-request-timeout': '6000' }, 5750],
  ])('%j leave %s', (headers, capMs) => expect(timeoutCap(headers)).toBe(capMs))

  it('cap and never lengthen, and leave time above zero', () => {
    const amount = fc.double({ min: 0.001, max: 86_400_000, noNaN: true })
    const seconds = fc.nat(10_000).map(String)
    fc.assert(
      fc.property(amount, seconds, seconds, (bodyMs, stainless, litellm) => {
        const headers = { 'x-stainless-timeout': stainless, 'x-litellm-timeout': litellm }
        const resolved = budget({ bodyMs, headers })
        expect(resolved).toBe(Math.min(bodyMs, timeoutCap(headers) ?? bodyMs))
        expect(resolved).toBeGreaterThan(0)
      }),
    )
  })
})
