/**
 * @file `latency_samples.csv`: the table of the predictors' second phase, times in seconds.
 *
 * It holds no instants, so that nothing can be replayed from it; where it is all there is, step times follow from it by
 * regression alone.
 */
import { readFileSync } from 'node:fs'
import { ConfigError, type ModelId } from '../../../core/index.ts'
import { sampleColumns } from '../../collect/index.ts'
import { type CsvRow, numberAt, parseCsv } from '../csv-table.ts'

export interface LatencySample {
  readonly model: ModelId
  /** As the engine said before; null: it did not. */
  readonly waiting: number | null
  readonly running: number | null
  /** 0-1; null: not said. */
  readonly kvUsage: number | null
  readonly promptTokens: number
  readonly outputTokens: number
  readonly ttftMs: number
  readonly tpotMs: number
}

/** Samples of the table at `path`; rows with missing, negative or wordy numbers are left out with a warning. Throws ConfigError for missing columns. */
export function readLatencySamples(path: string): {
  readonly samples: readonly LatencySample[]
  readonly warnings: readonly string[]
} {
  const text = readFileSync(path, 'utf8')
  requireColumns(text.split(/\r?\n/, 1)[0] ?? '', path)
  const rows = parseCsv(text, path)
  const samples = rows.flatMap((row) => sampleOf(row) ?? [])
  const left = rows.length - samples.length
  return {
    samples,
    warnings: left === 0 ? [] : [`${path}: ${left} of ${rows.length} rows left out (empty, negative or wordy numbers)`],
  }
}

function sampleOf(row: CsvRow): LatencySample | null {
  const required = {
    promptTokens: numberAt(row, 'total_input_tokens'),
    outputTokens: numberAt(row, 'output_tokens'),
    ttftMs: 1000 * numberAt(row, 'actual_ttft'),
  }
  const model = row['model_id'] ?? ''
  // An answer of one token has no time per further token.
  const tpotMs = required.outputTokens === 1 ? 0 : 1000 * numberAt(row, 'actual_tpot')
  const isUsable = [...Object.values(required), tpotMs].every((value) => value >= 0 && Number.isFinite(value))
  if (model === '' || !isUsable) return null
  const gauge = (column: string): number | null => {
    const value = numberAt(row, column)
    return value >= 0 && Number.isFinite(value) ? value : null
  }
  return {
    model,
    ...required,
    tpotMs,
    waiting: gauge('queue_waiting'),
    running: gauge('queue_running'),
    kvUsage: gauge('kv_utilization'),
  }
}

function requireColumns(header: string, path: string): void {
  const columns = header.split(',')
  const missing = sampleColumns.filter((column) => !columns.includes(column))
  if (missing.length === 0) return
  throw new ConfigError(
    missing.map((column) => ({
      path: `${path}: ${column}`,
      expected: `the columns ${sampleColumns.join(', ')}`,
      got: header.slice(0, 120) || 'an empty file',
      fix: 'Write the header that collect writes; times are in seconds.',
    })),
    'the latency samples',
  )
}
