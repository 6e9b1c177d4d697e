/** @file The commands. */
export { addBenchCommand } from './bench.ts'
export { addCheckCommand } from './check.ts'
export { addDemoCommand } from './demo.ts'
export { addExplainCommand } from './explain.ts'
export { addInitCommand } from './init.ts'
export { addReportCommand } from './report.ts'
export { addServeCommand } from './serve.ts'
export { addTwinCommand } from './twin.ts'
