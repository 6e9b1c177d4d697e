/** @file The report of a benchmark: paired statistics, tables and figures from its folder alone. */
export type { Comparison, GroupComparison } from './numbers/comparison.ts'
export {
  defaultMargin,
  type NumbersOptions,
  type ReportNumbers,
  reportNumbers,
  reportSchemaId,
} from './numbers/report-numbers.ts'
export { readResults } from './results/read-results.ts'
export type { Results } from './results/results.ts'
export { isTraining, writeTrainingReport } from './training/index.ts'
export { type ReportOptions, type WrittenReport, writeReport } from './write-report.ts'
