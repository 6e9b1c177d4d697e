/** @file What a test writes down for a scripted engine to say, and when. */
import type { EngineCall, EngineError, JsonValue, Usage } from '../core/index.ts'

/** One answer. All fields are optional: `{}` is the text `ok` at once. */
export interface ScriptedReply {
  /** The calls that it is for. Absent: any. */
  readonly when?: (call: EngineCall) => boolean
  /** How many calls it answers. Default 1; `Infinity`: any number, none included. */
  readonly times?: number
  /** Default `ok`; default empty with `toolCalls`. Cut evenly into `outputTokens` pieces. */
  readonly text?: string
  /** Sent whole with the first token. */
  readonly reasoning?: string
  /** Sent whole with the last token. */
  readonly toolCalls?: JsonValue
  readonly logprobs?: JsonValue
  /** >= 1. Default: a quarter of the text's characters. Above the call's cap, the answer is cut there. */
  readonly outputTokens?: number
  /** Default: the call's own estimate. */
  readonly promptTokens?: number
  /** Default 0. */
  readonly firstTokenAfterMs?: number
  /** Default: all tokens at once. */
  readonly tokensPerSecond?: number
  /** Fails after so many tokens, at the instant at which the next one was due. 0: before the first. */
  readonly failAfterTokens?: number
  /** What it fails with, in part; given alone it means `failAfterTokens: 0`. Default code STREAM_INTERRUPTED after a token, else ENGINE_UNREACHABLE. */
  readonly error?: Partial<EngineError>
  /** Says nothing more after so many tokens, until aborted. 0: never begins. */
  readonly hangAfterTokens?: number
  /** Usage as the engine reports it; null: not reported. Default: the tokens sent. */
  readonly usage?: Usage | null
  /** Default `stop`, `tool_calls` with tool calls, `length` when cut. */
  readonly finishReason?: string
}
