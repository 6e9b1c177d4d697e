/**
 * @file An orchestrated chat request: runs the query and writes its answer, whole or streamed.
 *
 * The response is given out of the server framework's hands (`hijack`) only once the plan stands; until then a refusal is
 * an ordinary error answer. A client that leaves ends the run through its signal, and nothing more is written.
 */
import type { FastifyReply } from 'fastify'
import { InframindError, type RunRecord } from '../../core/index.ts'
import type { ActiveRequest } from './active-requests.ts'
import { type AnswerContext, chatCompletion, slackMs, worstDegradation } from './answer.ts'
import { ChatStream } from './chat-stream.ts'
import { toRequestError } from './error-answer.ts'
import type { GatewayState } from './gateway-state.ts'
import type { QueryRequest, RunResult } from './ports.ts'
import type { ChatRequest } from './query-request.ts'
import { SseWriter } from './sse-writer.ts'

export interface ChatExchange {
  readonly chat: ChatRequest
  /** As the client wrote it. */
  readonly askedModel: string
  /** The virtual model's name, for metrics. */
  readonly virtualName: string
  readonly active: ActiveRequest
  readonly reply: FastifyReply
}

function answerHeaders(record: RunRecord): Record<string, string> {
  return {
    'x-inframind-run-id': record.runId,
    'x-inframind-topology': record.plan.topology,
    'x-inframind-slack-ms': String(slackMs(record)),
    'x-inframind-degraded': worstDegradation(record.degraded) ?? 'none',
  }
}

/** The error behind a run without an answer; null: it has one. */
function errorOf(result: RunResult): InframindError | null {
  if (result.status === 'answered') return null
  if (result.error !== null) return result.error
  if (result.status === 'aborted') {
    return new InframindError('POOL_UNAVAILABLE', 'The gateway is closing: ask again.', { retryAfterMs: 1000 })
  }
  return new InframindError('INVARIANT_VIOLATED', `run ${result.record.runId} ${result.status} without an error`)
}

/** Runs the query; what it throws, which it should not, counts as our failure. */
async function run(
  state: GatewayState,
  { active, virtualName }: ChatExchange,
  { query, stream }: { readonly query: QueryRequest; readonly stream: ChatStream | null },
): Promise<RunResult | InframindError> {
  try {
    const result = await state.deps.runtime.run(query, active.signal, stream ?? {})
    state.metrics.runEnded(result.record, virtualName)
    return errorOf(result) ?? result
  } catch (error) {
    return toRequestError(error)
  }
}

/** Resolves to the outcome's word for metrics. Throws InframindError where nothing has been written yet. */
export async function answerChat(state: GatewayState, exchange: ChatExchange): Promise<string> {
  const { deps } = state
  const { chat, reply, active, askedModel: model } = exchange
  const context: AnswerContext = {
    model,
    createdAtMs: deps.clock.nowMs(),
    policyHash: deps.policyHash,
    isSimulated: deps.simulated ?? false,
    showsReasoning: chat.steps === 'reasoning',
  }
  const stream = chat.isStreamed ? createStream(state, exchange, context) : null
  const result = await run(state, exchange, { query: chat.query, stream })
  if (active.hasClientLeft) {
    if (!stream?.hasStarted) reply.hijack()
    reply.raw.destroy()
    return 'aborted'
  }
  if (result instanceof InframindError) {
    if (!stream?.hasStarted) {
      void reply.header('x-inframind-run-id', chat.query.runId)
      throw result
    }
    await stream.fail(result)
    return result.code.toLowerCase()
  }
  if (stream) await stream.finish(result)
  else void reply.headers(answerHeaders(result.record)).send(chatCompletion(result, context))
  return 'answered'
}

function createStream({ deps }: GatewayState, { chat, reply }: ChatExchange, context: AnswerContext): ChatStream {
  return new ChatStream(new SseWriter(reply.raw, deps.clock), {
    ...context,
    runId: chat.query.runId as string,
    arrivedAtMs: chat.query.arrivedAtMs,
    includesUsage: chat.includesUsage,
    steps: chat.steps,
    takeOver: () => {
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value)
      }
      reply.hijack()
    },
  })
}
