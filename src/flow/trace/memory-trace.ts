/**
 * @file The last run records in memory: what the gateway answers `/v1/runs/{id}` from, and benchmarks read.
 *
 * A ring of `keep` records, oldest out first, with an index by run id. Write and find O(1).
 */
import type { RunId, RunRecord, TraceSink } from '../../core/index.ts'

export interface MemoryTraceOptions {
  /** Records kept, >= 1. Default: all. */
  readonly keep?: number
}

export interface MemoryTrace extends TraceSink {
  /** The run's latest record; undefined: never written, or forgotten. */
  find(runId: RunId): RunRecord | undefined
  /** The record written last. */
  last(): RunRecord | undefined
  /** Oldest first. */
  all(): readonly RunRecord[]
}

export function createMemoryTrace({ keep = Infinity }: MemoryTraceOptions = {}): MemoryTrace {
  const ring: RunRecord[] = []
  const byRun = new Map<RunId, RunRecord>()
  // Where the oldest record stands once the ring is full.
  let oldest = 0

  const write = (record: RunRecord): void => {
    byRun.set(record.runId, record)
    if (ring.length < keep) {
      ring.push(record)
      return
    }
    const forgotten = ring[oldest] as RunRecord
    if (byRun.get(forgotten.runId) === forgotten) byRun.delete(forgotten.runId)
    ring[oldest] = record
    oldest = (oldest + 1) % keep
  }

  return {
    write,
    find: (runId) => byRun.get(runId),
    last: () => ring.at(oldest - 1),
    all: () => [...ring.slice(oldest), ...ring.slice(0, oldest)],
  }
}
