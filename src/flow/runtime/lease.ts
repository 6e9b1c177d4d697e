/**
 * @file A lease: permission to send one relayed request to one replica now.
 *
 * A request for an engine's own model is not planned, but it waits in the same deadline queue as the calls of the runs,
 * so that the two kinds of traffic share an engine fairly by deadline.
 */
import { InframindError, invariant, type QueuedCall, type ReplicaId } from '../../core/index.ts'
import type { RunContext } from './context.ts'
import type { Lease, LeaseRequest } from './runtime-port.ts'

/** Output tokens assumed of a request that sets no cap: the strategies' ceiling. */
const assumedOutputTokens = 512

/** Resolves with the lease; rejects with the refusal's InframindError or the signal's reason. */
export function acquireLease(context: RunContext, request: LeaseRequest, signal?: AbortSignal): Promise<Lease> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const settle = () => {
      cancelTimer()
      signal?.removeEventListener('abort', leave)
    }
    const call = leaseCall(context, request, {
      start: (replica) => {
        settle()
        resolve(createLease(context, request.id, replica))
      },
      refuse: (error) => {
        settle()
        reject(error)
      },
    })
    const ticket = context.dispatch.enqueue(call)
    const leave = () => {
      settle()
      if (ticket.cancel()) reject(signal?.reason)
    }
    const cancelTimer = context.clock.at(request.deadlineAtMs, () => {
      if (!ticket.cancel()) return
      settle()
      reject(new InframindError('DEADLINE_EXCEEDED', `no replica of ${request.model} had room before the deadline`))
    })
    signal?.addEventListener('abort', leave, { once: true })
  })
}

function createLease(context: RunContext, callId: string, replica: ReplicaId): Lease {
  let isReleased = false
  return {
    replica,
    release: () => {
      invariant(!isReleased, `the lease of ${callId} was released twice`)
      isReleased = true
      context.dispatch.release(callId, replica)
    },
  }
}

function leaseCall(
  context: RunContext,
  request: LeaseRequest,
  hear: { start(replica: ReplicaId): void; refuse(error: InframindError): void },
): QueuedCall {
  const state = context.state().model(request.model)
  const outputTokens = Math.min(request.maxOutputTokens ?? assumedOutputTokens, assumedOutputTokens)
  const serviceMs = (state?.ttftMs ?? 200) + outputTokens * (state?.interTokenMs ?? 20)
  return {
    id: request.id,
    runId: request.id,
    stepId: 'relay',
    model: request.model,
    enqueuedAtMs: context.clock.nowMs(),
    deadlineAtMs: request.deadlineAtMs,
    remainingMs: serviceMs,
    serviceMs,
    promptTokens: request.promptTokens,
    outputTokens,
    outputTokensP90: request.maxOutputTokens ?? 2 * assumedOutputTokens,
    maxOutputTokens: request.maxOutputTokens ?? 4 * assumedOutputTokens,
    affinity: null,
    excludedReplicas: [],
    start: hear.start,
    // A relayed request names its model: there is nothing to choose again.
    reconsider: () => {},
    reject: (code, message) => hear.refuse(new InframindError(code, message, { retryAfterMs: 1000 })),
  }
}
