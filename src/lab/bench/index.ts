/** @file The benchmark: methods compared on the same work, in the twin; or a gateway measured live. */
export { type BenchOptions, checkBenchOptions } from './bench-options.ts'
export { type BenchRow, benchRowSchema } from './bench-row.ts'
export { faultNames, planFaults } from './fault-list.ts'
export {
  compareWithTwin,
  type LiveFacts,
  type LiveOptions,
  type LiveProgress,
  runLive,
  type TwinComparison,
} from './live/index.ts'
export { type Method, type MethodBase, methodNames } from './methods/index.ts'
export { mixedBudgetsSeconds, simulate } from './play/index.ts'
export { questionOrder } from './question-order.ts'
export { type BenchProgress, type RunBenchOptions, runBench } from './run-bench.ts'
export { beginsAnew, writeWhole } from './run-files.ts'
export { type QueueSeries, type RunCell, type RunResult, runResultSchema } from './run-result.ts'
export { longHash } from './setting.ts'
export { type FluidRow, type Summary, summarySchema } from './summary.ts'
