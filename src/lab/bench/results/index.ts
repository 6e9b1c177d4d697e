/** @file What a benchmark leaves behind, for those who read it, and how it is written: nothing here runs anything. */
export { type BenchRow, benchRowSchema } from '../bench-row.ts'
export { packBits, unpackBits } from '../play/bits.ts'
export { questionOrder } from '../question-order.ts'
export { writeWhole } from '../run-files.ts'
export {
  type PredictionErrorSums,
  type QueueSeries,
  type RunCell,
  type RunResult,
  runResultSchema,
  runResultSchemaId,
} from '../run-result.ts'
export { type FluidRow, type Summary, summarySchema, summarySchemaId } from '../summary.ts'
