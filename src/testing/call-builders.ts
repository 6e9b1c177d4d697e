/** @file Valid calls for tests, on the way to an engine, in a queue, and finished. */
import type { CallResult, ChatMessage, EngineCall, QueuedCall, ReplicaId } from '../core/index.ts'

/** What a test may say of a call: any field, and its messages as a plain list. */
export type EngineCallOverrides = Partial<Omit<EngineCall, 'messages'>> & { readonly messages?: readonly ChatMessage[] }

export function anEngineCall(overrides: EngineCallOverrides = {}): EngineCall {
  const { messages = [{ role: 'user', content: 'What is 17 * 23?' }], ...rest } = overrides
  return {
    id: 'run_test/0/0/0',
    meaning: { questionText: 'What is 17 * 23?', strategy: 'Concise', kind: 'solve', role: 'MathSolver', inputs: [] },
    promptTokens: 200,
    maxOutputTokens: 1_024,
    deadlineAtMs: 10_000,
    body: {},
    ...rest,
    messages: () => messages,
  }
}

/** 120 tokens: first after 100 ms, last after 1,300 ms. */
export function aCallResult(overrides: Partial<CallResult> = {}): CallResult {
  return {
    status: 'done',
    text: 'The answer is 391.',
    reasoning: '',
    toolCalls: null,
    logprobs: null,
    usage: { promptTokens: 200, outputTokens: 120 },
    isUsageReported: true,
    sentAtMs: 0,
    firstTokenAtMs: 100,
    finishedAtMs: 1_300,
    finishReason: 'stop',
    error: null,
    ...overrides,
  }
}

/** A queued call that remembers what the store told it. */
export interface RecordedQueuedCall extends QueuedCall {
  /** In order: `start REPLICA`, `reconsider`, `reject CODE`. */
  readonly events: readonly string[]
  /** Where it was started; null: not (yet). */
  readonly startedOn: ReplicaId | null
}

/** A call in the queue of `small`, with ten seconds from time 0; overridden callbacks run after the event is noted. */
export function aQueuedCall(overrides: Partial<QueuedCall> = {}): RecordedQueuedCall {
  const events: string[] = []
  let startedOn: ReplicaId | null = null
  return {
    id: 'run_test/0/0/0',
    runId: 'run_test',
    stepId: '0/0',
    model: 'small',
    enqueuedAtMs: 0,
    deadlineAtMs: 10_000,
    remainingMs: 1_300,
    serviceMs: 1_300,
    promptTokens: 200,
    outputTokens: 120,
    outputTokensP90: 180,
    maxOutputTokens: 1_024,
    affinity: null,
    excludedReplicas: [],
    ...overrides,
    events,
    get startedOn() {
      return startedOn
    },
    start: (replica) => {
      events.push(`start ${replica}`)
      startedOn = replica
      overrides.start?.(replica)
    },
    reconsider: () => {
      events.push('reconsider')
      overrides.reconsider?.()
    },
    reject: (code, message) => {
      events.push(`reject ${code}`)
      overrides.reject?.(code, message)
    },
  }
}
