/**
 * @file A streamed answer: chat completion chunks over server-sent events, in one of three step modes.
 *
 * Nothing is sent before the plan stands, so that refusals keep their status. Every chunk has `choices`. The closing
 * story rides on the chunk with `finish_reason`, as a further field: the official clients keep unknown fields, while a
 * chunk of its own with empty `choices` breaks programs that read `choices[0]` of every chunk; those appear only where
 * asked for (`events`, and the usage chunk). After the head an error can only be told in the stream, then it closes
 * without `[DONE]`.
 */
import type { Delta, InframindError, JsonObject, JsonValue, Plan, RunId, StepId } from '../../core/index.ts'
import { type AnswerContext, completionId, finishReasonOf, runStory, summedUsage } from './answer.ts'
import { toErrorAnswer } from './error-answer.ts'
import type { StepMode } from './extension.ts'
import type { AnswerSink, RunResult, StepEvent } from './ports.ts'
import type { SseWriter } from './sse-writer.ts'
import { StepVoices } from './step-voices.ts'

export interface StreamOptions extends AnswerContext {
  readonly runId: RunId
  readonly arrivedAtMs: number
  readonly includesUsage: boolean
  readonly steps: StepMode
  /** Called once before the head: the response becomes ours. */
  readonly takeOver: () => void
}

/** Tool calls as chunks carry them: each with its index. */
function indexedToolCalls(toolCalls: JsonValue): JsonValue {
  if (!Array.isArray(toolCalls)) return toolCalls
  return (toolCalls as readonly JsonObject[]).map((call, index) => ({ index, ...call }))
}

export class ChatStream implements AnswerSink {
  readonly #writer: SseWriter
  readonly #options: StreamOptions
  readonly #voices: StepVoices
  readonly stepDelta?: (stepId: StepId, delta: Delta) => Promise<void>
  /** What steps did before the plan stood: told after it. */
  readonly #early: StepEvent[] = []
  #hasStarted = false
  #sentCharacters = 0
  #hasSentToolCalls = false

  constructor(writer: SseWriter, options: StreamOptions) {
    this.#writer = writer
    this.#options = options
    this.#voices = new StepVoices((text) => this.#choice({ delta: { reasoning_content: text } }))
    if (options.steps === 'reasoning') {
      this.stepDelta = (stepId, { text, reasoning }) => {
        const said = (reasoning ?? '') + (text ?? '')
        return said === '' ? Promise.resolve() : this.#voices.speak(stepId, said)
      }
    }
  }

  /** The head is out: errors must be told in the stream. */
  get hasStarted(): boolean {
    return this.#hasStarted
  }

  planned(runId: RunId, plan: Plan): void {
    this.#hasStarted = true
    this.#options.takeOver()
    this.#writer.start({ 'x-inframind-run-id': runId, 'x-inframind-topology': plan.topology })
    void this.#choice({ delta: { role: 'assistant', content: '' } })
    const { topology, agents, steps, predictedMs, reason } = plan
    this.#event({ type: 'planned', topology, agents, steps: steps.length, predicted_ms: predictedMs, reason })
    for (const event of this.#early.splice(0)) this.step(event)
  }

  step(event: StepEvent): void {
    // A step is queued before it is known whether any can be sent: a write now would fix the status.
    if (!this.#hasStarted) {
      this.#early.push(event)
      return
    }
    const { type, stepId, role, arm, atMs, record } = event
    this.#voices.introduce(stepId, role)
    if (type === 'step-finished' || type === 'step-dropped') void this.#voices.finish(stepId)
    this.#event({
      type,
      step: stepId,
      role,
      model: arm?.model ?? null,
      strategy: arm?.strategy ?? null,
      at_ms: Math.round(atMs - this.#options.arrivedAtMs),
      ...(record && { status: record.outcome, output_tokens: record.usage.outputTokens }),
    })
  }

  async delta({ text, reasoning, toolCalls, logprobs }: Delta): Promise<void> {
    const isReasoningShown = this.#options.showsReasoning && reasoning !== undefined
    if (text === undefined && toolCalls === undefined && logprobs === undefined && !isReasoningShown) return
    this.#sentCharacters += text?.length ?? 0
    if (toolCalls !== undefined) this.#hasSentToolCalls = true
    await this.#choice({
      delta: {
        ...(isReasoningShown && { reasoning_content: reasoning }),
        ...(text !== undefined && { content: text }),
        ...(toolCalls !== undefined && { tool_calls: toolCalls }),
      },
      ...(logprobs !== undefined && { logprobs }),
    })
  }

  /** What was not streamed yet (an answer by vote comes in one piece), then the end. */
  async finish(result: RunResult): Promise<void> {
    const rest = result.text.slice(this.#sentCharacters)
    if (rest !== '') await this.delta({ text: rest })
    if (result.toolCalls !== null && !this.#hasSentToolCalls) {
      await this.delta({ toolCalls: indexedToolCalls(result.toolCalls) })
    }
    const inframind = runStory(result.record, this.#options)
    await this.#choice({ delta: {}, finish_reason: finishReasonOf(result) }, { inframind })
    if (this.#options.includesUsage) await this.#chunk({ choices: [], usage: summedUsage(result.record) })
    this.#writer.end({ isWhole: true })
  }

  async fail(error: InframindError): Promise<void> {
    await this.#writer.data(toErrorAnswer(error).body)
    this.#writer.end({ isWhole: false })
  }

  #event(fields: JsonObject): void {
    if (this.#options.steps !== 'events') return
    // Not awaited: as many as steps, and the runtime does not wait for listeners.
    void this.#chunk({ choices: [], inframind: { run_id: this.#options.runId, ...fields } })
  }

  #choice(fields: JsonObject, further: JsonObject = {}): Promise<void> {
    return this.#chunk({
      choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: null, ...fields }],
      ...further,
    })
  }

  #chunk(fields: JsonObject): Promise<void> {
    const { runId, createdAtMs, model, policyHash, includesUsage } = this.#options
    return this.#writer.data({
      id: completionId({ runId }),
      object: 'chat.completion.chunk',
      created: Math.floor(createdAtMs / 1000),
      model,
      system_fingerprint: policyHash,
      // As OpenAI does it: null on every chunk before the one that carries it.
      ...(includesUsage && { usage: null }),
      ...fields,
    })
  }
}
