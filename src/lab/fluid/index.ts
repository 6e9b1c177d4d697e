/** @file Fluid lines: the reference that a cell's results are held against. */
export { type CallTable, createCallTable } from './call-table.ts'
export {
  type CapacityPrice,
  createFluidModel,
  type FluidCellOptions,
  type FluidLine,
  type FluidLines,
  type FluidModel,
  type FluidModelOptions,
  type FluidPlacement,
  fluidLines,
  groupQuestions,
  type LineName,
  type PlanShare,
} from './fluid-lines.ts'
export {
  type Capacity,
  type FluidProgram,
  type FluidSolution,
  type ProgramClass,
  solveFluidProgram,
} from './fluid-program.ts'
export { loadHighs } from './load-highs.ts'
export { PlanScorer } from './plan-scorer.ts'
export type { FluidPlan } from './plans.ts'
