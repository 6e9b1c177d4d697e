/** @file The log of a training, read back: one line an epoch. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../../core/index.ts'
import { type TrainingLine, trainingLineSchema } from '../../train/index.ts'

const fileName = 'training.jsonl'

/** Whether `folder` is one that `inframind train` wrote. */
export const isTraining = (folder: string): boolean => existsSync(join(folder, fileName))

/** The lines of `folder`; a last one that was cut off is left out. Throws ConfigError where there is none, or a broken one. */
export function readTraining(folder: string): readonly TrainingLine[] {
  const path = join(folder, fileName)
  const lines = readFileSync(path, 'utf8').split('\n')
  // Whatever follows the last line break was being written when the training ended.
  lines.pop()
  const parsed = lines.map((line, index) => parseLine(line, `${path}:${index + 1}`))
  if (parsed.length > 0) return parsed
  const fix = 'Let the training run for an epoch at least.'
  throw new ConfigError([{ path, expected: 'an epoch', got: 'none', fix }])
}

function parseLine(line: string, place: string): TrainingLine {
  const fix = 'Use the log as `inframind train` wrote it.'
  let data: unknown
  try {
    data = JSON.parse(line)
  } catch (error) {
    throw new ConfigError([{ path: place, expected: 'JSON', got: (error as Error).message, fix }])
  }
  const result = trainingLineSchema.safeParse(data)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = `${place} ${issue?.path.join('.') ?? ''}`
  throw new ConfigError([{ path, expected: issue?.message ?? 'an epoch', got: 'something else', fix }])
}
