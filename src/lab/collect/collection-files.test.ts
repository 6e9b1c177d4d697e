import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aCallLine, aGradedLine, aPromptLine, aWorkflowLine } from '../../../test/collect-builders.ts'
import { parseTable } from '../../../test/parse-table.ts'
import { ConfigError } from '../../core/index.ts'
import { CollectionFiles } from './collection-files.ts'
import { cellKey } from './lines.ts'

const identity = {
  seed: 1,
  questionsHash: 'abc',
  maxAgents: 3,
  timeScale: 1,
  engines: { 'http://a': 'llama-8b', 'http://b': null },
}
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

  it.each<[string, object, RegExp]>([
    ['seed', { seed: 2 }, /json: seed: expected 1, as this collection was begun, got 2.*--seed/],
    ['questions', { questionsHash: 'x' }, /questionsHash.*--prompts/],
    ['size of teams', { maxAgents: 4 }, /--max-agents/],
    ['time scale', { timeScale: 10 }, /--time-scale/],
    [
      'engines',
      { engines: { 'http://a': 'llama-8b' } },
      /engines: expected http:\/\/a, http:\/\/b,.* got http:\/\/a\b/,
    ],
    ['model', { engines: { ...identity.engines, 'http://a': 'other' } }, /model of http:\/\/a: expected llama-8b/],
  ])('refuses the folder of a collection of another %s, and is free again', (_, change, says) => {
    fill()
    const before = text('collect.json')
    expect(() => new CollectionFiles(out, { ...identity, ...change })).toThrow(ConfigError)
    expect(() => new CollectionFiles(out, { ...identity, ...change })).toThrow(says)
    expect([text('collect.json'), existsSync(join(out, 'collect.lock'))]).toEqual([before, false])
    expect(open().calls).toBe(2)
  })

  it('remember the model of an engine that answered later, or has gone since', () => {
    open().close()
    const of = (engines: object) =>
      new CollectionFiles(out, { ...identity, engines: { ...identity.engines, ...engines } })
    of({ 'http://a': null, 'http://b': 'tiny-3b' }).close()
    expect(JSON.parse(text('collect.json')).engines).toEqual({ 'http://a': 'llama-8b', 'http://b': 'tiny-3b' })
    expect(() => of({ 'http://b': 'other' })).toThrow('model of http://b')
  })

  it('refuse a folder with files of somebody else, and leave them alone', () => {
    writeFileSync(join(out, 'calls.jsonl'), 'mine')
    expect(open).toThrow(/an empty folder, or one with collect.json, got calls.jsonl/)
    expect([text('calls.jsonl'), readdirSync(out)]).toEqual(['mine', ['calls.jsonl']])
  })

  it('count the lines that cannot be read', () => {
    fill()
    appendFileSync(join(out, 'calls.jsonl'), '{"id":1}\nnull\n{"to')
    appendFileSync(join(out, 'prompts.jsonl'), '{"type":"prompt"}\n')
    appendFileSync(join(out, 'refused.jsonl'), '[]\n')
    expect(open().unreadable).toBe(5)
    expect(open().unreadable).toBe(0)
  })

  it('are for their owner alone, also when they were not', () => {
    fill()
    chmodSync(join(out, 'calls.jsonl'), 0o644)
    open()
    expect(readdirSync(out).map((name) => statSync(join(out, name)).mode & 0o777)).toEqual(
      readdirSync(out).map(() => 0o600),
    )
  })

  it('have one writer: a living one keeps others out, a dead one does not', () => {
    const lock = join(out, 'collect.lock')
    open().close()
    expect(existsSync(lock)).toBe(false)
    writeFileSync(lock, `${process.ppid}\n`)
    expect(open).toThrow(new RegExp(`collect\\.lock: .*got process ${process.ppid} does`))
    expect(existsSync(lock)).toBe(true)
    for (const left of [`${spawnSync(process.execPath, ['-e', '']).pid}\n`, 'nonsense', `${process.pid}`]) {
      writeFileSync(lock, left)
      open()
      expect(text('collect.lock')).toBe(`${process.pid}\n`)
    }
  })

  it('refuses a place that cannot be written', () => {
    writeFileSync(join(out, 'file'), '')
    expect(() => new CollectionFiles(join(out, 'file', 'below'), identity)).toThrow(ConfigError)
    expect(() => new CollectionFiles(join(out, 'file'), identity)).toThrow(ConfigError)
  })
})
