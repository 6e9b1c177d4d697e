export { createAttention } from './attention.ts'
export { blockShapes, type LayerSize, linearShapes, namedBlock, namedLinear } from './blocks.ts'
export { createCandidateScorer } from './candidate-scorer.ts'
export {
  type CandidateScorer,
  type CandidateScorerConfig,
  type CandidateScorerInput,
  candidateScorerShapes,
} from './candidate-scorer-shapes.ts'
export { argmax, entropyOf, logProbabilityOf, sampleCategorical } from './categorical.ts'
export type { DecisionSink, ScoredDecision } from './decision.ts'
export { createFilm } from './film.ts'
export { createLayerNorm, layerNormEpsilon } from './layer-norm.ts'
export { createLinear, type LinearOptions, type RowKernel } from './linear.ts'
export { fillFixedLoad, fillPooledLoad, fixedLoadSize, type PoolLoad, pooledLoadSize } from './load-features.ts'
export {
  createPaperExecutor,
  type JointScene,
  type PaperExecutor,
  type PaperExecutorConfig,
  paperExecutorShapes,
  paperExecutorSizes,
} from './paper-executor.ts'
export { createPaperPlanner, type PaperPlanner, type PlannerTexts } from './paper-planner.ts'
export {
  cosineEpsilon,
  encoderNames,
  latentSize,
  mostAgents,
  noiseScale,
  type PaperPlannerConfig,
  paperPlannerShapes,
  roleTemperature,
  topologyTemperature,
} from './paper-planner-shapes.ts'
export {
  type LearnedPolicy,
  type PolicyContents,
  type PolicyHeader,
  parsePolicy,
  policyParameters,
  policySchemaId,
  serialisePolicy,
} from './policy-file.ts'
export { parseSafetensors, type Safetensors, type StoredTensor, serialiseSafetensors } from './safetensors.ts'
export { createScalarCandidateScorer } from './scalar-candidate-scorer.ts'
export { sha256 } from './sha256.ts'
export { logSumExp, softmax } from './softmax.ts'
export {
  elementsOf,
  initialise,
  type NetworkShapes,
  parameterCount,
  type TensorShape,
  type TensorStart,
  type Tensors,
  tensorOf,
  viewsOf,
} from './tensors.ts'
