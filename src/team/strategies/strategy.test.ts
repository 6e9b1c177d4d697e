import { describe, expect, it } from 'vitest'
import { domains, strategyIds } from '../../core/index.ts'
import { outputCapTokens, outputCeilingTokens } from './output-cap.ts'
import { deeperThan, stepByStepText, strategies, strategiesUpTo, strategyBody } from './strategy.ts'

describe('strategy texts', () => {
  const texts = strategyIds.flatMap((id) => [strategies[id].instruction, strategies[id].shortInstruction])

  it('are single lines, and none is the beginning of another, so that each can be found again', () => {
    for (const text of [...texts, stepByStepText]) expect(text).toMatch(/^\S.*\S$/)
    for (const text of texts) expect(texts.filter((other) => other.startsWith(text))).toEqual([text])
  })

  it('stand under their own id', () => {
    for (const id of strategyIds) expect(strategies[id].id).toBe(id)
  })
})

describe('the order of depths', () => {
  it('runs from Flash to DeepThink', () => {
    expect(deeperThan('DeepThink', 'Concise')).toBe(true)
    expect(deeperThan('Concise', 'Flash')).toBe(true)
    expect(deeperThan('Flash', 'DeepThink')).toBe(false)
    expect(deeperThan('Concise', 'Concise')).toBe(false)
  })

  it('is cut at a ceiling', () => {
    expect(strategiesUpTo('Flash')).toEqual(['Flash'])
    expect(strategiesUpTo('Concise')).toEqual(['Flash', 'Concise'])
    expect(strategiesUpTo('DeepThink')).toEqual(['Flash', 'Concise', 'DeepThink'])
    expect(strategiesUpTo()).toEqual(['Flash', 'Concise', 'DeepThink'])
  })
})

describe('engine settings of a strategy', () => {
  const extraBody = { flash: { reasoning_effort: 'low' }, DeepThink: { reasoning_effort: 'high' } }

  it('are found under the id or its lower-case form, and are empty where the config has none', () => {
    expect(strategyBody('Flash', extraBody)).toEqual({ reasoning_effort: 'low' })
    expect(strategyBody('DeepThink', extraBody)).toEqual({ reasoning_effort: 'high' })
    expect(strategyBody('Concise', extraBody)).toEqual({})
    expect(strategyBody('Flash')).toEqual({})
  })
})

describe('output caps', () => {
  it.each(domains)('grow with depth in %s and never pass the ceiling', (domain) => {
    const caps = strategyIds.map((strategy) => outputCapTokens({ strategy, domain, isReasoningModel: false }))
    expect(caps).toEqual([...caps].sort((a, b) => a - b))
    expect(new Set(caps).size).toBe(caps.length)
    expect(caps.at(-1)).toBe(outputCeilingTokens)
  })

  it('leave Flash room for a program, and for plain reasoning from models that do not comply', () => {
    expect(outputCapTokens({ strategy: 'Flash', domain: 'code', isReasoningModel: false })).toBeGreaterThanOrEqual(520)
    expect(outputCapTokens({ strategy: 'Flash', domain: 'math', isReasoningModel: false })).toBeGreaterThanOrEqual(540)
  })

  it('give a model that always thinks the whole ceiling at any depth', () => {
    for (const strategy of strategyIds) {
      expect(outputCapTokens({ strategy, domain: 'math', isReasoningModel: true })).toBe(outputCeilingTokens)
    }
  })
})
