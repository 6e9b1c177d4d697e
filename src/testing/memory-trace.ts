/** @file A trace sink that keeps the records of finished runs, in the order in which they ended. */
import type { RunId, RunRecord, TraceSink } from '../core/index.ts'

export class MemoryTrace implements TraceSink {
  readonly records: RunRecord[] = []

  write(record: RunRecord): void {
    this.records.push(record)
  }

  /** The record of one run. Throws when there is none, or more than one. */
  of(runId: RunId): RunRecord {
    const found = this.records.filter((record) => record.runId === runId)
    if (found.length !== 1) throw new Error(`MemoryTrace: expected one record of ${runId}, got ${found.length}`)
    return found[0] as RunRecord
  }
}
