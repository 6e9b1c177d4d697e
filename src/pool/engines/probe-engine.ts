/**
 * @file A first look at a URL: is an engine there, which, and what can it do. For `check`, for start-up, for `init`.
 *
 * Asks for the list of models, the metrics and llama.cpp's properties, tells the dialect from them, and takes one reading
 * in that dialect. Only when asked, it sends one tiny request (one output token) to see whether a `priority` is taken.
 */
import type { Pool } from 'undici'
import type { Clock, EngineReading } from '../../core/index.ts'
import { readCapabilities, readProps } from './capabilities.ts'
import type { DialectId } from './dialects/dialect.ts'
import { detectDialect, dialects } from './dialects/dialects.ts'
import { type EngineAddress, parseEngineUrl } from './engine-address.ts'
import { createEnginePool } from './engine-pool.ts'
import { type Fetched, fetchText, textOfPage } from './fetch-text.ts'
import { sampleNames } from './prometheus-text.ts'
import { createEngineReader } from './read-engine.ts'

export interface ProbeOptions {
  /** As in `HttpEngineOptions.url`. */
  readonly url: string
  readonly apiKey?: string
  /** For the whole probe. */
  readonly timeoutMs: number
  readonly clock: Clock
  /** Send one small request to see whether a priority is accepted. Default false. */
  readonly probePriority?: boolean
}

export interface ProbeReport {
  readonly url: string
  /** An engine that lists its models answered. */
  readonly isReachable: boolean
  /** Why not, in words for a person; null when reachable. */
  readonly reason: string | null
  /** It is a gateway of our own kind: calls to it would be planned, queued and budgeted twice. */
  readonly isGateway: boolean
  readonly dialect: DialectId | null
  readonly servedModels: readonly string[]
  readonly contextTokens: number | null
  readonly slots: number | null
  readonly kvTokens: number | null
  readonly metricNames: Readonly<Record<string, string>>
  readonly missing: readonly string[]
  readonly health: EngineReading['health']
  /** Time that the health page took, in ms; null: unreachable. */
  readonly healthLatencyMs: number | null
  /** Null: not asked, or no clear answer. */
  readonly acceptsPriority: boolean | null
}

/** `owned_by` of a gateway's virtual models. */
const gatewayOwner = 'inframind'

interface Probe {
  readonly pool: Pool
  readonly address: EngineAddress
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly options: ProbeOptions
}

/** Never rejects: what cannot be reached is reported with a reason. */
export async function probeEngine(options: ProbeOptions): Promise<ProbeReport> {
  const { url, apiKey, clock, timeoutMs } = options
  let address: EngineAddress
  try {
    address = parseEngineUrl(url)
  } catch {
    return unreachable(url, 'not an http or https URL')
  }
  const pool = createEnginePool(address.origin)
  const timeout = new AbortController()
  const cancelTimeout = clock.at(clock.nowMs() + timeoutMs, () => timeout.abort())
  const headers: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
  try {
    return await look({ pool, address, headers, signal: timeout.signal, options })
  } finally {
    cancelTimeout()
    await pool.destroy()
  }
}

async function look(probe: Probe): Promise<ProbeReport> {
  const { options, pool, headers, signal, address } = probe
  const [models, metrics, props] = await Promise.all([
    get(probe, '/v1/models'),
    get(probe, '/metrics'),
    get(probe, '/props'),
  ])
  const reason = whyNot(models, options.timeoutMs)
  if (reason !== null) return unreachable(options.url, reason)
  const modelsText = textOfPage(models)
  const { servedModels, owners } = readCapabilities(
    { models: modelsText, props: null, servedModel: null },
    dialects.openai,
  )
  const dialect = detectDialect({
    metricNames: sampleNames(textOfPage(metrics) ?? ''),
    owners,
    hasSlotProps: readProps(textOfPage(props)).slots !== null,
  })
  const { clock } = options
  const startedAtMs = clock.nowMs()
  await get(probe, dialects[dialect].healthPath)
  const healthLatencyMs = clock.nowMs() - startedAtMs
  const read = createEngineReader({
    pool,
    headers,
    clock,
    prefix: address.prefix,
    dialect: dialects[dialect],
    servedModel: servedModels[0] ?? '',
    slots: null,
  })
  const { contextTokens, slots, kvTokens, metricNames, missing, health } = await read(signal)
  return {
    ...unreachable(options.url, null),
    isReachable: true,
    isGateway: owners.includes(gatewayOwner),
    dialect,
    servedModels,
    contextTokens,
    slots,
    kvTokens,
    metricNames,
    missing,
    health,
    healthLatencyMs,
    acceptsPriority: options.probePriority ? await takesPriority(probe, dialect, servedModels[0]) : null,
  }
}

const get = ({ pool, address, headers, signal }: Probe, path: string): Promise<Fetched> =>
  fetchText({ pool, headers, signal, path: address.prefix + path })

/** Null: it is an OpenAI-compatible server. */
function whyNot(models: Fetched, timeoutMs: number): string | null {
  const notOpenAi = 'not an OpenAI-compatible server: GET /v1/models answered'
  if ('error' in models) {
    if (models.error.code === 'ENGINE_TIMEOUT') return `timed out after ${timeoutMs} ms`
    return models.error.message.replace(/^engine cannot be reached: /, '')
  }
  const { status, text } = models
  if (status === 401 || status === 403) return `GET /v1/models answered ${status}: set or correct api_key`
  if (status === 503) return 'GET /v1/models answered 503: the engine is loading or shutting down'
  if (status < 200 || status > 299) return `${notOpenAi} ${status}`
  const { servedModels } = readCapabilities({ models: text, props: null, servedModel: null }, dialects.openai)
  return servedModels.length === 0 ? `${notOpenAi} ${status} without a model` : null
}

/** Sends one request with a priority: 400 means no. Null: any other refusal, which says nothing. */
async function takesPriority(probe: Probe, dialect: DialectId, model: string | undefined): Promise<boolean | null> {
  if (dialects[dialect].priority === 'none') return false
  const body = { model, messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1, priority: 1 }
  try {
    const { statusCode, body: answer } = await probe.pool.request({
      path: `${probe.address.prefix}/v1/chat/completions`,
      method: 'POST',
      headers: { ...probe.headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: probe.signal,
    })
    await answer.dump()
    if (statusCode === 200) return true
    return statusCode === 400 ? false : null
  } catch {
    return null
  }
}

const unreachable = (url: string, reason: string | null): ProbeReport => ({
  url,
  isReachable: false,
  reason,
  isGateway: false,
  dialect: null,
  servedModels: [],
  contextTokens: null,
  slots: null,
  kvTokens: null,
  metricNames: {},
  missing: [],
  health: 'down',
  healthLatencyMs: null,
  acceptsPriority: null,
})
