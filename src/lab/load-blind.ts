/** @file Policies that do not see the load: for ablation. The state that they are shown is that of the same pool at rest. */
import type { ClusterState, Executor, ModelState, Planner, ReplicaState } from '../core/index.ts'

const restingReplica = (replica: ReplicaState): ReplicaState => ({
  ...replica,
  ownInFlight: 0,
  ownKvTokens: 0,
  running: 0,
  waiting: 0,
  kvUsage: replica.kvUsage === null ? null : 0,
  ttftMs: null,
  interTokenMs: null,
  e2eMs: null,
  queueMs: null,
})

const restingModel = (model: ModelState): ModelState => ({
  ...model,
  replicas: model.replicas.map(restingReplica),
  running: 0,
  waiting: 0,
  gatewayWaiting: 0,
  gatewayWaitingMs: 0,
  kvUsage: model.kvUsage === null ? null : 0,
  ttftMs: null,
  interTokenMs: null,
  queueMs: null,
  slowdown: 1,
})

/** The pool as it would look at rest: who is there and usable, nothing of what runs or waits. */
export function atRest(state: ClusterState): ClusterState {
  const models = state.models.map(restingModel)
  const byId = new Map(models.map((model) => [model.model, model]))
  return { atMs: state.atMs, models, load: 0, model: (id) => byId.get(id) }
}

/** `planner`, blind to load. */
export const blindPlanner = (planner: Planner): Planner => ({
  name: `${planner.name}-blind`,
  plan: (query, state) => planner.plan(query, atRest(state)),
  runFinished: (outcome) => planner.runFinished?.(outcome),
})

/** `executor`, blind to load. */
export const blindExecutor = (executor: Executor): Executor => ({
  name: `${executor.name}-blind`,
  choose: (step, state) => executor.choose(step, atRest(state)),
  stepFinished: (outcome) => executor.stepFinished?.(outcome),
  runFinished: (outcome) => executor.runFinished?.(outcome),
})
