/** @file The table of dialects, and telling from what a server publishes which one it speaks. */
import type { Dialect, DialectId } from './dialect.ts'
import { llamaCpp } from './llama-cpp.ts'
import { openai } from './openai.ts'
import { vllm } from './vllm.ts'

export const dialects: Readonly<Record<DialectId, Dialect>> = { vllm, 'llama-cpp': llamaCpp, openai }
export const dialectIds: readonly DialectId[] = ['vllm', 'llama-cpp', 'openai']

/** What a server has shown of itself. */
export interface DialectSigns {
  /** Names of its metrics; empty: it publishes none. */
  readonly metricNames: ReadonlySet<string>
  /** `owned_by` of its models. */
  readonly owners: readonly string[]
  /** It answers `/props` with `total_slots`. */
  readonly hasSlotProps: boolean
}

/** The dialect that the signs speak for; `openai` where none does. Metrics weigh most: `owned_by` is often changed. */
export function detectDialect({ metricNames, owners, hasSlotProps }: DialectSigns): DialectId {
  const all = dialectIds.map((id) => dialects[id])
  const byMetrics = all.find(({ signs: { metricPrefix } }) =>
    metricPrefix === null ? false : [...metricNames].some((name) => name.startsWith(metricPrefix)),
  )
  const byOwner = all.find(({ signs: { ownedBy } }) => ownedBy !== null && owners.includes(ownedBy))
  return byMetrics?.id ?? byOwner?.id ?? (hasSlotProps ? 'llama-cpp' : 'openai')
}
