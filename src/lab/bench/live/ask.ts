/**
 * @file One query over HTTP: sent now, read to its end, and told as data whatever happens.
 *
 * Every instant is of the caller's clock (simulated ms under a time-scale); only what goes over the wire is real time.
 * Nothing here rejects: a refusal, a time-out, a broken connection is an outcome that is counted.
 */
import { type Dispatcher, request } from 'undici'
import type { ChatMessage, Clock } from '../../../core/index.ts'
import { SseParser } from '../../../pool/index.ts'
import { AnswerStream } from './answer-stream.ts'
import type { Gateway } from './gateway.ts'
import type { RunPlanned, RunStory, StreamUsage } from './story.ts'

/**
 * `answered`: whole. `refused`: a 4xx or 503. `failed`: another status, no connection, or an error told in the stream.
 * `cut`: the stream broke off. `timed-out`: we gave it up. `stopped`: the benchmark was ended.
 */
export const replyEnds = ['answered', 'refused', 'failed', 'cut', 'timed-out', 'stopped'] as const
export type ReplyEnd = (typeof replyEnds)[number]

export interface Reply {
  readonly end: ReplyEnd
  /** null: no answer of any kind came. */
  readonly httpStatus: number | null
  /** What came, also where it was cut. */
  readonly text: string
  readonly finishReason: string | null
  readonly problem: string | null
  readonly sentAtMs: number
  /** Instants at which pieces of text came. */
  readonly textAtMs: readonly number[]
  readonly finishedAtMs: number
  readonly usage: StreamUsage | null
  readonly story: RunStory | null
  readonly planned: RunPlanned | null
}

export interface AskOptions {
  readonly gateway: Gateway
  readonly model: string
  readonly messages: readonly ChatMessage[]
  /** Real ms. */
  readonly budgetMs: number
  readonly clock: Clock
  /** Gives the query up; the reason is the end that it then has. */
  readonly signal: AbortSignal
}

/** Resolves when the answer has ended, in whatever way. */
export async function ask(options: AskOptions): Promise<Reply> {
  const heard: Heard = {
    stream: new AnswerStream(),
    sentAtMs: options.clock.nowMs(),
    textAtMs: [],
    httpStatus: null,
    doneAtMs: null,
  }
  const ended = await hear(options, heard).catch((error: unknown) => endAfter(error, heard, options.signal))
  const { stream, sentAtMs, textAtMs, httpStatus, doneAtMs } = heard
  const { text, finishReason, usage, story, planned } = stream
  const finishedAtMs = doneAtMs ?? options.clock.nowMs()
  return { ...ended, httpStatus, sentAtMs, textAtMs, finishedAtMs, text, finishReason, usage, story, planned }
}

/** What has come so far. */
interface Heard {
  readonly stream: AnswerStream
  readonly sentAtMs: number
  readonly textAtMs: number[]
  httpStatus: number | null
  /** Instant of `[DONE]`. */
  doneAtMs: number | null
}

type Ended = Pick<Reply, 'end' | 'problem'>

async function hear(options: AskOptions, heard: Heard): Promise<Ended> {
  const { stream } = heard
  const { statusCode, headers, body } = await send(options)
  heard.httpStatus = statusCode
  if (statusCode !== 200) {
    return { end: isRefusal(statusCode) ? 'refused' : 'failed', problem: (await body.text()).slice(0, 200) }
  }
  const isStreamed = String(headers['content-type'] ?? '').includes('event-stream')
  for await (const data of isStreamed ? events(body) : whole(body)) {
    if (stream.take(data)) heard.textAtMs.push(options.clock.nowMs())
    if (stream.isDone) heard.doneAtMs ??= options.clock.nowMs()
  }
  if (stream.problem !== null) return { end: 'failed', problem: stream.problem }
  return stream.isComplete ? { end: 'answered', problem: null } : { end: 'cut', problem: 'the stream ended early' }
}

function endAfter(error: unknown, { stream, httpStatus }: Heard, signal: AbortSignal): Ended {
  // All was said; how the connection went down after it does not matter.
  if (stream.isDone && stream.isComplete) return { end: 'answered', problem: null }
  if (signal.aborted) return { end: signal.reason === 'timed-out' ? 'timed-out' : 'stopped', problem: null }
  const problem = (error as NodeJS.ErrnoException).code ?? (error as Error).message
  return { end: httpStatus === null ? 'failed' : 'cut', problem }
}

const isRefusal = (status: number): boolean => status === 503 || (status >= 400 && status < 500)

function send({ gateway, model, messages, budgetMs, signal }: AskOptions): Promise<Dispatcher.ResponseData> {
  return request(`${gateway.origin}/v1/chat/completions`, {
    method: 'POST',
    dispatcher: gateway.agent,
    signal,
    headers: {
      ...gateway.headers,
      'content-type': 'application/json',
      // Fractions of a ms mean nothing on the wire, and 0 would be refused.
      'x-inframind-budget-ms': String(Math.max(1, Math.round(budgetMs))),
    },
    body: JSON.stringify({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
      // Tells the plan as well. Other servers may refuse a field that they do not know.
      ...(gateway.isOrchestrated && { inframind: { steps: 'events' } }),
    }),
  })
}

async function* events(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const parser = new SseParser()
  for await (const bytes of body) yield* parser.push(bytes)
  yield* parser.end()
}

/** A server that does not stream sends one completion. */
async function* whole(body: Dispatcher.ResponseData['body']): AsyncGenerator<string, void> {
  yield await body.text()
}
