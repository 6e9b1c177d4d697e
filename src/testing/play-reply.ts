/**
 * @file Plays one scripted reply on a clock: waits, tells the observer, and settles as a well-behaved engine does.
 *
 * Without an observer of deltas there is one wait for the first token and one for the end, as the port asks; with one there
 * is a wait per token, and a slow reader delays the tokens after it.
 */
import {
  type CallObserver,
  type CallResult,
  type CancelSignal,
  type Clock,
  type Delta,
  type EngineCall,
  type EngineError,
  estimateTokens,
} from '../core/index.ts'
import type { ScriptedReply } from './scripted-reply.ts'

interface Stage {
  readonly call: EngineCall
  readonly signal: CancelSignal
  readonly observer: CallObserver
  readonly clock: Clock
}

type Ending = 'end' | 'cut' | 'fail' | 'hang'

/** Status of a reply that nobody aborted. A hanging one only ever ends by abort. */
const endings = { end: 'done', cut: 'cut', fail: 'failed', hang: 'aborted' } as const

/** The reply with every default filled in: what will be said, when, and how it ends. */
interface Script {
  readonly text: string
  readonly tokens: number
  /** Tokens that are sent before the ending. */
  readonly sent: number
  readonly ending: Ending
  readonly firstAfterMs: number
  readonly perTokenMs: number
}

function toScript(reply: ScriptedReply, call: EngineCall): Script {
  const text = reply.text ?? (reply.toolCalls === undefined ? 'ok' : '')
  const tokens = Math.max(1, reply.outputTokens ?? estimateTokens(text))
  const failAfter = reply.failAfterTokens ?? (reply.error === undefined ? Infinity : 0)
  const hangAfter = reply.hangAfterTokens ?? Infinity
  const sent = Math.min(tokens, call.maxOutputTokens, failAfter, hangAfter)
  const ending = hangAfter <= sent ? 'hang' : failAfter <= sent ? 'fail' : sent < tokens ? 'cut' : 'end'
  return {
    text,
    tokens,
    sent,
    ending,
    firstAfterMs: reply.firstTokenAfterMs ?? 0,
    perTokenMs: 1000 / (reply.tokensPerSecond ?? Infinity),
  }
}

/** Instant of token `index`, from 0, of a call sent at `sentAtMs`. */
const tokenAtMs = ({ firstAfterMs, perTokenMs }: Script, sentAtMs: number, index: number) =>
  sentAtMs + firstAfterMs + index * perTokenMs

const textUpTo = ({ text, tokens }: Script, token: number) => text.slice(0, Math.floor((text.length * token) / tokens))

/** Token `index` of the reply, from 0. */
function deltaOf(reply: ScriptedReply, script: Script, index: number): Delta {
  const isLast = index === script.tokens - 1
  const text = textUpTo(script, index + 1).slice(textUpTo(script, index).length)
  return {
    ...(text === '' ? {} : { text }),
    ...(index === 0 && reply.reasoning !== undefined ? { reasoning: reply.reasoning } : {}),
    ...(isLast && reply.toolCalls !== undefined ? { toolCalls: reply.toolCalls } : {}),
    ...(isLast && reply.logprobs !== undefined ? { logprobs: reply.logprobs } : {}),
  }
}

/** Resolves at `ms`, at once when that has passed, or when aborted. */
function waitUntil(ms: number, { clock, signal }: Stage): Promise<void> {
  if (signal.aborted || ms <= clock.nowMs()) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      cancel?.()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = ms === Infinity ? null : clock.at(ms, finish)
    signal.addEventListener('abort', finish)
  })
}

/** Resolves when the reader has taken `delta`, or when aborted: a reader that never comes back must not hold the call. */
async function offer(delta: Delta, { observer, signal }: Stage): Promise<void> {
  const taken = observer.delta?.(delta)
  if (taken === undefined || signal.aborted) return
  let leave = () => {}
  const aborted = new Promise<void>((resolve) => {
    leave = resolve
  })
  signal.addEventListener('abort', leave)
  await Promise.race([taken, aborted])
  signal.removeEventListener('abort', leave)
}

/** How far a reply came, kept up to date while it plays. */
interface Progress {
  firstTokenAtMs: number | null
  tokens: number
  /** The observer threw or rejected: that ends the call. */
  readerError: EngineError | null
}

/** Sends the reply's tokens, each at its instant, until the last or the abort. */
async function sendTokens(reply: ScriptedReply, { script, stage, sentAtMs, progress }: Play): Promise<void> {
  const { signal, observer, clock } = stage
  if (script.sent === 0) return
  await waitUntil(tokenAtMs(script, sentAtMs, 0), stage)
  if (signal.aborted) return
  const firstTokenAtMs = clock.nowMs()
  progress.firstTokenAtMs = firstTokenAtMs
  observer.firstToken?.(firstTokenAtMs)
  if (observer.delta === undefined) {
    await waitUntil(tokenAtMs(script, sentAtMs, script.sent - 1), stage)
    const due = 1 + Math.floor((clock.nowMs() - firstTokenAtMs) / Math.max(script.perTokenMs, 1e-9))
    progress.tokens = signal.aborted ? Math.min(script.sent, due) : script.sent
    return
  }
  while (progress.tokens < script.sent) {
    await waitUntil(tokenAtMs(script, sentAtMs, progress.tokens), stage)
    if (signal.aborted) return
    progress.tokens += 1
    await offer(deltaOf(reply, script, progress.tokens - 1), stage)
  }
}

interface Play {
  readonly script: Script
  readonly stage: Stage
  readonly sentAtMs: number
  readonly progress: Progress
}

/** Plays `reply` to its end, its failure or the abort. Never rejects. */
export async function playReply(reply: ScriptedReply, stage: Stage): Promise<CallResult> {
  const script = toScript(reply, stage.call)
  const sentAtMs = stage.clock.nowMs()
  const progress: Progress = { firstTokenAtMs: null, tokens: 0, readerError: null }
  const play = { script, stage, sentAtMs, progress }
  try {
    await sendTokens(reply, play)
    if (script.ending === 'hang') await waitUntil(Infinity, stage)
    if (script.ending === 'fail') await waitUntil(tokenAtMs(script, sentAtMs, script.sent), stage)
  } catch (error) {
    const message = `the reader of the answer failed: ${String(error)}`
    progress.readerError = { code: 'STREAM_INTERRUPTED', message, status: null, retryAfterMs: null }
  }
  return toResult(reply, play)
}

function statusOf({ script, stage, progress }: Play): CallResult['status'] {
  if (stage.signal.aborted) return 'aborted'
  return progress.readerError === null ? endings[script.ending] : 'failed'
}

function toResult(reply: ScriptedReply, play: Play): CallResult {
  const { script, stage, sentAtMs } = play
  const { firstTokenAtMs, tokens, readerError } = play.progress
  const status = statusOf(play)
  const isComplete = tokens === script.tokens
  const counted = { promptTokens: reply.promptTokens ?? stage.call.promptTokens, outputTokens: tokens }
  return {
    status,
    text: textUpTo(script, tokens),
    reasoning: tokens > 0 ? (reply.reasoning ?? '') : '',
    toolCalls: (isComplete && reply.toolCalls) || null,
    logprobs: (isComplete && reply.logprobs) || null,
    usage: reply.usage ?? counted,
    isUsageReported: reply.usage !== null && (status === 'done' || status === 'cut'),
    sentAtMs,
    firstTokenAtMs,
    finishedAtMs: stage.clock.nowMs(),
    finishReason: finishReasonOf(status, reply),
    error: status === 'failed' ? (readerError ?? errorOf(reply, tokens)) : null,
  }
}

function finishReasonOf(status: CallResult['status'], reply: ScriptedReply): string {
  if (status === 'aborted' || status === 'failed') return ''
  if (status === 'cut') return 'length'
  return reply.finishReason ?? (reply.toolCalls === undefined ? 'stop' : 'tool_calls')
}

const errorOf = (reply: ScriptedReply, tokens: number): EngineError => ({
  code: tokens > 0 ? 'STREAM_INTERRUPTED' : 'ENGINE_UNREACHABLE',
  message: 'scripted failure',
  status: null,
  retryAfterMs: null,
  ...reply.error,
})
