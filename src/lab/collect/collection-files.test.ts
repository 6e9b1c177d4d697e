import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aCallLine, aGradedLine, aPromptLine, aWorkflowLine } from '../../../test/collect-builders.ts'
import { parseTable } from '../../../test/parse-table.ts'
import { ConfigError } from '../../core/index.ts'
import { CollectionFiles } from './collection-files.ts'
import { cellKey } from './lines.ts'

const identity = { seed: 1, questionsHash: 'abc' }
let out: string
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'inframind-files-'))
})
afterEach(() => rmSync(out, { recursive: true }))

const open = () => new CollectionFiles(out, identity)
const text = (name: string) => readFileSync(join(out, name), 'utf8')
const cell = { prompt: '0:0/0', strategy: 'Concise', model: 'llama-8b', level: 1 } as const
const snapshot = () =>
  [
    'prompts.jsonl',
    'intermediate_prompts.csv',
    'calls.jsonl',
    'latency_samples.csv',
    'graded.jsonl',
    'refused.jsonl',
  ].map(text)

function fill(): void {
  const files = open()
  files.addWorkflow(aWorkflowLine(), [aPromptLine(), aPromptLine({ id: '0:last', role: 'Judge' })])
  files.addCall(aCallLine(), aGradedLine())
  files.addCall(aCallLine({ id: 'b', isBackground: true }))
  files.addRefused({ ...cell, level: 10, code: 'CONTEXT_TOO_LONG', message: 'too long' })
}

describe('the files of a collection', () => {
  it('has tables with headers from the first moment', () => {
    open()
    expect(text('intermediate_prompts.csv')).toBe('prompt_text,role_id\n')
    expect(parseTable(text('latency_samples.csv'))).toHaveLength(1)
    expect(text('calls.jsonl')).toBe('')
  })

  it('are taken up as they were left', () => {
    fill()
    const before = snapshot()
    const files = open()
    expect(snapshot()).toEqual(before)
    expect(files.hasWorkflow(0)).toBe(true)
    expect(files.hasWorkflow(1)).toBe(false)
    expect(files.prompts.map(({ id }) => id)).toEqual(['0:0/0', '0:last'])
    expect(files.hasCell(cellKey(cell))).toBe(true)
    expect(files.hasCell(cellKey({ ...cell, level: 10 }))).toBe(true)
    expect(files.hasCell(cellKey({ ...cell, strategy: 'Flash' }))).toBe(false)
    expect(files.calls).toBe(2)
  })

  it('lose no more than the last line, wherever a killed writer stopped', () => {
    fill()
    const whole = text('calls.jsonl')
    const firstLine = whole.indexOf('\n') + 1
    for (const length of [0, 1, firstLine - 2, firstLine, firstLine + 7, whole.length - 1]) {
      writeFileSync(join(out, 'calls.jsonl'), whole)
      truncateSync(join(out, 'calls.jsonl'), length)
      const files = open()
      // A line without its line feed is whole all the same where it can be read.
      const isFirstThere = length >= firstLine
      expect(files.hasCell(cellKey(cell)), `cut at ${length}`).toBe(isFirstThere)
      expect(parseTable(text('latency_samples.csv'))).toHaveLength(isFirstThere ? 2 : 1)
      expect(text('graded.jsonl') === '').toBe(!isFirstThere)
      // The next line stands on its own.
      files.addCall(aCallLine({ id: 'next', strategy: 'Flash' }))
      expect(open().hasCell(cellKey({ ...cell, strategy: 'Flash' }))).toBe(true)
      writeFileSync(join(out, 'graded.jsonl'), `${JSON.stringify(aGradedLine())}\n`)
    }
  })

  it('makes the tables anew where a kill came between two files', () => {
    fill()
    const before = snapshot()
    truncateSync(join(out, 'latency_samples.csv'), 20)
    truncateSync(join(out, 'intermediate_prompts.csv'), 3)
    appendFileSync(join(out, 'graded.jsonl'), `${JSON.stringify(aGradedLine({ call: 'never written' }))}\n`)
    open()
    expect(snapshot()).toEqual(before)
  })

  it('forgets prompts of a workflow that was not closed', () => {
    fill()
    const before = snapshot()
    appendFileSync(
      join(out, 'prompts.jsonl'),
      `${JSON.stringify(aPromptLine({ id: '1:0/0', workflow: 1 }))}\n{"type":"pro`,
    )
    const files = open()
    expect(files.hasWorkflow(1)).toBe(false)
    expect(snapshot()).toEqual(before)
    files.addWorkflow(aWorkflowLine({ workflow: 1 }), [aPromptLine({ id: '1:0/0', workflow: 1 })])
    expect(open().prompts.map(({ id }) => id)).toEqual(['0:0/0', '0:last', '1:0/0'])
  })

  it('a call that was given up settles no cell', () => {
    const files = open()
    files.addCall(aCallLine({ status: 'aborted', isCut: true }))
    expect(files.hasCell(cellKey(cell))).toBe(false)
    expect(open().hasCell(cellKey(cell))).toBe(false)
  })

  it('refuses the folder of another collection', () => {
    fill()
    expect(() => new CollectionFiles(out, { ...identity, seed: 2 })).toThrow(ConfigError)
    expect(() => new CollectionFiles(out, { ...identity, questionsHash: 'x' })).toThrow('--seed')
  })

  it('refuses a place that cannot be written', () => {
    writeFileSync(join(out, 'file'), '')
    expect(() => new CollectionFiles(join(out, 'file', 'below'), identity)).toThrow(ConfigError)
    expect(() => new CollectionFiles(join(out, 'file'), identity)).toThrow(ConfigError)
  })
})
