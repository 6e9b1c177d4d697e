/** @file Run records: kept in memory, written to daily files, read back. */
export { fanOut } from './fan-out.ts'
export { createFileTrace, type FileTrace, type FileTraceOptions } from './file-trace.ts'
export { createMemoryTrace, type MemoryTrace, type MemoryTraceOptions } from './memory-trace.ts'
export { parseRunRecord } from './parse-run-record.ts'
export { findRecord } from './read-records.ts'
