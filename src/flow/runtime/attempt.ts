/**
 * @file One attempt at a step: chosen, queued, sent, settled.
 *
 * An attempt is what waits in the dispatch store. It gives its room back exactly once, when the engine has settled the
 * call, even if the run that made it is long over. After `abandon`, of which its owner hears at once, it says no more.
 */
import {
  type AnswerInHand,
  type CallMeaning,
  type CallObserver,
  type CallResult,
  CallSignal,
  type ChatMessage,
  type Choice,
  type Delta,
  type EngineCall,
  type ErrorCode,
  invariant,
  type JsonObject,
  noUsage,
  type PlannedStep,
  type QueuedCall,
  type ReplicaId,
  type RunId,
  type SeenModel,
  type StepContext,
  type StepRecord,
  type Ticket,
  type Usage,
} from '../../core/index.ts'
import type { RunContext } from './context.ts'

/** Shorter silences may be the network's or a prompt's. */
const shortestSilenceMs = 1000

export type ArmChoice = Extract<Choice, { kind: 'arm' }>

/** Who made the attempt and hears how it goes. */
export interface AttemptOwner {
  attemptSent(attempt: Attempt): void
  attemptSettled(attempt: Attempt, result: CallResult): void
  attemptWaits(attempt: Attempt): void
  attemptRejected(attempt: Attempt, code: ErrorCode, message: string): void
  attemptAbandoned(attempt: Attempt): void
  /** Present where the text goes to somebody as it comes. */
  attemptDelta?(attempt: Attempt, delta: Delta): void | Promise<void>
}

export interface AttemptInit {
  readonly runId: RunId
  readonly step: PlannedStep
  readonly attempt: number
  readonly isInsurance: boolean
  readonly choice: ArmChoice
  readonly seenAtChoice: StepContext
  readonly seen: readonly SeenModel[]
  readonly meaning: CallMeaning
  readonly messages: () => readonly ChatMessage[]
  readonly body: JsonObject
  readonly maxOutputTokens: number
  /** Expected ms of what must follow this call. */
  readonly afterwardsMs: number
  readonly affinity: ReplicaId | null
  readonly excludedReplicas: readonly ReplicaId[]
  readonly streams: boolean
}

export class Attempt implements QueuedCall, EngineCall {
  readonly id: string
  readonly runId: RunId
  readonly stepId: string
  readonly model: string
  readonly enqueuedAtMs: number
  readonly deadlineAtMs: number
  readonly remainingMs: number
  readonly serviceMs: number
  readonly promptTokens: number
  readonly outputTokens: number
  readonly outputTokensP90: number
  readonly maxOutputTokens: number
  readonly affinity: ReplicaId | null
  readonly excludedReplicas: readonly ReplicaId[]
  readonly meaning: CallMeaning
  readonly body: JsonObject
  readonly init: AttemptInit

  readonly #context: RunContext
  readonly #owner: AttemptOwner
  #ticket: Ticket | null = null
  #signal: CallSignal | null = null
  #replica: ReplicaId | null = null
  #sentAtMs: number | null = null
  #result: CallResult | null = null
  /** Set when the owner no longer listens; what the record says of it. */
  #ending: StepRecord['outcome'] | null = null
  #errorCode: ErrorCode | null = null
  #answer: string | null = null
  #onQuiet: (() => void) | null = null

  constructor(init: AttemptInit, context: RunContext, owner: AttemptOwner) {
    const { choice, seenAtChoice } = init
    this.init = init
    this.#context = context
    this.#owner = owner
    this.runId = init.runId
    this.stepId = init.step.id
    this.id = `${init.runId}/${init.isInsurance ? 'insurance' : init.step.id}/${init.attempt}`
    this.model = choice.arm.model
    this.enqueuedAtMs = context.clock.nowMs()
    this.deadlineAtMs = seenAtChoice.query.deadlineAtMs
    this.serviceMs = choice.estimate.serviceMs
    this.remainingMs = choice.estimate.serviceMs + init.afterwardsMs
    this.promptTokens = seenAtChoice.promptTokens
    this.maxOutputTokens = init.maxOutputTokens
    this.outputTokens = Math.min(init.maxOutputTokens, choice.estimate.outputTokens.mean)
    this.outputTokensP90 = Math.min(init.maxOutputTokens, choice.estimate.outputTokens.quantile(0.9))
    this.affinity = init.affinity
    this.excludedReplicas = init.excludedReplicas
    this.meaning = init.meaning
    this.body = init.body
  }

  get replica(): ReplicaId | null {
    return this.#replica
  }

  get sentAtMs(): number | null {
    return this.#sentAtMs
  }

  /** Waiting or running, and still wanted. */
  get isOpen(): boolean {
    return this.#result === null && this.#ending === null
  }

  /** Whether an engine still works on it, wanted or not. */
  get isUnderWay(): boolean {
    return this.#sentAtMs !== null && this.#result === null
  }

  messages(): readonly ChatMessage[] {
    return this.init.messages()
  }

  /** Does nothing where the run ended while its listener heard of this attempt. */
  enqueue(): void {
    if (this.isOpen) this.#ticket = this.#context.dispatch.enqueue(this)
  }

  start(replica: ReplicaId): void {
    const engine = this.#context.engines.get(replica)
    invariant(engine, `the scheduler named an unknown replica ${replica}`)
    invariant(this.#sentAtMs === null && this.#ending === null, `${this.id} was started twice or after its end`)
    this.#replica = replica
    this.#sentAtMs = this.#context.clock.nowMs()
    this.#signal = new CallSignal()
    this.#owner.attemptSent(this)
    const { attemptDelta } = this.#owner
    const observer: CallObserver = { firstToken: () => this.#context.calls.firstToken(this.id, replica) }
    if (this.init.streams && attemptDelta) {
      observer.delta = (delta) => (this.isOpen ? attemptDelta.call(this.#owner, this, delta) : undefined)
    }
    engine.run(this, this.#signal, observer).then(
      (result) => this.#settle(replica, result),
      (fault) => this.#settle(replica, brokenEngine(this, fault)),
    )
  }

  reconsider(): void {
    if (this.isOpen && this.#sentAtMs === null) this.#owner.attemptWaits(this)
  }

  reject(code: ErrorCode, message: string): void {
    if (!this.isOpen) return
    this.#ending = 'rejected'
    this.#errorCode = code
    this.#owner.attemptRejected(this, code, message)
  }

  /** It no longer matters: out of the queue, or aborted on its engine. */
  abandon(outcome: 'aborted' | 'rechosen'): void {
    if (!this.isOpen) return
    this.#ending = outcome
    if (this.#sentAtMs === null) this.#ticket?.cancel()
    else this.#signal?.abort()
    this.#owner.attemptAbandoned(this)
  }

  /** Stops the engine, but the owner still hears how far it came. */
  interrupt(): void {
    this.#signal?.abort()
  }

  /** Calls `fn` once the engine has settled the call; at once if none is under way. */
  whenQuiet(fn: () => void): void {
    if (this.isUnderWay) this.#onQuiet = fn
    else fn()
  }

  /** The answer as other steps and the vote see it. */
  remember(answer: string | null): AnswerInHand {
    this.#answer = answer
    const result = this.#result
    invariant(result, `${this.id} has no result to remember`)
    return {
      stepId: this.stepId,
      role: this.init.step.role,
      arm: this.init.choice.arm,
      text: result.text,
      answer,
      isTruncated: result.status === 'cut',
      outputTokens: result.usage.outputTokens,
    }
  }

  record(): StepRecord {
    const { init } = this
    const { choice, seenAtChoice } = init
    const result = this.#result
    return {
      stepId: this.stepId,
      attempt: init.attempt,
      kind: init.isInsurance ? 'insurance' : init.step.kind,
      role: init.step.role,
      seen: init.seen,
      remainingMs: seenAtChoice.remainingMs,
      shareMs: choice.shareMs,
      agreement: seenAtChoice.agreement,
      choice: {
        model: choice.arm.model,
        strategy: choice.arm.strategy,
        reason: choice.reason,
        price: choice.price ?? null,
        score: choice.score ?? null,
        ...(choice.probability === undefined ? {} : { probability: choice.probability }),
      },
      alternatives: choice.alternatives,
      predicted: {
        latencyMs: choice.estimate.expectedMs ?? choice.estimate.latencyMs.mean,
        p90Ms: choice.estimate.latencyMs.quantile(0.9),
        queueMs: choice.estimate.queueMs,
        ttftMs: choice.estimate.ttftMs,
        outputTokens: choice.estimate.outputTokens.mean,
        quality: choice.estimate.quality,
      },
      replica: this.#replica,
      queuedAtMs: this.enqueuedAtMs,
      sentAtMs: this.#sentAtMs,
      firstTokenAtMs: result?.firstTokenAtMs ?? null,
      finishedAtMs: result?.finishedAtMs ?? null,
      usage: result?.usage ?? this.#usageSoFar(),
      outcome: this.#ending ?? (result === null ? 'aborted' : result.status),
      errorCode: this.#errorCode ?? result?.error?.code ?? null,
      answer: this.#answer,
      ...(choice.shadow ? { shadow: choice.shadow } : {}),
    }
  }

  /**
   * What the call says of its replica's health. One that we gave up says nothing, unless it had been silent for longer
   * than all that was predicted of it: an engine that accepts calls and never answers must not be chosen for ever.
   */
  #verdictOn(result: CallResult): CallResult {
    const silentMs = result.finishedAtMs - result.sentAtMs
    const isSilent = result.status === 'aborted' && result.firstTokenAtMs === null && silentMs > shortestSilenceMs
    if (!isSilent || this.init.choice.estimate.latencyMs.cdf(silentMs) < 0.99) return result
    const message = `no token within ${Math.round(silentMs)} ms`
    const error = { code: 'ENGINE_TIMEOUT', message, status: null, retryAfterMs: null } as const
    return { ...result, status: 'failed', error }
  }

  /** Until the engine has said: at least the prompt of a call that was sent. */
  #usageSoFar(): Usage {
    return this.#sentAtMs === null ? noUsage : { promptTokens: this.promptTokens, outputTokens: 0 }
  }

  #settle(replica: ReplicaId, result: CallResult): void {
    this.#result = result
    this.#context.calls.settled(this.id, replica, this.#verdictOn(result))
    this.#context.dispatch.release(this.id, replica)
    this.#learn(replica, result)
    if (this.#ending === null) this.#owner.attemptSettled(this, result)
    this.#onQuiet?.()
  }

  #learn(replica: ReplicaId, result: CallResult): void {
    if (result.status !== 'done' && result.status !== 'cut') return
    const { query } = this.init.seenAtChoice
    const outcome = {
      arm: this.init.choice.arm,
      replica,
      stepKind: this.init.step.kind,
      domain: query.domain,
      query,
      promptTokens: result.isUsageReported ? result.usage.promptTokens : this.promptTokens,
      estimate: this.init.choice.estimate,
      queueMs: result.sentAtMs - this.enqueuedAtMs,
      result,
    }
    this.#context.predictor.observe(outcome)
    this.#context.executor.stepFinished?.(outcome)
  }
}

/** What an engine that broke its contract and rejected is taken to have said: the room must be given back all the same. */
function brokenEngine(attempt: Attempt, fault: unknown): CallResult {
  const nowMs = attempt.sentAtMs ?? attempt.enqueuedAtMs
  const message = `the engine's client failed: ${fault instanceof Error ? fault.message : String(fault)}`
  return {
    status: 'failed',
    text: '',
    reasoning: '',
    toolCalls: null,
    logprobs: null,
    usage: noUsage,
    isUsageReported: false,
    sentAtMs: nowMs,
    firstTokenAtMs: null,
    finishedAtMs: nowMs,
    finishReason: '',
    error: { code: 'ENGINE_BAD_RESPONSE', message, status: null, retryAfterMs: null },
  }
}
