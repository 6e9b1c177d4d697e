/** @file Playing one run of the benchmark in the twin. */
export { type PlayRunInput, playRun } from './play-run.ts'
export { type MetricsTerms, mixedBudgetsSeconds, type SimulationInput, simulate } from './simulate.ts'
