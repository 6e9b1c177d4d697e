/**
 * @file The one place where calls leave: it counts what is under way, keeps to the limits, and writes down what was measured.
 *
 * Both phases send through it, so that neither can put more load on a model than was asked for, nor spend more than was
 * allowed, and every call that held an engine stands in `calls.jsonl`.
 */
import type {
  CallObserver,
  CallResult,
  CancelSignal,
  Clock,
  Domain,
  Engine,
  EngineCall,
  ModelId,
  ReplicaId,
} from '../../core/index.ts'
import type { Budget } from './budget.ts'
import type { CollectionFiles } from './collection-files.ts'
import type { Grader } from './grader.ts'
import type { CallLine } from './lines.ts'

/** What is written beside the call's own figures. */
export interface CallAbout {
  readonly phase: 1 | 2
  readonly isBackground: boolean
  readonly prompt: string
  readonly role: string
  readonly domain: Domain
  readonly level: number | null
  readonly running: number | null
  readonly waiting: number | null
  readonly kvUsage: number | null
  /** Whose answer it is, where it can be judged; null: it cannot. */
  readonly questionId: string | null
}

export interface CallDeskOptions {
  readonly clock: Clock
  readonly files: CollectionFiles
  readonly budget: Budget
  readonly grader: Grader
  /** Requests under way at once on one model, at most. */
  readonly mostPerModel: number
  /** A call that takes longer counts as failed. ms. */
  readonly callTimeoutMs: number
  readonly onCall: () => void
  /** Nothing more can be written: the collection cannot go on. */
  readonly onFault: (error: unknown) => void
}

export class CallDesk {
  readonly #options: CallDeskOptions
  readonly #byEngine = new Map<ReplicaId, number>()
  readonly #byModel = new Map<ModelId, number>()
  readonly #keeping = new Set<Promise<void>>()
  #inPool = 0
  #failures = 0

  constructor(options: CallDeskOptions) {
    this.#options = options
  }

  /** Calls that ended by the engine's fault. */
  get failures(): number {
    return this.#failures
  }

  inFlight(engine: ReplicaId): number {
    return this.#byEngine.get(engine) ?? 0
  }

  /** Resolves when every answer is judged and written down. */
  async settled(): Promise<void> {
    await Promise.all(this.#keeping)
  }

  /**
   * Sends one call. It is written down when it has ended and its answer is judged, perhaps after the result is given out.
   * Null: not sent, since the budget or the load on the model is at its limit.
   */
  async send(
    engine: Engine,
    call: EngineCall,
    {
      signal,
      observer,
      about,
    }: { readonly signal: CancelSignal; readonly observer?: CallObserver; readonly about: CallAbout },
  ): Promise<CallResult | null> {
    const { budget, mostPerModel } = this.#options
    if ((this.#byModel.get(engine.model) ?? 0) >= mostPerModel) return null
    const reserved = call.promptTokens + call.maxOutputTokens
    if (!budget.take(reserved)) return null
    const own = { ownInFlight: this.inFlight(engine.id), ownInPool: this.#inPool }
    this.#count(engine, 1)
    let used = 0
    let result: CallResult
    try {
      result = await this.#run(engine, call, { signal, observer })
      used = tokensUsed(result, call)
    } finally {
      this.#count(engine, -1)
      budget.settle(reserved, used)
    }
    if (result.status === 'failed' && !isHopeless(result)) this.#failures += 1
    this.#keep(result, { ...about, ...own, id: call.id, engine: engine.id, model: engine.model, call })
    this.#options.onCall()
    return result
  }

  #count({ id, model }: Engine, change: 1 | -1): void {
    this.#byEngine.set(id, this.inFlight(id) + change)
    this.#byModel.set(model, (this.#byModel.get(model) ?? 0) + change)
    this.#inPool += change
  }

  /** An engine that hangs must not hold its place for ever. */
  async #run(
    engine: Engine,
    call: EngineCall,
    { signal, observer }: { readonly signal: CancelSignal; readonly observer: CallObserver | undefined },
  ): Promise<CallResult> {
    const { clock, callTimeoutMs } = this.#options
    const abort = new AbortController()
    const leave = () => abort.abort()
    let isLate = false
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave)
    const cancel = clock.at(clock.nowMs() + callTimeoutMs, () => {
      isLate = true
      leave()
    })
    try {
      const result = await engine.run(call, abort.signal, observer)
      return isLate && result.status === 'aborted' ? { ...result, status: 'failed', error: lateError } : result
    } finally {
      cancel()
      signal.removeEventListener('abort', leave)
    }
  }

  #keep(result: CallResult, about: CallAbout & Told): void {
    const { files, grader, onFault } = this.#options
    const line = toLine(result, about)
    if (line === null) {
      if (isHopeless(result)) this.#refuse(result, about)
      return
    }
    const { questionId } = about
    const isAnswer = questionId !== null && line.status !== 'aborted'
    const judged = isAnswer ? grader.grade(questionId, { text: result.text, call: line }) : Promise.resolve(null)
    const keeping = judged.then((graded) => files.addCall(line, graded)).catch(onFault)
    this.#keeping.add(keeping)
    void keeping.then(() => this.#keeping.delete(keeping))
  }

  #refuse({ error }: CallResult, { call, phase, isBackground, prompt, model, level }: CallAbout & Told): void {
    const { strategy } = call.meaning
    if (phase === 1 || isBackground || strategy === null || level === null || error === null) return
    const { code, message } = error
    try {
      this.#options.files.addRefused({ prompt, strategy, model, level, code, message })
    } catch (fault) {
      this.#options.onFault(fault)
    }
  }
}

interface Told {
  readonly id: string
  readonly engine: ReplicaId
  readonly model: ModelId
  readonly ownInFlight: number
  readonly ownInPool: number
  readonly call: EngineCall
}

const lateError = {
  code: 'ENGINE_TIMEOUT',
  message: 'no end within the time that a call may take',
  status: null,
  retryAfterMs: null,
} as const

/** A call that ended before its first token may have had its prompt read all the same, unless it was turned away. */
function tokensUsed(result: CallResult, call: EngineCall): number {
  if (isHopeless(result)) return 0
  const { promptTokens, outputTokens } = result.usage
  return Math.max(promptTokens, result.firstTokenAtMs === null ? call.promptTokens : 0) + outputTokens
}

/** Whether the engine would refuse it again. */
export const isHopeless = ({ error }: CallResult): boolean =>
  error?.code === 'CONTEXT_TOO_LONG' || error?.code === 'REQUEST_INVALID'

/** Null: the call failed, or was given up before its first token: it says nothing of the engine. */
function toLine(result: CallResult, about: CallAbout & Told): CallLine | null {
  const { status, usage, sentAtMs, firstTokenAtMs, finishedAtMs, isUsageReported } = result
  if (status === 'failed' || (status === 'aborted' && firstTokenAtMs === null)) return null
  const { questionId: _question, call, ...said } = about
  return {
    ...said,
    strategy: call.meaning.strategy,
    status,
    promptTokens: usage.promptTokens,
    outputTokens: usage.outputTokens,
    isUsageReported,
    isCut: status !== 'done',
    capTokens: call.maxOutputTokens,
    sentAtMs,
    firstTokenAtMs,
    finishedAtMs,
  }
}
