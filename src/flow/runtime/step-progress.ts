/** @file How far one step of a run has come. */
import type { Arm, ClusterState, ModelId, PlannedStep, ReplicaId, StepId } from '../../core/index.ts'
import type { Attempt } from './attempt.ts'

export interface StepProgress {
  readonly step: PlannedStep
  /** `waiting`: for the steps it depends on; `open`: an attempt is queued or running; `settled`: nothing more comes. */
  status: 'waiting' | 'open' | 'settled'
  attempt: Attempt | null
  attempts: number
  rechoices: number
  retries: number
  /** Replicas that failed this step, and models whose answer was of no use. */
  readonly failedReplicas: ReplicaId[]
  readonly uselessModels: ModelId[]
}

export const createProgress = (step: PlannedStep): StepProgress => ({
  step,
  status: 'waiting',
  attempt: null,
  attempts: 0,
  rechoices: 0,
  retries: 0,
  failedReplicas: [],
  uselessModels: [],
})

/** Models that this step must not be given to: useless before, or with no usable replica that has not failed it. */
export function excludedModels(progress: StepProgress, state: ClusterState): readonly ModelId[] {
  if (progress.failedReplicas.length === 0) return progress.uselessModels
  const failed = state.models
    .filter(({ replicas }) =>
      replicas.every(({ isUsable, replica }) => !isUsable || progress.failedReplicas.includes(replica)),
    )
    .map(({ model }) => model)
  return [...progress.uselessModels, ...failed]
}

/** Arms of the steps of the same round that were decided before. */
export function siblingArms(all: ReadonlyMap<StepId, StepProgress>, progress: StepProgress): readonly Arm[] {
  const round = progress.step.id.split('/')[0]
  const arms: Arm[] = []
  for (const other of all.values()) {
    if (other === progress || other.attempt === null || other.step.id.split('/')[0] !== round) continue
    arms.push(other.attempt.init.choice.arm)
  }
  return arms
}
