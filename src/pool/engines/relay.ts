/**
 * @file A request passed on as it is: the caller's bytes to the engine, the engine's bytes back.
 *
 * Only what belongs to one connection is left out of the headers (RFC 9110, section 7.6.1), and the caller's key, which is
 * the gateway's, gives way to the engine's. A refusal of the engine is an answer too, and passed on. Rejects only before the
 * head of a response: with ENGINE_UNREACHABLE or ENGINE_BAD_RESPONSE, or with the signal's reason.
 */
import type { Readable } from 'node:stream'
import type { Dispatcher, Pool } from 'undici'
import { InframindError } from '../../core/index.ts'
import { errorFromTransport, isSocketDeath } from './engine-errors.ts'
import type { WatchedDispatch } from './engine-pool.ts'

export interface RelayRequest {
  /** Path and query, from `/v1/` on. Sent as POST. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface RelayResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  /** The caller reads it to the end or destroys it, which aborts the engine. Emits `error` when the engine breaks off. */
  readonly body: Readable
}

export interface RelayEngine {
  /** `signal` ends the request at any time, also while the body is read. */
  relay(request: RelayRequest, signal: AbortSignal): Promise<RelayResponse>
}

const hopByHop = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
)
const notForwarded = new Set([...hopByHop, 'host', 'content-length', 'expect', 'authorization', 'x-api-key', 'cookie'])

export interface RelayOptions {
  readonly pool: Pool
  readonly prefix: string
  /** The engine's own headers: its key. */
  readonly headers: Readonly<Record<string, string>>
}

export async function relayThrough(
  options: RelayOptions,
  request: RelayRequest,
  signal: AbortSignal,
): Promise<RelayResponse> {
  const { statusCode, headers, body } = await send(options, request, signal)
  // A client that leaves between two reads destroys the body while nobody listens: that must not end the process.
  body.on('error', () => {})
  const passed = Object.entries(headers).filter(([name, value]) => value !== undefined && !hopByHop.has(name))
  return { status: statusCode, headers: Object.fromEntries(passed) as RelayResponse['headers'], body }
}

async function send(
  { pool, prefix, headers: own }: RelayOptions,
  { path, headers, body }: RelayRequest,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const passed = Object.entries(headers).filter(([name]) => !notForwarded.has(name.toLowerCase()))
  for (let attempt = 0; ; attempt += 1) {
    let isReusedSocket = false
    const options: Dispatcher.RequestOptions & WatchedDispatch = {
      path: prefix + path,
      method: 'POST',
      headers: { ...Object.fromEntries(passed), ...own },
      body,
      signal,
      onSocket: ({ isReused }) => {
        isReusedSocket = isReused
      },
    }
    try {
      return await pool.request(options)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (attempt === 0 && isReusedSocket && isSocketDeath(error)) continue
      const { code, message } = errorFromTransport(error, { hasFirstByte: false })
      throw new InframindError(code, message, { cause: error })
    }
  }
}
