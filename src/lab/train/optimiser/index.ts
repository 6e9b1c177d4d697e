/** @file How parameters move along a gradient: Adam and its learning rates, with states that can be written out. */
export { type Adam, type AdamConfig, createAdam } from './adam.ts'
export {
  createPlateauRate,
  type LinearRate,
  linearRate,
  type PlateauConfig,
  type PlateauRate,
} from './learning-rate.ts'
