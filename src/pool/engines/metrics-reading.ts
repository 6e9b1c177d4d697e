/** @file From a page of metrics to the fields of a reading, by a dialect's table: which name was read, and null where none was. */
import type { SumCount } from '../../core/index.ts'
import type { Dialect, GaugeField, GaugeSource, TimeField, TimeSource } from './dialects/dialect.ts'
import { type PrometheusSample, parsePrometheusText } from './prometheus-text.ts'

export interface MetricsReading {
  readonly running: number | null
  readonly waiting: number | null
  readonly kvUsage: number | null
  readonly ttft: SumCount | null
  readonly interToken: SumCount | null
  readonly e2e: SumCount | null
  readonly queueTime: SumCount | null
  readonly kvTokens: number | null
  /** By field, the name of the metric that it was read from. */
  readonly metricNames: Readonly<Record<string, string>>
}

/** Every name that a dialect may read. */
const namesOf = (dialect: Dialect): Set<string> =>
  new Set([
    ...Object.values(dialect.gauges).flatMap(({ sources }) => sources.map(({ name }) => name)),
    ...Object.values(dialect.times).flatMap((sources) => sources.flatMap(({ sum, count }) => [sum, count])),
    ...dialect.kvSize.map(({ name }) => name),
  ])

/** Reads `text`, the body of the metrics page; an empty one reads as null throughout. */
export function readMetrics(text: string, dialect: Dialect): MetricsReading {
  const samples = parsePrometheusText(text, namesOf(dialect))
  const metricNames: Record<string, string> = {}
  const gauge = (field: GaugeField) => {
    const { sources, combine } = dialect.gauges[field]
    const found = firstOf(sources, (source) => readGauge(samples, source, combine))
    if (found !== null) metricNames[field] = found.source.name
    return found?.value ?? null
  }
  const time = (field: TimeField) => {
    const found = firstOf(dialect.times[field], (source) => readTime(samples, source))
    if (found !== null) metricNames[field] = found.source.sum.replace(/_sum$/, '')
    return found?.value ?? null
  }
  const kvSize = firstOf(dialect.kvSize, ({ name, blocksLabel, blockTokensLabel }) =>
    sumOf(
      seriesOf(samples, { name }).map(
        ({ labels }) => labelNumber(labels, blocksLabel) * labelNumber(labels, blockTokensLabel),
      ),
    ),
  )
  if (kvSize !== null) metricNames['kvTokens'] = kvSize.source.name
  return {
    running: gauge('running'),
    waiting: gauge('waiting'),
    kvUsage: gauge('kvUsage'),
    ttft: time('ttft'),
    interToken: time('interToken'),
    e2e: time('e2e'),
    queueTime: time('queueTime'),
    kvTokens: kvSize?.value ?? null,
    metricNames,
  }
}

/** The first source that has a value. */
function firstOf<S, T>(sources: readonly S[], read: (source: S) => T | null): { source: S; value: T } | null {
  for (const source of sources) {
    const value = read(source)
    if (value !== null) return { source, value }
  }
  return null
}

const seriesOf = (samples: readonly PrometheusSample[], { name, where = {} }: GaugeSource): PrometheusSample[] =>
  samples.filter(
    (sample) =>
      sample.name === name && Object.entries(where).every(([label, value]) => sample.labels.get(label) === value),
  )

function readGauge(samples: readonly PrometheusSample[], source: GaugeSource, combine: 'sum' | 'max'): number | null {
  const values = seriesOf(samples, source).map(({ value }) => value)
  return combine === 'sum'
    ? sumOf(values)
    : finite(values).reduce<number | null>((most, value) => Math.max(most ?? value, value), null)
}

function readTime(samples: readonly PrometheusSample[], { sum, count }: TimeSource): SumCount | null {
  const seconds = sumOf(seriesOf(samples, { name: sum }).map(({ value }) => value))
  const times = sumOf(seriesOf(samples, { name: count }).map(({ value }) => value))
  return seconds === null || times === null ? null : { sumMs: seconds * 1000, count: times }
}

const finite = (values: readonly number[]): number[] => values.filter((value) => Number.isFinite(value))

/** Null: not one finite value. */
function sumOf(values: readonly number[]): number | null {
  const known = finite(values)
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0)
}

/** NaN where the label is missing or no positive number (vLLM says `None` while it starts). */
function labelNumber(labels: ReadonlyMap<string, string>, label: string): number {
  const value = Number(labels.get(label))
  return value > 0 ? value : Number.NaN
}
