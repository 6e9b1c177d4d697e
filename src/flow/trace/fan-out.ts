/** @file One sink that feeds several, in their order. */
import type { TraceSink } from '../../core/index.ts'

export const fanOut = (sinks: readonly TraceSink[]): TraceSink => ({
  write: (record) => {
    for (const sink of sinks) sink.write(record)
  },
})
