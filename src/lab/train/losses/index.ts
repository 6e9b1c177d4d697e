/** @file What is minimised: policy-gradient losses with their batches, compiled with the gradient of the whole network. */
export {
  type ActorCriticConfig,
  type ActorCriticStats,
  type ActorCriticStep,
  createActorCriticStep,
  type Evaluation,
  type LossCoefficients,
} from './actor-critic-step.ts'
export { type ActorCriticBatch, clearBatch, createBatch, type DecisionLabels, writeDecision } from './batch.ts'
export { crossEntropies, divergences, entropies, takenLogs, weightedMean } from './categorical-terms.ts'
export { clippedSurrogate, type Surrogate } from './clipped-surrogate.ts'
export { compileForward, compileLoss, type Loss, type LossResult } from './compiled-loss.ts'
export { explainedVariance } from './explained-variance.ts'
export { writeJointDecision } from './joint-batch.ts'
export {
  createPlannerBatch,
  createPlannerStep,
  type PlannerBatch,
  type PlannerCoefficients,
  type PlannerStats,
  type PlannerStep,
  type PlannerStepConfig,
  type TeamTaken,
  writeTeam,
} from './planner-step.ts'
export { policyGradient } from './policy-gradient.ts'
