/**
 * @file The request of one call in OpenAI's words: always streamed, so that a closed connection stops the engine, and always
 * asking for usage.
 *
 * What the caller asks for beats the engine's settings of the strategy; both yield to the fields that are ours. The absolute
 * deadline goes out as `priority` where the engine takes one, turned so that sooner always goes first.
 */
import type { EngineCall, JsonObject, StrategyId } from '../../core/index.ts'
import type { Dialect } from './dialects/dialect.ts'

export interface BodyOptions {
  /** The model's name on the engine. */
  readonly servedModel: string
  /** Settings that go with a strategy on this engine. */
  readonly extraBody: Partial<Readonly<Record<StrategyId, JsonObject>>>
  /** Send the cap as `max_completion_tokens`, as OpenAI's newer models demand, not as `max_tokens`. */
  readonly usesMaxCompletionTokens: boolean
  /** The engine's sense of `priority`; `none`: leave it out. */
  readonly priority: Dialect['priority']
}

/** The deadline as an engine's `priority` (an integer); null where it takes none. */
export function priorityFor(deadlineAtMs: number, polarity: Dialect['priority']): number | null {
  if (polarity === 'none') return null
  const priority = Math.round(deadlineAtMs)
  return polarity === 'lower-first' ? priority : -priority
}

/** The JSON text of the request. */
export function requestBody(call: EngineCall, options: BodyOptions): string {
  const { max_tokens: _cap, max_completion_tokens: _newCap, ...asked } = call.body
  const { strategy } = call.meaning
  const priority = priorityFor(call.deadlineAtMs, options.priority)
  const body = {
    ...(strategy === null ? {} : options.extraBody[strategy]),
    ...asked,
    model: options.servedModel,
    messages: call.messages(),
    [options.usesMaxCompletionTokens ? 'max_completion_tokens' : 'max_tokens']: call.maxOutputTokens,
    stream: true,
    stream_options: { include_usage: true },
    ...(priority !== null && { priority }),
  }
  return JSON.stringify(body)
}
