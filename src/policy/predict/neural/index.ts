/** @file Latency and length by networks with quantile outputs, corrected online, on top of the online predictor. */
export {
  type ArmInput,
  armFeatureNames,
  armSize,
  embeddingSize,
  type FeatureShape,
  hasTextFeatures,
  idleTtftMs,
  type LatencyInput,
  latencyFeatureNames,
  latencySize,
  queryFeatureNames,
  querySize,
  writeArmFeatures,
  writeLatencyFeatures,
  writeQueryFeatures,
} from './features.ts'
export {
  createLatencyNetwork,
  createLengthNetwork,
  hiddenSize,
  initialWeights,
  type LatencyNetwork,
  type LengthNetwork,
  latencyShapes,
  lengthShapes,
  type PredictorWeights,
  projectedSize,
} from './networks.ts'
export type { ArmQuantiles } from './neural-line.ts'
export {
  createNeuralPredictor,
  type FallbackReason,
  type NeuralPredictor,
  type NeuralPredictorOptions,
} from './neural-predictor.ts'
export { levelCount, medianPlace, quantileAt, quantileLevels, toQuantiles } from './quantiles.ts'
export { parsePredictors, serialisePredictors } from './weights-file.ts'
