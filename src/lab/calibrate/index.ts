/** @file Fitting a profile's numbers to what was measured, and asking the twin the same questions as were asked of real models. */
export { type CsvRow, numberAt, parseCsv } from './csv-table.ts'
export {
  fitStepTime,
  isWithin,
  type RelativeError,
  type StepPoint,
  type StepRegion,
  type StepTimeFit,
  servingRegion,
  stepTimeError,
  stepTimeOf,
} from './fit-step-time.ts'
export { type KvMemory, kvCapacityTokens } from './kv-capacity.ts'
export { fitLine, fitLogNormal, type Line, type LogNormalFit } from './log-normal.ts'
export { meanPhi, phi, type Transition, transitionOf } from './outcome-pairs.ts'
export * from './pool/index.ts'
export {
  type Agreement,
  accuracyOf,
  intraclassCorrelation,
  pairAgreement,
  type RepeatedAnswers,
  voteAccuracy,
} from './repeat-samples.ts'
export { createSampledTwin, type Sampled, type SampledTwin } from './sampled-twin.ts'
