/**
 * @file `POST /v1/*`: everything that makes engines work. Counts the request, finds out who is asked, hands over.
 */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { InframindError } from '../../core/index.ts'
import type { ApiKey } from '../config/index.ts'
import type { ActiveRequest } from './active-requests.ts'
import { answerChat } from './chat-route.ts'
import { toRequestError, unsupported } from './error-answer.ts'
import { createRunId, type GatewayState } from './gateway-state.ts'
import { checkModelAllowed } from './key-guard.ts'
import { resolveModel } from './model-name.ts'
import { allowedMethods, chatPath, isPlainPath, methodNotAllowed, notFound, pathOf } from './paths.ts'
import { toChatRequest } from './query-request.ts'
import { relay } from './relay-route.ts'
import { parseBody } from './request-body.ts'

interface Work {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly arrivedAtMs: number
  readonly key: ApiKey | null
  readonly active: ActiveRequest
}

interface Done {
  readonly kind: 'orchestrated' | 'relayed'
  readonly model: string
  /** Settles with the outcome's word. */
  readonly outcome: Promise<string>
}

/** Reads the request as far as needed to know who answers it, and lets them begin. */
function start(state: GatewayState, { request, reply, arrivedAtMs, key, active }: Work): Done {
  const { deps } = state
  const path = pathOf(request.url)
  if (allowedMethods(path) === 'GET, HEAD') {
    void reply.header('allow', 'GET, HEAD')
    throw methodNotAllowed('POST', 'GET, HEAD')
  }
  if (!isPlainPath(path)) throw notFound()
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new InframindError('MEDIA_TYPE_UNSUPPORTED', 'Compressed bodies are not taken: send plain JSON.')
  }
  const body = parseBody(Buffer.isBuffer(request.body) ? request.body : new Uint8Array())
  const askedModel = body.fields['model']
  checkModelAllowed(key, askedModel)
  const engineModels = deps.engineModels()
  const target = resolveModel(askedModel, { virtualModels: deps.virtualModels, engineModels })
  const { headers } = request
  if (target.kind === 'relayed') {
    const id = `relay_${randomUUID().replaceAll('-', '')}`
    const exchange = { body, model: target.name, id, path: request.url, headers, arrivedAtMs, key, active, reply }
    return { kind: 'relayed', model: target.name, outcome: relay(state, exchange) }
  }
  if (path !== chatPath) {
    throw unsupported('model', `"${target.name}" answers ${chatPath} alone: name an engine's model here.`)
  }
  const { name: virtualName, virtual, suffixBudgetMs } = target
  const runId = createRunId()
  const chat = toChatRequest(body, {
    runId,
    arrivedAtMs,
    headers,
    virtual,
    suffixBudgetMs,
    defaultBudgetMs: deps.defaultBudgetMs,
    topologies: deps.topologies,
    engineModels,
    key,
    predictP95Ms: (query) => deps.predictP95Ms?.(query) ?? null,
  })
  state.owners.note(runId, key)
  const exchange = { chat, askedModel: askedModel as string, virtualName, active, reply }
  return { kind: 'orchestrated', model: virtualName, outcome: answerChat(state, exchange) }
}

async function work(state: GatewayState, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { clock, logger } = state.deps
  const arrivedAtMs = request.arrivedAtMs
  const key = request.key
  const leaveKey = state.keys.admit(key)
  let active: ActiveRequest | null = null
  let done: Pick<Done, 'kind' | 'model'> = { kind: 'orchestrated', model: 'unknown' }
  let outcome = 'unknown'
  try {
    active = state.active.begin(reply.raw)
    const started = start(state, { request, reply, arrivedAtMs, key, active })
    done = { kind: started.kind, model: started.model }
    outcome = await started.outcome
    return reply
  } catch (error) {
    const known = toRequestError(error)
    outcome = known.code.toLowerCase()
    if (known.code === 'INVARIANT_VIOLATED') logger?.error({ err: error }, 'unexpected failure')
    throw known
  } finally {
    active?.end()
    leaveKey()
    const ended = { ...done, outcome, durationMs: clock.nowMs() - arrivedAtMs }
    state.metrics.requestEnded(ended)
    logger?.info({ ...ended, path: pathOf(request.url), key: key?.id ?? null }, 'request')
  }
}

export function addWorkRoutes(app: FastifyInstance, state: GatewayState): void {
  app.post('/v1/*', (request, reply) => work(state, request, reply))
}
