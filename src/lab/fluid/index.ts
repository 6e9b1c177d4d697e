/** @file Fluid lines: the reference that a cell's results are held against. */
export {
  type CapacityPrice,
  createFluidModel,
  type FluidCellOptions,
  type FluidLine,
  type FluidLines,
  type FluidModel,
  type FluidModelOptions,
  fluidLines,
  type LineName,
  type PlanShare,
} from './fluid-lines.ts'
