/** @file Why a run went as it went, in sentences. */
export { explainRun } from './explain-run.ts'
