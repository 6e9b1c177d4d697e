/**
 * @file What a client gets of a finished run: the usual chat completion, its summed usage, and the run's story.
 *
 * The story (`inframind`) is read off the run record alone, so that it can be checked against it. Durations are ms:
 * `queue_ms` = sent - queued, `ttft_ms` = first token - sent, `e2e_ms` = finished - queued, which is what `predicted_ms`
 * predicted. `null`: never got there.
 */
import type { AutoBudget, Degradation, JsonObject, JsonValue, RunRecord, StepRecord, Usage } from '../../core/index.ts'
import type { RunResult } from './ports.ts'

export interface AnswerContext {
  /** The model's name as the client wrote it. */
  readonly model: string
  readonly createdAtMs: number
  readonly policyHash: string
  readonly isSimulated: boolean
  /** Whether reasoning that the engine sends apart is shown. */
  readonly showsReasoning: boolean
}

const difference = (end: number | null, start: number | null) =>
  end === null || start === null ? null : round(end - start)

/** A tenth of a microsecond means nothing to a reader. */
const round = (ms: number) => Math.round(ms * 10) / 10

function stepStory(step: StepRecord): JsonObject {
  const arm = 'model' in step.choice ? step.choice : null
  return {
    step: step.stepId,
    role: step.role,
    model: arm?.model ?? null,
    strategy: arm?.strategy ?? null,
    queue_ms: difference(step.sentAtMs, step.queuedAtMs),
    ttft_ms: difference(step.firstTokenAtMs, step.sentAtMs),
    e2e_ms: difference(step.finishedAtMs, step.queuedAtMs),
    prompt_tokens: step.usage.promptTokens,
    output_tokens: step.usage.outputTokens,
    predicted_ms: step.predicted === null ? null : round(step.predicted.latencyMs),
    status: step.outcome,
  }
}

const usageObject = ({ promptTokens, outputTokens }: Usage): JsonObject => ({
  prompt_tokens: promptTokens,
  completion_tokens: outputTokens,
  total_tokens: promptTokens + outputTokens,
})

/** The worst way in which the answer fell short; null: it did not. The run record lists them all. */
export function worstDegradation(degraded: readonly Degradation[]): Degradation | null {
  const order: readonly Degradation[] = ['cut', 'best-so-far', 'insurance', 'steps-failed', 'steps-dropped']
  return order.find((kind) => degraded.includes(kind)) ?? null
}

export const slackMs = (record: RunRecord): number => round(record.deadlineAtMs - record.finishedAtMs)

const autoStory = ({ predictedP95Ms, factor }: AutoBudget): JsonObject => ({
  budget: 'auto',
  budget_p95_ms: round(predictedP95Ms),
  budget_factor: factor,
})

/** The `inframind` object of an answer. */
export function runStory(record: RunRecord, { isSimulated }: { readonly isSimulated: boolean }): JsonObject {
  return {
    run_id: record.runId,
    topology: record.plan.topology,
    steps: record.steps.map(stepStory),
    final_usage: usageObject(record.finalUsage),
    budget_ms: record.budgetMs,
    ...(record.autoBudget && autoStory(record.autoBudget)),
    elapsed_ms: round(record.finishedAtMs - record.arrivedAtMs),
    slack_ms: slackMs(record),
    on_time: record.isOnTime,
    degraded: worstDegradation(record.degraded),
    ...(isSimulated && { simulated: true }),
  }
}

/** Tokens over all steps. Output that the client does not see counts as reasoning, as with any reasoning model. */
export function summedUsage(record: RunRecord): JsonObject {
  const hidden = Math.max(0, record.usage.outputTokens - record.finalUsage.outputTokens)
  return { ...usageObject(record.usage), completion_tokens_details: { reasoning_tokens: hidden } }
}

/** OpenAI's word for how the answer ended. Cut at the deadline reads as `length`: the text is not whole. */
export function finishReasonOf(result: RunResult): string {
  if (result.degraded.includes('cut')) return 'length'
  if (result.finishReason !== '') return result.finishReason
  return result.toolCalls === null ? 'stop' : 'tool_calls'
}

export const completionId = (record: Pick<RunRecord, 'runId'>): string => `chatcmpl-${record.runId}`

/** The answer of a request that is not streamed. */
export function chatCompletion(result: RunResult, context: AnswerContext): JsonObject {
  const { record } = result
  const message: Record<string, JsonValue> = { role: 'assistant', content: result.text }
  if (result.toolCalls !== null) {
    message['tool_calls'] = result.toolCalls
    if (result.text === '') message['content'] = null
  }
  if (context.showsReasoning && result.reasoning !== '') message['reasoning_content'] = result.reasoning
  return {
    id: completionId(record),
    object: 'chat.completion',
    created: Math.floor(context.createdAtMs / 1000),
    model: context.model,
    system_fingerprint: context.policyHash,
    choices: [{ index: 0, message, logprobs: result.logprobs, finish_reason: finishReasonOf(result) }],
    usage: summedUsage(record),
    inframind: runStory(record, context),
  }
}
