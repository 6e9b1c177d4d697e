/** @file The networks of `policy/nn` once more on jax-js, for training: batched and with derivatives. */
export { type BatchedScorerConfig, candidateLogits, candidateScorer } from './candidate-scorer.ts'
export { type CriticConfig, candidateActorCritic, criticShapes, criticValues } from './critic.ts'
export { jit, nn, np, startJax, type Tensor, tree, valueAndGrad } from './jax.ts'
export { type JointConfig, jointActorCritic, jointShapes } from './joint-actor-critic.ts'
export { attention, block, film, layerNorm, linear, masked, project, rectifiedLinear, rectify } from './layers.ts'
export { paperExecutor } from './paper-executor.ts'
export { cosine, type TeamLogs, teamLogs } from './paper-planner.ts'
export {
  type Outputs,
  type TensorRecord,
  type Trainable,
  toFlat,
  toTensors,
  usesOf,
  type Weights,
} from './trainable.ts'
