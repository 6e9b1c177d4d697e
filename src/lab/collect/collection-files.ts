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
 * folder is opened, what is torn is cut off, and what follows from other files is made anew from them: the tables, and
 * the graded answers whose call is not there.
 */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../core/index.ts'
import { writeWhole } from '../bench/index.ts'
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

export const collectSchemaId = 'inframind.collect/1'

/** What must be the same when a collection goes on. */
export interface CollectionIdentity {
  readonly seed: number
  /** Of the questions that workflows are about, in order. */
  readonly questionsHash: string
}

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
  #calls = 0

  /** Opens or makes the folder. Throws ConfigError where it cannot be written, or holds another collection. */
  constructor(out: string, identity: CollectionIdentity) {
    this.#out = out
    makeFolder(out)
    this.#checkIdentity(identity)
    this.#takeUpPrompts()
    this.#takeUpCalls()
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
    const asked = JSON.stringify({ schema: collectSchemaId, ...identity }, null, 1)
    const found = this.#read(names.identity)
    if (found === '') writeWhole(join(this.#out, names.identity), `${asked}\n`)
    else if (found.trimEnd() !== asked) {
      const fix = 'Ask with the same prompts and --seed to go on, or choose another folder with --out.'
      const expected = 'an empty folder, or one of this collection'
      throw new ConfigError([{ path: this.#out, expected, got: 'another collection', fix }], '--out')
    }
  }

  #takeUpPrompts(): void {
    const lines = parseLines(this.#read(names.prompts)) as readonly (PromptLine | WorkflowLine)[]
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
    const calls = parseLines(this.#read(names.calls)).flatMap((line) => callLineSchema.safeParse(line).data ?? [])
    for (const call of calls) this.#note(call)
    const refused = parseLines(this.#read(names.refused)) as readonly RefusedLine[]
    for (const line of refused) this.#cells.add(cellKey(line))
    const ids = new Set(calls.map(({ id }) => id))
    const graded = (parseLines(this.#read(names.graded)) as readonly GradedLine[]).filter(({ call }) => ids.has(call))
    this.#rewrite(names.calls, calls.map(jsonLine).join(''))
    this.#rewrite(names.samples, tableLine(sampleColumns) + calls.map((call) => sampleLine(call) ?? '').join(''))
    this.#rewrite(names.refused, refused.map(jsonLine).join(''))
    this.#rewrite(names.graded, graded.map(jsonLine).join(''))
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
    if (this.#read(name) !== text || text === '') writeWhole(join(this.#out, name), text)
  }

  #append(name: string, text: string): void {
    try {
      appendFileSync(join(this.#out, name), text)
    } catch (error) {
      throw diskError(join(this.#out, name), error)
    }
  }
}

const jsonLine = (value: object): string => `${JSON.stringify(value)}\n`
const promptLine = ({ messages, role }: PromptLine): string => tableLine([promptText(messages), role])

/** The values of whole lines; a line that is torn or no object is left out. */
function parseLines(text: string): readonly object[] {
  return text.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line)
      return typeof value === 'object' && value !== null ? [value] : []
    } catch {
      return []
    }
  })
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw diskError(folder, error)
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
