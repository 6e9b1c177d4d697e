/**
 * @file A request for an engine's own model: passed on as it is, once the deadline queue gives it a replica.
 *
 * The body goes byte for byte, less the `inframind` field and with `priority` where the replica takes one; a `priority`
 * that the caller set gives way there, as any number of its own would stand before every deadline. The answer comes back
 * untouched. The budget orders the queue only: it does not cut an answer short.
 */
import { pipeline } from 'node:stream/promises'
import type { FastifyReply } from 'fastify'
import { estimateTokens, InframindError, type JsonObject, type JsonValue, type ModelId } from '../../core/index.ts'
import type { ApiKey } from '../config/index.ts'
import type { ActiveRequest } from './active-requests.ts'
import { resolveBudget } from './budget.ts'
import { unsupported } from './error-answer.ts'
import { parseExtension } from './extension.ts'
import type { GatewayState } from './gateway-state.ts'
import { editMembers } from './json-members.ts'
import type { Headers, Lease, RelayResponse } from './ports.ts'
import type { RequestBody } from './request-body.ts'

export interface RelayExchange {
  readonly body: RequestBody
  readonly model: ModelId
  /** Unique; sent to the engine as X-Request-Id. */
  readonly id: string
  /** With its query string. */
  readonly path: string
  readonly headers: Headers
  readonly arrivedAtMs: number
  readonly key: ApiKey | null
  readonly active: ActiveRequest
  readonly reply: FastifyReply
}

const ofConnection = 'host content-length connection keep-alive transfer-encoding te trailer upgrade expect'.split(' ')
const ours = ['authorization', 'cookie', 'x-api-key', 'x-request-id']

/** The caller's headers without those of its connection, its key, and ours. */
function forwardedHeaders(headers: Headers, id: string): Record<string, string> {
  const passed = Object.entries(headers).filter(
    ([name, value]) =>
      typeof value === 'string' &&
      !ofConnection.includes(name) &&
      !ours.includes(name) &&
      !name.startsWith('x-inframind-'),
  )
  return { ...(Object.fromEntries(passed) as Record<string, string>), 'x-request-id': id }
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null

/** Text that a model will read, as far as fields of known endpoints hold it: pictures and audio are not counted. */
function textLength(value: JsonValue | undefined): number {
  if (typeof value === 'string') return estimateTokens(value)
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[]
    // Token ids come as lists of numbers.
    return items.reduce<number>((sum, item) => sum + (typeof item === 'number' ? 1 : textLength(item)), 0)
  }
  if (!isObject(value)) return 0
  return textLength(value['content']) + textLength(value['text'])
}

const promptTokensOf = (fields: JsonObject) =>
  ['messages', 'prompt', 'input', 'query', 'documents'].reduce((sum, name) => sum + textLength(fields[name]), 0)

function maxOutputTokensOf(fields: JsonObject): number | null {
  const cap = fields['max_completion_tokens'] ?? fields['max_tokens']
  return typeof cap === 'number' && Number.isInteger(cap) && cap > 0 ? cap : null
}

function budgetOf({ deps }: GatewayState, { body, headers, key }: RelayExchange): number {
  const extension = parseExtension(body.fields['inframind'], deps.topologies)
  const asksForTeam = Object.keys(extension.limits).length > 0 || extension.domain !== null || extension.steps !== 'off'
  if (asksForTeam) {
    throw unsupported('inframind', `only budget_ms applies to an engine's own model: ask for "inframind" instead.`)
  }
  // No team, so nothing to predict: `auto` is the default here.
  return resolveBudget({
    headers,
    bodyMs: extension.budgetMs,
    suffixMs: null,
    virtualMs: null,
    defaultMs: deps.defaultBudgetMs,
    ceilingMs: key?.maxBudgetMs ?? null,
  }).budgetMs
}

function send(state: GatewayState, exchange: RelayExchange, options: { lease: Lease; deadlineAtMs: number }) {
  const { replica } = options.lease
  const priority = state.deps.relayPriority?.(replica, options.deadlineAtMs) ?? null
  const edit =
    priority === null ? { remove: ['inframind'], add: {} } : { remove: ['inframind', 'priority'], add: { priority } }
  const { body, path, headers, id, active } = exchange
  const request = { path, headers: forwardedHeaders(headers, id), body: editMembers(body.bytes, edit) }
  return state.deps.relay(replica, request, active.signal)
}

/** Ends normally, or cuts the client off where the engine broke off: half an answer must not look whole. */
async function passOn({ status, headers, body }: RelayResponse, { reply, active }: RelayExchange): Promise<string> {
  reply.hijack()
  const { raw } = reply
  try {
    raw.writeHead(status, headers)
    raw.flushHeaders()
    await pipeline(body, raw, { signal: active.signal })
  } catch {
    body.destroy()
    raw.destroy()
    return active.hasClientLeft || raw.writableEnded ? 'aborted' : 'stream_interrupted'
  }
  return status < 400 ? 'answered' : `engine_${status}`
}

/** Resolves to the outcome's word for metrics. Throws InframindError where nothing has been written yet. */
export async function relay(state: GatewayState, exchange: RelayExchange): Promise<string> {
  const { body, model, id, arrivedAtMs, active, reply } = exchange
  const deadlineAtMs = arrivedAtMs + budgetOf(state, exchange)
  let lease: Lease | null = null
  try {
    lease = await state.deps.runtime.lease(
      {
        id,
        model,
        arrivedAtMs,
        deadlineAtMs,
        promptTokens: promptTokensOf(body.fields),
        maxOutputTokens: maxOutputTokensOf(body.fields),
      },
      active.signal,
    )
    return await passOn(await send(state, exchange, { lease, deadlineAtMs }), exchange)
  } catch (error) {
    if (active.hasClientLeft) {
      reply.hijack()
      reply.raw.destroy()
      return 'aborted'
    }
    if (active.signal.aborted) {
      throw new InframindError('POOL_UNAVAILABLE', 'The gateway is closing: ask again.', { retryAfterMs: 1000 })
    }
    throw error
  } finally {
    lease?.release()
  }
}
