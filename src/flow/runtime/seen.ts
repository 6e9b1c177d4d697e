/** @file The load that a decision saw, as the run record keeps it. */
import type { ClusterState, SeenModel } from '../../core/index.ts'

/** One entry per model. The reading's age is that of the stalest replica, because the decision leaned on it too. */
export function seenModels(state: ClusterState): readonly SeenModel[] {
  return state.models.map((model) => ({
    model: model.model,
    running: model.running,
    waiting: model.waiting,
    gatewayWaiting: model.gatewayWaiting,
    slots: model.slots,
    kvUsage: model.kvUsage,
    readingAgeMs: model.replicas.reduce<number | null>(
      (oldest, { readingAgeMs }) =>
        readingAgeMs !== null && (oldest === null || readingAgeMs > oldest) ? readingAgeMs : oldest,
      null,
    ),
  }))
}
