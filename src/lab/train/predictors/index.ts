/** @file Learning latency and length from traffic in the twin, and measuring predictors side by side. */
export { collectSteps } from './collect-steps.ts'
export { drawEpisode, type Episode, type EpisodeOptions } from './episodes.ts'
export { defaultFitSettings, type FitSettings } from './fit-network.ts'
export {
  type Contender,
  measurePredictors,
  type PartFigures,
  type PredictedPart,
  predictedParts,
} from './measure-predictors.ts'
export type { StepRow } from './step-rows.ts'
export {
  fitPredictors,
  type TrainedPredictors,
  type TrainPredictorsOptions,
  type TrainProgress,
  trainPredictors,
} from './train-predictors.ts'
