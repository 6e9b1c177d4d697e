/** @file A minibatch cut in two, learnt from side by side. */
export { createDecisionTable, type DecisionLabels, type DecisionTable } from './decision-table.ts'
export type { SliceSpec } from './slice-step.ts'
export { createSliceThread, type SliceThread } from './slice-thread.ts'
export { createSlicedStep, type SlicedStep } from './sliced-step.ts'
