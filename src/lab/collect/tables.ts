/**
 * @file The two tables of a collection, with exactly the columns that the predictors' two phases name.
 *
 * Comma-separated after RFC 4180: a cell with a comma, a quotation mark or a line break stands in quotation marks, and a
 * quotation mark in it is doubled; lines end with a line feed. **Times in `latency_samples.csv` are seconds**; this file is
 * the only place that converts. actual_ttft = first token - sent; actual_tpot = (last token - first) / (output tokens - 1).
 */
import type { CallLine } from './lines.ts'

export const promptColumns = ['prompt_text', 'role_id'] as const

export const sampleColumns = [
  'queue_waiting',
  'queue_running',
  'kv_utilization',
  'model_id',
  'role_id',
  'strategy_id',
  'total_input_tokens',
  'actual_ttft',
  'actual_tpot',
  'output_tokens',
] as const

const cell = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)

/** One line of a table, its end included. A lone empty cell is quoted, lest the line look blank. */
export const tableLine = (cells: readonly string[]): string => {
  const line = cells.map(cell).join(',')
  return `${line === '' ? '""' : line}\n`
}

/** Six decimals: a microsecond. */
const seconds = (ms: number): string => (ms / 1000).toFixed(6)
const number = (value: number | null): string => (value === null ? '' : String(value))

/** The sample of a measured call; null: it is none, or no token came. Empty cells: the engine does not tell. */
export function sampleLine(call: CallLine): string | null {
  const { phase, isBackground, status, firstTokenAtMs, sentAtMs, finishedAtMs, outputTokens } = call
  const isMeasured = phase === 2 && !isBackground && (status === 'done' || status === 'cut')
  if (!isMeasured || firstTokenAtMs === null || outputTokens < 1) return null
  return tableLine([
    number(call.waiting),
    number(call.running),
    number(call.kvUsage),
    call.model,
    call.role,
    call.strategy ?? '',
    String(call.promptTokens),
    seconds(firstTokenAtMs - sentAtMs),
    outputTokens === 1 ? '' : seconds((finishedAtMs - firstTokenAtMs) / (outputTokens - 1)),
    String(outputTokens),
  ])
}
