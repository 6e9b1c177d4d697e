/**
 * @file A training's state on disk, written whole after every epoch: who kills it at any moment loses one epoch at most.
 *
 * Numbers are kept bit for bit: 32-bit floats as base64, 64-bit ones as JSON writes them, which reads back the same.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../core/index.ts'
import { longHash, writeWhole } from '../bench/index.ts'

const floats = z.base64()
const level = z.strictObject({ parameters: floats, adam: floats })
const schemaId = 'inframind/checkpoint/1'

const checkpointSchema = z.strictObject({
  schema: z.literal(schemaId),
  /** Of everything that the weights depend on. */
  optionsHash: z.string(),
  /** Epochs that are behind. */
  epochs: z.int().nonnegative(),
  planner: level,
  executor: level,
  multiplier: z.array(z.number()),
  learningRate: floats,
  /** Of all the rest, so that a damaged file is told from a whole one. */
  digest: z.string(),
  best: z.nullable(z.strictObject({ correctGoodput: z.number(), epoch: z.int(), planner: floats, executor: floats })),
})

type Stored = z.infer<typeof checkpointSchema>

export interface LevelState {
  readonly parameters: Float32Array
  readonly adam: Float32Array
}

/** The weights that were best on validation so far. */
export interface BestSoFar {
  readonly correctGoodput: number
  /** -1: before the first. */
  readonly epoch: number
  readonly planner: Float32Array
  readonly executor: Float32Array
}

export interface Checkpoint {
  readonly optionsHash: string
  readonly epochs: number
  readonly planner: LevelState
  readonly executor: LevelState
  readonly multiplier: readonly number[]
  /** State of the schedule. */
  readonly learningRate: Float32Array
  readonly best: BestSoFar | null
}

export const toBase64 = (array: Float32Array): string =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64')

export function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

const pathIn = (folder: string) => join(folder, 'checkpoint.json')

const digestOf = (rest: object): string => longHash(JSON.stringify(rest))

/** Throws ConfigError on a full disk; the checkpoint before it stays. */
export function writeCheckpoint(folder: string, state: Checkpoint): void {
  const stored: Omit<Stored, 'digest'> = {
    schema: schemaId,
    optionsHash: state.optionsHash,
    epochs: state.epochs,
    planner: { parameters: toBase64(state.planner.parameters), adam: toBase64(state.planner.adam) },
    executor: { parameters: toBase64(state.executor.parameters), adam: toBase64(state.executor.adam) },
    multiplier: [...state.multiplier],
    learningRate: toBase64(state.learningRate),
    best: state.best && {
      ...state.best,
      planner: toBase64(state.best.planner),
      executor: toBase64(state.best.executor),
    },
  }
  writeWhole(pathIn(folder), JSON.stringify({ ...stored, digest: digestOf(stored) }))
}

/**
 * The checkpoint in `folder`; null: none is there. Throws ConfigError for one that cannot be read, or that belongs to a
 * training with other options: going on from it would give weights that no command can make again.
 */
export function readCheckpoint(folder: string, optionsHash: string): Checkpoint | null {
  const path = pathIn(folder)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw unreadable(path, (error as Error).message)
  }
  const stored = parse(path, text)
  if (stored.optionsHash !== optionsHash) {
    const fix = 'Give the options that the training was begun with, or another folder with --out.'
    throw new ConfigError([{ path, expected: 'a training with these options', got: 'one with others', fix }])
  }
  return {
    ...stored,
    planner: { parameters: fromBase64(stored.planner.parameters), adam: fromBase64(stored.planner.adam) },
    executor: { parameters: fromBase64(stored.executor.parameters), adam: fromBase64(stored.executor.adam) },
    learningRate: fromBase64(stored.learningRate),
    best: stored.best && {
      ...stored.best,
      planner: fromBase64(stored.best.planner),
      executor: fromBase64(stored.best.executor),
    },
  }
}

function unreadable(path: string, got: string): ConfigError {
  const fix = 'Delete the file to begin anew, or choose another --out.'
  return new ConfigError([{ path, expected: 'a checkpoint of a training', got, fix }])
}

function parse(path: string, text: string): Stored {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw unreadable(path, (error as Error).message)
  }
  const parsed = checkpointSchema.safeParse(data)
  if (!parsed.success) throw unreadable(path, parsed.error.issues[0]?.message ?? 'something else')
  // By the order of the file's own keys, as they were hashed.
  const { digest, ...rest } = data as Stored
  if (digest !== digestOf(rest)) throw unreadable(path, 'a file that was damaged or changed')
  return parsed.data
}
