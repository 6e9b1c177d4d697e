/**
 * @file The gateway: an HTTP server in front of the runtime, speaking OpenAI's API.
 *
 * A request passes: arrival noted, key asked for, body read as bytes up to the limit, then its route. Every error, the
 * framework's own included, leaves in OpenAI's shape. Closing drains first: what runs may finish, what comes is refused.
 */
import type { Socket } from 'node:net'
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { InframindError } from '../../core/index.ts'
import type { ApiKey } from '../config/index.ts'
import { toErrorAnswer, toRequestError } from './error-answer.ts'
import { createGatewayState, type GatewayState } from './gateway-state.ts'
import { addInfoRoutes } from './info-routes.ts'
import { allowedMethods, methodNotAllowed, notFound, pathOf } from './paths.ts'
import type { Gateway, GatewayDeps, InjectedRequest, InjectedResponse } from './ports.ts'
import { addWorkRoutes } from './work-routes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Instant of arrival, before the body was read. */
    arrivedAtMs: number
    /** Null: no keys are in use, or none is asked for on this path. */
    key: ApiKey | null
  }
}

/** A client that takes longer to send its request is cut off. */
const requestTimeoutMs = 60_000
/** Reached without a key, also where keys are in use. */
const openRoutes = new Set<string | undefined>(['/health', '/ready', '/metrics'])
/** After draining, for aborted requests to say their last word. */
const lastWordMs = 1000

function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  const { status, headers, body } = toErrorAnswer(toRequestError(error))
  return reply.code(status).headers(headers).send(body)
}

function refusePath({ method, url }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const allow = allowedMethods(pathOf(url))
  if (allow === null) return sendError(notFound(), reply)
  return sendError(methodNotAllowed(method, allow), reply.header('allow', allow))
}

/** What is not even HTTP: answered on the bare socket. */
function refuseBytes(error: { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const { body } = toErrorAnswer(new InframindError('REQUEST_INVALID', 'The request cannot be read as HTTP.'))
  const text = JSON.stringify(body)
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}`
  socket.end(`${head}\r\nconnection: close\r\n\r\n${text}`)
}

function createServer({ deps }: GatewayState): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: deps.limits.bodyBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    clientErrorHandler: refuseBytes,
    frameworkErrors: (_, __, reply) => sendError(notFound(), reply),
  })
  if (deps.limits.connections !== null) app.server.maxConnections = deps.limits.connections
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  return app
}

function addHooks(app: FastifyInstance, state: GatewayState): void {
  app.decorateRequest('arrivedAtMs', 0)
  app.decorateRequest('key', null)
  app.addHook('onRequest', async (request, reply) => {
    request.arrivedAtMs = state.deps.clock.nowMs()
    // Before the body is read: strangers do not get to send megabytes. By route, not by URL: `/%761/` is `/v1/` too.
    if (!openRoutes.has(request.routeOptions.url)) request.key = state.keys.identify(request.headers)
    if (!state.isDraining) return
    void reply.header('connection', 'close')
    if (request.method !== 'POST') return
    throw new InframindError('POOL_UNAVAILABLE', 'The gateway is closing: ask again.', { retryAfterMs: 1000 })
  })
  app.setErrorHandler((error: FastifyError, _, reply) => sendError(error, reply))
  app.setNotFoundHandler(refusePath)
}

async function inject(app: FastifyInstance, request: InjectedRequest): Promise<InjectedResponse> {
  const { method, path, headers, body } = request
  const payload = body instanceof Uint8Array ? Buffer.from(body) : body
  const response = await app.inject({
    method,
    url: path,
    headers: { ...(payload !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(payload !== undefined && { payload }),
  })
  return { status: response.statusCode, headers: response.headers as InjectedResponse['headers'], body: response.body }
}

async function close(app: FastifyInstance, state: GatewayState, drainMs: number): Promise<boolean> {
  const { active, deps } = state
  state.isDraining = true
  const isDrained = await active.drained(deps.clock, drainMs)
  if (!isDrained) {
    active.abortAll(new Error('the gateway is closing'))
    await active.drained(deps.clock, lastWordMs)
  }
  await app.close()
  return isDrained
}

/** A gateway that does not listen yet. */
export async function createGateway(deps: GatewayDeps): Promise<Gateway> {
  const state = createGatewayState(deps)
  const app = createServer(state)
  addHooks(app, state)
  addInfoRoutes(app, state)
  addWorkRoutes(app, state)
  await app.ready()
  let closing: Promise<boolean> | null = null
  return {
    listen: async ({ host, port }) => ({ url: await app.listen({ host, port }) }),
    inject: (request) => inject(app, request),
    close: ({ drainMs }) => {
      closing ??= close(app, state, drainMs)
      return closing
    },
  }
}
