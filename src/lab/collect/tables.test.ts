import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aCallLine } from '../../../test/collect-builders.ts'
import { parseTable } from '../../../test/parse-table.ts'
import { promptColumns, sampleColumns, sampleLine, tableLine } from './tables.ts'

describe('the tables', () => {
  it('have exactly the columns that the two phases name', () => {
    expect(tableLine(promptColumns)).toBe('prompt_text,role_id\n')
    expect(tableLine(sampleColumns)).toBe(
      'queue_waiting,queue_running,kv_utilization,model_id,role_id,strategy_id,total_input_tokens,actual_ttft,actual_tpot,output_tokens\n',
    )
  })

  it('quote after RFC 4180', () => {
    expect(tableLine(['plain', 'a, b', 'she said "no"', 'two\nlines'])).toBe(
      'plain,"a, b","she said ""no""","two\nlines"\n',
    )
  })

  it('give every text back that they were given', () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('', '"', '""', ',', '\n', '\r\n', 'a\rb', '"\n,"'))
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 })), (rows) => {
        expect(parseTable(rows.map(tableLine).join(''))).toEqual(rows)
      }),
    )
  })

  it('give seconds: ttft from sending, tpot per token after the first', () => {
    const call = aCallLine({
      waiting: 3,
      running: 16,
      kvUsage: 0.25,
      promptTokens: 120,
      outputTokens: 11,
      sentAtMs: 1000,
      firstTokenAtMs: 1250,
      finishedAtMs: 1450,
    })
    expect(sampleLine(call)).toBe('3,16,0.25,llama-8b,MathSolver,Concise,120,0.250000,0.020000,11\n')
  })

  it('leave empty what the engine does not tell, and the pace of a single token', () => {
    const silent = aCallLine({ running: null, waiting: null, kvUsage: null, outputTokens: 1 })
    expect(sampleLine(silent)).toBe(',,,llama-8b,MathSolver,Concise,200,0.100000,,1\n')
  })

  it.each([
    ['a step of a workflow', { phase: 1 as const }],
    ['background', { isBackground: true }],
    ['a call that was given up', { status: 'aborted' as const }],
    ['a call without a token', { firstTokenAtMs: null }],
  ])('have no sample of %s', (_name, change) => {
    expect(sampleLine(aCallLine(change))).toBeNull()
  })
})
