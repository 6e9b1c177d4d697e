/**
 * @file The folder of a collection: written line by line, and taken up again where it was left.
 *
 *     collect.json              what was asked, so that another collection is not mixed in
 *     prompts.jsonl             prompts of phase 1 as they were sent, each workflow closed by a line of its own
 *     intermediate_prompts.csv  their texts and roles
 *     calls.jsonl               every call that gave a token
 *     refused.jsonl             cells that an engine will never take
 *     latency_samples.csv       the measured ones of phase 2
 *     graded.jsonl              the judged answers
 *
 * One writer. A line goes out whole in one synchronous call, so a killed process loses at most the last one. When the
 * folder is opened, what cannot be read is left out and counted, and what follows from other files is made anew from them:
 * the tables, and the graded answers whose call is not there. Prompts are in it word for word: only its owner may read it.
 */
import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../core/index.ts'
import { writeWhole } from '../bench/index.ts'
import { type CollectionIdentity, collectSchemaId, mergeIdentity } from './collection-identity.ts'
import { lockFolder, lockName } from './folder-lock.ts'
import {
  type CallLine,
  callLineSchema,
  cellKey,
  cellOf,
  type GradedLine,
  type PromptLine,
  type RefusedLine,
  type WorkflowLine,
} from './lines.ts'
import { promptText } from './strategy-text.ts'
import { promptColumns, sampleColumns, sampleLine, tableLine } from './tables.ts'

/** Of the files, and of a folder that is made. */
const [fileMode, folderMode] = [0o600, 0o700]

const names = {
  identity: 'collect.json',
  prompts: 'prompts.jsonl',
  promptTable: 'intermediate_prompts.csv',
  calls: 'calls.jsonl',
  refused: 'refused.jsonl',
  samples: 'latency_samples.csv',
  graded: 'graded.jsonl',
} as const

export class CollectionFiles {
  readonly #out: string
  readonly #prompts: PromptLine[] = []
  readonly #workflows = new Set<number>()
  readonly #cells = new Set<string>()
  readonly #unlock: () => void
  #calls = 0
  #unreadable = 0

  /**
   * Opens or makes the folder. Throws ConfigError where it cannot be written, holds something else or another collection,
   * or is being written to.
   */
  constructor(out: string, identity: CollectionIdentity) {
    this.#out = out
    makeFolder(out)
    this.#unlock = lock(out)
    try {
      this.#checkIdentity(identity)
      this.#takeUpPrompts()
      this.#takeUpCalls()
      this.#closeToOthers()
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Gives the folder back; nothing may be written afterwards. */
  close(): void {
    this.#unlock()
  }

  /** Lines that were left out when the folder was opened: torn, or of another form. */
  get unreadable(): number {
    return this.#unreadable
  }

  /** Of finished workflows, in order. */
  get prompts(): readonly PromptLine[] {
    return this.#prompts
  }

  /** Lines of `calls.jsonl`. */
  get calls(): number {
    return this.#calls
  }

  hasWorkflow(workflow: number): boolean {
    return this.#workflows.has(workflow)
  }

  hasCell(key: string): boolean {
    return this.#cells.has(key)
  }

  addWorkflow(line: WorkflowLine, prompts: readonly PromptLine[]): void {
    this.#append(names.prompts, [...prompts, line].map(jsonLine).join(''))
    this.#append(names.promptTable, prompts.map(promptLine).join(''))
    this.#prompts.push(...prompts)
    this.#workflows.add(line.workflow)
  }

  /** `graded` goes first: without its call it does not count. */
  addCall(call: CallLine, graded: GradedLine | null = null): void {
    if (graded !== null) this.#append(names.graded, jsonLine(graded))
    this.#append(names.calls, jsonLine(call))
    const sample = sampleLine(call)
    if (sample !== null) this.#append(names.samples, sample)
    this.#note(call)
  }

  /** Settles the cell without a sample. */
  addRefused(line: RefusedLine): void {
    this.#append(names.refused, jsonLine(line))
    this.#cells.add(cellKey(line))
  }

  #note(call: CallLine): void {
    this.#calls += 1
    const cell = cellOf(call)
    if (cell !== null) this.#cells.add(cellKey(cell))
  }

  #checkIdentity(identity: CollectionIdentity): void {
    const path = join(this.#out, names.identity)
    const found = this.#read(names.identity)
    if (found === '') this.#refuseForeign()
    const merged = found === '' ? identity : mergeIdentity(found, identity, path)
    this.#rewrite(names.identity, `${JSON.stringify({ schema: collectSchemaId, ...merged }, null, 1)}\n`)
  }

  /** Files that bear the names of ours would be lost. */
  #refuseForeign(): void {
    const own = [lockName, names.identity, `${names.identity}.part`]
    const foreign = readdirSync(this.#out).filter((name) => !own.includes(name))
    if (foreign.length === 0) return
    const expected = `an empty folder, or one with ${names.identity}`
    const fix = 'Choose another folder with --out.'
    throw new ConfigError([{ path: this.#out, expected, got: foreign.slice(0, 3).join(', '), fix }], '--out')
  }

  #closeToOthers(): void {
    for (const name of Object.values(names)) {
      const path = join(this.#out, name)
      if (existsSync(path)) chmodSync(path, fileMode)
    }
  }

  #takeUpPrompts(): void {
    const lines = this.#linesOf(names.prompts, isPromptsLine)
    let open: PromptLine[] = []
    const kept: (PromptLine | WorkflowLine)[] = []
    for (const line of lines) {
      if (line.type === 'prompt') open.push(line)
      else if (line.type === 'workflow') {
        // What stands before the workflow's own prompts was torn off another one.
        const own = open.filter(({ workflow }) => workflow === line.workflow)
        this.#prompts.push(...own)
        this.#workflows.add(line.workflow)
        kept.push(...own, line)
        open = []
      }
    }
    this.#rewrite(names.prompts, kept.map(jsonLine).join(''))
    this.#rewrite(names.promptTable, tableLine(promptColumns) + this.#prompts.map(promptLine).join(''))
  }

  #takeUpCalls(): void {
    const calls = this.#linesOf(names.calls, isCallLine)
    for (const call of calls) this.#note(call)
    const refused = this.#linesOf(names.refused, isRefusedLine)
    for (const line of refused) this.#cells.add(cellKey(line))
    const ids = new Set(calls.map(({ id }) => id))
    const graded = this.#linesOf(names.graded, isGradedLine).filter(({ call }) => ids.has(call))
    this.#rewrite(names.calls, calls.map(jsonLine).join(''))
    this.#rewrite(names.samples, tableLine(sampleColumns) + calls.map((call) => sampleLine(call) ?? '').join(''))
    this.#rewrite(names.refused, refused.map(jsonLine).join(''))
    this.#rewrite(names.graded, graded.map(jsonLine).join(''))
  }

  /** Those that can be read; the others are counted. */
  #linesOf<T>(name: string, isOne: (value: unknown) => value is T): readonly T[] {
    return this.#read(name)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .flatMap((line) => {
        const value = jsonOf(line)
        if (isOne(value)) return [value]
        this.#unreadable += 1
        return []
      })
  }

  #read(name: string): string {
    try {
      return readFileSync(join(this.#out, name), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
      throw diskError(join(this.#out, name), error)
    }
  }

  /** Leaves a file alone that is as it should be. */
  #rewrite(name: string, text: string): void {
    if (this.#read(name) !== text || text === '') writeWhole(join(this.#out, name), text, { mode: fileMode })
  }

  #append(name: string, text: string): void {
    try {
      appendFileSync(join(this.#out, name), text, { mode: fileMode })
    } catch (error) {
      throw diskError(join(this.#out, name), error)
    }
  }
}

const jsonLine = (value: object): string => `${JSON.stringify(value)}\n`
const promptLine = ({ messages, role }: PromptLine): string => tableLine([promptText(messages), role])

/** Undefined: torn. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const isCallLine = (value: unknown): value is CallLine => callLineSchema.safeParse(value).success
const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

function isPromptsLine(value: unknown): value is PromptLine | WorkflowLine {
  const { type, id, workflow, messages } = fieldsOf(value)
  if (typeof workflow !== 'number') return false
  return type === 'workflow' || (type === 'prompt' && typeof id === 'string' && Array.isArray(messages))
}

function isRefusedLine(value: unknown): value is RefusedLine {
  const { prompt, strategy, model, level } = fieldsOf(value)
  return [prompt, strategy, model].every((name) => typeof name === 'string') && typeof level === 'number'
}

const isGradedLine = (value: unknown): value is GradedLine => typeof fieldsOf(value)['call'] === 'string'

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: folderMode })
  } catch (error) {
    throw diskError(folder, error)
  }
}

function lock(folder: string): () => void {
  try {
    return lockFolder(folder)
  } catch (error) {
    throw error instanceof ConfigError ? error : diskError(folder, error)
  }
}

const diskError = (path: string, error: unknown): ConfigError =>
  new ConfigError(
    [
      {
        path,
        expected: 'a place that can be written to',
        got: (error as Error).message,
        fix: 'Make room or choose another folder with --out; what was collected is kept, and the same command goes on.',
      },
    ],
    'the disk',
  )
