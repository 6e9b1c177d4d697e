import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError, textOf } from '../../core/index.ts'
import { splitQuestions, syntheticDatasets } from '../questions/index.ts'
import { hashOf, loadSources } from './sources.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inframind-sources-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const synthetic = { promptFile: null, data: null, datasets: null, seed: 1 }
function fromFile(text: string) {
  const promptFile = join(folder, 'prompts.txt')
  writeFileSync(promptFile, text)
  return loadSources({ ...synthetic, promptFile })
}
const texts = (sources: ReturnType<typeof loadSources>) =>
  sources.map(({ messages }) => messages.map(textOf).join(' | '))

describe('questions to ask', () => {
  it('are training questions alone, sets in turn', () => {
    const sources = loadSources(synthetic)
    const questions = sources.flatMap(({ question }) => question ?? [])
    expect(questions).toHaveLength(sources.length)
    expect(splitQuestions(questions).train).toEqual(questions)
    expect(sources.slice(0, 6).map(({ question }) => question?.dataset)).toEqual([
      ...syntheticDatasets,
      ...syntheticDatasets,
    ])
  })

  it('come in an order that the seed draws', () => {
    const [one, again, other] = [1, 1, 2].map((seed) => loadSources({ ...synthetic, seed }))
    expect(hashOf(one!)).toBe(hashOf(again!))
    expect(hashOf(one!)).not.toBe(hashOf(other!))
    expect(texts(one!).toSorted()).toEqual(texts(other!).toSorted())
  })

  it('are those of the sets named', () => {
    const sources = loadSources({ ...synthetic, datasets: ['synthetic-math'] })
    expect(new Set(sources.map(({ question }) => question?.dataset))).toEqual(new Set(['synthetic-math']))
    expect(() => loadSources({ ...synthetic, datasets: ['synthetic-maths'] })).toThrow(ConfigError)
  })
})

describe('a file of prompts', () => {
  it('has one a line, as text or JSON', () => {
    const lines = [
      'How far is the moon?',
      '',
      '{"prompt": "Two\\nlines"}',
      '"a string"',
      '{"text": "by text"}',
      '{"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello"}]}',
      '{curly} but no JSON',
    ]
    const sources = fromFile(lines.join('\r\n'))
    expect(texts(sources)).toEqual([
      'How far is the moon?',
      'Two\nlines',
      'a string',
      'by text',
      'Be kind. | Hello',
      '{curly} but no JSON',
    ])
    expect(sources.every(({ question }) => question === null)).toBe(true)
  })

  it.each([
    ['is empty', ' \n\n', 'at least one prompt'],
    ['has an object without a prompt', 'fine\n{"question": 3}', ':2'],
    ['has messages that ask nothing', '{"messages": [{"role": "system", "content": "x"}]}', '"messages"'],
    ['has an empty string', '""', 'JSON string'],
  ])('that %s is refused', (_name, text, said) => {
    expect(() => fromFile(text)).toThrow(ConfigError)
    expect(() => fromFile(text)).toThrow(said)
  })

  it('that is not there is refused', () => {
    expect(() => loadSources({ ...synthetic, promptFile: join(folder, 'none') })).toThrow('--prompts')
  })
})
