/**
 * @file How long a call would wait for a slot of one model.
 *
 * No wait where a usable replica has a free slot, room in its KV cache, and nobody waits in the gateway. Otherwise the
 * work ahead over the slots that the KV cache can feed: what waits in the gateway, what waits in the engines, and the
 * rest of the first call to end. Observed waits correct the result by their log-error, since deadline order lets some
 * calls pass others.
 */
import { clamp, type ModelState, type ReplicaState } from '../../core/index.ts'

/** Share of the KV cache that admission plans with. */
const kvShare = 0.95
/** Errors are read on log(wait + this): below it nobody cares. ms. */
const toleranceMs = 250
/** Stands for a wait without end: finite, so that arithmetic on it stays so. */
export const unreachableMs = 3_600_000

const learningRate = 0.1
const memoryCalls = 40

export class WaitBook {
  /** Log of the factor on predicted waits. */
  #correction = 0
  #serviceMs: number
  #calls = 1

  /** `serviceMs`: what a call holds a slot for, before any was seen. */
  constructor(serviceMs: number) {
    this.#serviceMs = serviceMs
  }

  /** Expected wait in ms of a call that will hold `tokens` of KV cache at its peak. */
  waitMs(state: ModelState, tokens: number): number {
    if (state.gatewayWaiting === 0 && state.replicas.some((replica) => hasRoom(replica, tokens))) return 0
    let slots = 0
    for (const replica of state.replicas) if (replica.isUsable) slots += feedableSlots(replica, tokens)
    if (slots === 0) return unreachableMs
    // Waiting in the engine, and one more: the call among the running ones that ends first.
    const aheadMs = state.gatewayWaitingMs + (state.waiting + 1) * this.#serviceMs
    return (aheadMs / slots) * Math.exp(this.#correction)
  }

  observe(call: { readonly predictedMs: number; readonly actualMs: number; readonly serviceMs: number }): void {
    this.#calls = Math.min(this.#calls + 1, memoryCalls)
    this.#serviceMs += (call.serviceMs - this.#serviceMs) / this.#calls
    if (call.predictedMs <= 0 || !Number.isFinite(call.predictedMs)) return
    const error = Math.log((call.actualMs + toleranceMs) / (call.predictedMs + toleranceMs))
    this.#correction = clamp(this.#correction + learningRate * clamp(error, -2, 2), -1.6, 1.6)
  }

  /** Mean time that a call holds a slot, by recent calls. ms. */
  get serviceMs(): number {
    return this.#serviceMs
  }
}

function hasRoom(replica: ReplicaState, tokens: number): boolean {
  if (!replica.isUsable || replica.waiting > 0 || replica.running >= replica.slots) return false
  return replica.kvTokens === null || replica.ownKvTokens + tokens <= kvShare * replica.kvTokens
}

/** Slots that the KV cache can feed with calls of this size; at least one. */
function feedableSlots(replica: ReplicaState, tokens: number): number {
  if (replica.kvTokens === null) return replica.slots
  return clamp(Math.floor((kvShare * replica.kvTokens) / Math.max(1, tokens)), 1, replica.slots)
}
