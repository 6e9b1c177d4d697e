/** @file The same pool with nothing to do: what is usable and how large it is stays, all that load brought about goes. */
import type { ClusterState, ModelState, ReplicaState } from '../../core/index.ts'
import { idlePricePerSlotSecond, type PoolPredictor } from '../predict/index.ts'

const quiet = { running: 0, waiting: 0, ttftMs: null, interTokenMs: null, queueMs: null } as const

const replicaAtRest = (replica: ReplicaState): ReplicaState => ({
  ...replica,
  ...quiet,
  ownInFlight: 0,
  ownKvTokens: 0,
  kvUsage: replica.kvUsage === null ? null : 0,
  e2eMs: null,
})

const modelAtRest = (model: ModelState): ModelState => ({
  ...model,
  ...quiet,
  replicas: model.replicas.map(replicaAtRest),
  gatewayWaiting: 0,
  gatewayWaitingMs: 0,
  kvUsage: model.kvUsage === null ? null : 0,
  // Batches that grow slow an engine down: most of what is seen here is load.
  slowdown: 1,
})

export function atRest(state: ClusterState): ClusterState {
  const models = state.models.map(modelAtRest)
  return { atMs: state.atMs, load: 0, models, model: (id) => models.find(({ model }) => model === id) }
}

/** `predictor` with what slots cost where nobody waits: prices may remember earlier load, or follow the arrivals. */
export const pricedAtRest = (predictor: PoolPredictor): PoolPredictor => ({
  ...predictor,
  priceList: (shape, state) =>
    predictor.priceList(shape, state).map((line) => ({
      ...line,
      price: (line.serviceMs / 1_000) * idlePricePerSlotSecond,
    })),
})
