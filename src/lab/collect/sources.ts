/**
 * @file What workflows are about: prompts of a file, training questions of a folder, or synthetic questions.
 *
 * Questions of data sets are drawn from their training parts alone, so that nothing fitted from a collection has seen what
 * results are reported on. Sets take turns; within a set the order is drawn from the seed.
 */
import { readFileSync } from 'node:fs'
import { type ChatMessage, ConfigError, hashText, keyedRandom, textOf } from '../../core/index.ts'
import { mixedDataset, type Question, questionSets, syntheticDatasets } from '../questions/index.ts'

/** One thing to ask. */
export interface Source {
  readonly messages: readonly ChatMessage[]
  /** Null: no key is known. */
  readonly question: Question | null
}

export interface SourceOptions {
  /** JSON lines or plain text, one prompt a line; null: questions. */
  readonly promptFile: string | null
  readonly data: string | null
  /** Null: all of the folder, or the synthetic ones. */
  readonly datasets: readonly string[] | null
  readonly seed: number
}

/** At least one. Throws ConfigError for a file or folder that cannot be used. */
export function loadSources(options: SourceOptions): readonly Source[] {
  const { promptFile, seed } = options
  const sources = promptFile === null ? questionSources(options) : fileSources(promptFile)
  if (sources.length > 0) return sources
  const path = promptFile ?? '--datasets'
  const fix =
    promptFile === null ? 'Name other sets.' : 'Put one prompt a line in it, as text or as JSON {"prompt": "..."}.'
  throw new ConfigError([{ path, expected: 'at least one prompt', got: `none (seed ${seed})`, fix }], 'the prompts')
}

/** Changes with any text or its place. */
export const hashOf = (sources: readonly Source[]): string => {
  const text = JSON.stringify(sources.map(({ messages }) => messages))
  return [1, 2].map((seed) => hashText(text, seed).toString(16).padStart(8, '0')).join('')
}

function questionSources({ data, datasets, seed }: SourceOptions): readonly Source[] {
  const asked = datasets ?? (data === null ? syntheticDatasets : [mixedDataset])
  const sets = [...questionSets({ folder: data, datasets: asked, seed: 1 }).values()]
  const drawn = sets
    .flatMap(({ members }) => members)
    .map(({ train }, index) => shuffled(train, `${seed} set ${index}`))
  const longest = Math.max(0, ...drawn.map(({ length }) => length))
  const inTurn = Array.from({ length: longest }, (_, place) => drawn.flatMap((questions) => questions[place] ?? []))
  return inTurn.flat().map((question) => ({
    messages: question.messages ?? [{ role: 'user', content: question.text }],
    question,
  }))
}

/** In an order that depends on `key` alone. */
export function shuffled<T>(items: readonly T[], key: string): readonly T[] {
  const random = keyedRandom(0, key)
  const order = [...items]
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1)
    const kept = order[last] as T
    order[last] = order[other] as T
    order[other] = kept
  }
  return order
}

function fileSources(path: string): readonly Source[] {
  return readText(path)
    .split(/\r?\n/)
    .flatMap((line, index) => {
      if (line.trim() === '') return []
      const messages = /^\s*["{]/.test(line) ? parseLine(line, `${path}:${index + 1}`) : [userMessage(line)]
      return [{ messages, question: null }]
    })
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const fix = 'Name a file of prompts, one a line.'
    throw new ConfigError(
      [{ path: '--prompts', expected: 'a file', got: (error as Error).message, fix }],
      'the prompts',
    )
  }
}

const userMessage = (content: string): ChatMessage => ({ role: 'user', content })

/** A JSON string, or an object with `prompt`, `text` or `messages`. A line that is no JSON after all is a prompt as it stands. */
function parseLine(line: string, place: string): readonly ChatMessage[] {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return [userMessage(line)]
  }
  if (typeof value === 'string' && value.trim() !== '') return [userMessage(value)]
  const { prompt, text, messages } = value as Readonly<Record<string, unknown>>
  for (const said of [prompt, text]) if (typeof said === 'string' && said.trim() !== '') return [userMessage(said)]
  if (Array.isArray(messages) && messages.some(isAsking)) return messages as readonly ChatMessage[]
  const expected = 'a JSON string, or an object with "prompt", "text" or "messages"'
  throw new ConfigError(
    [{ path: place, expected, got: line.slice(0, 60), fix: 'Mend or remove this line.' }],
    'the prompts',
  )
}

const isAsking = (message: unknown): boolean =>
  (message as ChatMessage | null)?.role === 'user' && textOf(message as ChatMessage).trim() !== ''
