/** @file Replicas summed up per model, as decisions see them; only usable ones count. */
import type { ModelId, ModelState, ReplicaState } from '../../core/index.ts'

/** What the monitor is told about a model beside its replicas. */
export interface ModelNotes {
  readonly gatewayWaiting: number
  readonly gatewayWaitingMs: number
  readonly slowdown: number
}

export function summarizeModel(model: ModelId, replicas: readonly ReplicaState[], notes: ModelNotes): ModelState {
  let slots = 0
  let running = 0
  let waiting = 0
  let contextTokens: number | null = null
  for (const replica of replicas) {
    if (replica.contextTokens !== null) contextTokens = Math.min(contextTokens ?? Infinity, replica.contextTokens)
    if (!replica.isUsable) continue
    slots += replica.slots
    running += replica.running
    waiting += replica.waiting
  }
  return {
    model,
    replicas,
    isUsable: replicas.some(({ isUsable }) => isUsable),
    slots,
    running,
    waiting,
    gatewayWaiting: notes.gatewayWaiting,
    gatewayWaitingMs: notes.gatewayWaitingMs,
    kvUsage: meanOf(replicas, 'kvUsage'),
    ttftMs: meanOf(replicas, 'ttftMs'),
    interTokenMs: meanOf(replicas, 'interTokenMs'),
    queueMs: meanOf(replicas, 'queueMs'),
    contextTokens,
    slowdown: notes.slowdown,
  }
}

/** Mean over usable replicas that know it; null: none does. */
function meanOf(
  replicas: readonly ReplicaState[],
  field: 'kvUsage' | 'ttftMs' | 'interTokenMs' | 'queueMs',
): number | null {
  let sum = 0
  let count = 0
  for (const replica of replicas) {
    const value = replica[field]
    if (!replica.isUsable || value === null) continue
    sum += value
    count += 1
  }
  return count === 0 ? null : sum / count
}

/** (running + waiting + waiting in the gateway) / slots over usable models; 0 where none is usable. */
export function poolLoad(models: readonly ModelState[]): number {
  let requests = 0
  let slots = 0
  for (const model of models) {
    if (!model.isUsable) continue
    requests += model.running + model.waiting + model.gatewayWaiting
    slots += model.slots
  }
  return slots === 0 ? 0 : requests / slots
}
