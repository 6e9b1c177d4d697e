/**
 * @file What differs between serving engines, as data: where they say how they are, and in which words.
 *
 * Names of a field stand in order of preference; the first that an engine publishes is read, and reported. Seconds on the
 * wire become milliseconds in a reading. A field with no source is `null` in every reading of that dialect.
 */

export type DialectId = 'vllm' | 'llama-cpp' | 'openai'

export type GaugeField = 'running' | 'waiting' | 'kvUsage'
export type TimeField = 'ttft' | 'interToken' | 'e2e' | 'queueTime'

export interface GaugeSource {
  readonly name: string
  /** Only series that carry these labels. */
  readonly where?: Readonly<Record<string, string>>
}

/** Two series since the engine's start: seconds spent, and how often. */
export interface TimeSource {
  readonly sum: string
  readonly count: string
}

/** An info metric whose labels give the KV cache's size. */
export interface KvSizeSource {
  readonly name: string
  readonly blocksLabel: string
  readonly blockTokensLabel: string
}

export interface Dialect {
  readonly id: DialectId
  /** 200: serves. 503: loading, or dead. */
  readonly healthPath: string
  readonly metricsPath: string | null
  /** Several series (data-parallel ranks) are summed, or the largest is taken. */
  readonly gauges: Readonly<
    Record<GaugeField, { readonly combine: 'sum' | 'max'; readonly sources: readonly GaugeSource[] }>
  >
  readonly times: Readonly<Record<TimeField, readonly TimeSource[]>>
  readonly kvSize: readonly KvSizeSource[]
  /** JSON with `total_slots` and `default_generation_settings.n_ctx`. */
  readonly propsPath: string | null
  /** JSON list with `is_processing` per slot: read where the metrics do not say how many run. */
  readonly slotsPath: string | null
  /** Fields of a `/v1/models` entry that hold the longest context, in order of preference. */
  readonly contextFields: readonly string[]
  /** Sense of the body field `priority`; `none`: it has no such thing. */
  readonly priority: 'lower-first' | 'higher-first' | 'none'
  /** How to know it: a prefix of its metrics' names, its word for `owned_by`. */
  readonly signs: { readonly metricPrefix: string | null; readonly ownedBy: string | null }
}

/** The two series of the histogram `name`. */
export const histogram = (name: string): TimeSource => ({ sum: `${name}_sum`, count: `${name}_count` })
