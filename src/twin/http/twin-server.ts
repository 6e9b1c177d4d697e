/**
 * @file A simulated engine behind a real HTTP server, with vLLM's API: chat completions, models, health, metrics.
 *
 * What a client meets is what it would meet at a vLLM server in priority mode with prefix caching off: tokens at the
 * simulated pace, usage, errors in vLLM's words. Answers are the simulated engine's; nothing here knows any key.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CallMeaning, CallResult, ChatMessage, Clock } from '../../core/index.ts'
import type { SimulatedEngine } from '../engine/index.ts'
import { answerCall } from './answer-call.ts'
import { parseChatRequest } from './chat-request.ts'
import { type Fault, FaultState } from './fault.ts'
import { MetricsPage } from './metrics-page.ts'
import { readJsonBody } from './read-body.ts'
import { Refusal, sendJson, sendRefusal } from './wire-answers.ts'

export interface TwinServerOptions {
  readonly engine: SimulatedEngine
  /** Name under which the model is served. */
  readonly model: string
  /** The engine's clock, perhaps a scaled one: start-up time in `/v1/models` is read from it. */
  readonly clock: Clock
  /** Finds question, strategy and kind of step in the messages. */
  readonly readMeaning: (messages: readonly ChatMessage[]) => CallMeaning
  readonly maxModelLen: number
  /** Default 0: any free port. */
  readonly port?: number
  /** Default 127.0.0.1. */
  readonly host?: string
}

export interface TwinServer {
  /** Without a trailing slash. */
  readonly url: string
  readonly port: number
  /** Breaks off what is under way. */
  close(): Promise<void>
  /** Resolves when the fault is in force; null: all is well again. */
  setFault(fault: Fault | null): Promise<void>
}

/** Starts the server. Rejects where the port is taken. */
export async function startTwinServer(options: TwinServerOptions): Promise<TwinServer> {
  const server = new VllmFace(options)
  await server.open()
  return server
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

// uvicorn closes idle connections after 5 s; a client that reuses one at that instant fails, which is no test of ours.
const keepAliveMs = 75_000
const version = '0.24.0+simulated'

class VllmFace implements TwinServer {
  readonly #options: TwinServerOptions
  readonly #host: string
  readonly #server: Server
  readonly #faults = new FaultState()
  readonly #metrics: MetricsPage
  readonly #startedAtMs: number
  readonly #activeIds = new Set<string>()
  readonly #routes: Readonly<Record<string, Readonly<Record<string, Handler>>>>
  #requests = 0
  #port: number

  constructor(options: TwinServerOptions) {
    this.#options = options
    this.#host = options.host ?? '127.0.0.1'
    this.#port = options.port ?? 0
    this.#metrics = new MetricsPage(options.engine, options.model)
    this.#startedAtMs = options.clock.nowMs()
    this.#routes = {
      '/v1/chat/completions': { POST: (request, response) => this.#chat(request, response) },
      '/v1/models': { GET: (_request, response) => sendJson(response, this.#models()) },
      '/health': { GET: (_request, response) => this.#health(response) },
      '/metrics': { GET: (_request, response) => this.#metricsText(response) },
      '/version': { GET: (_request, response) => sendJson(response, { version }) },
    }
    this.#server = createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
      void this.#handle(request, response)
    })
  }

  get url(): string {
    return `http://${this.#host.includes(':') ? `[${this.#host}]` : this.#host}:${this.#port}`
  }

  get port(): number {
    return this.#port
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, this.#host, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  async setFault(fault: Fault | null): Promise<void> {
    this.#faults.set(fault)
    if (fault?.kind === 'refuse') await this.close()
    else if (!this.#server.listening) await this.open()
    if (fault?.kind === 'down') this.#server.closeAllConnections()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that resets the connection is told from the response's close.
    response.on('error', () => {})
    try {
      if (this.#faults.is('down')) throw new Refusal(503, 'the engine is dead')
      await this.#handlerOf(request)(request, response)
    } catch (error) {
      if (response.headersSent || response.destroyed) response.destroy()
      else sendRefusal(response, error instanceof Refusal ? error : new Refusal(500, String(error)))
    }
  }

  #handlerOf({ method = 'GET', url = '/' }: IncomingMessage): Handler {
    const methods = this.#routes[url.split('?', 1)[0] as string]
    if (!methods) throw new Refusal(404, 'Not Found')
    const handler = methods[method]
    if (!handler) throw new Refusal(405, `Method Not Allowed. Use ${Object.keys(methods).join(', ')}.`)
    return handler
  }

  async #health(response: ServerResponse): Promise<void> {
    const { health } = await this.#options.engine.read(new AbortController().signal)
    response.writeHead(health === 'ok' ? 200 : 503).end()
  }

  #models(): object {
    const { model, maxModelLen } = this.#options
    const created = Math.floor(this.#startedAtMs / 1000)
    const entry = { id: model, object: 'model', created, owned_by: 'vllm', root: model, parent: null }
    return { object: 'list', data: [{ ...entry, max_model_len: maxModelLen }] }
  }

  async #metricsText(response: ServerResponse): Promise<void> {
    if (this.#faults.is('no-metrics')) throw new Refusal(404, 'Not Found')
    const text = await this.#metrics.text()
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text)
  }

  async #chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJsonBody(request)
    const id = this.#newId(request.headers['x-request-id'])
    try {
      const chat = parseChatRequest(body, id, this.#options)
      const fault = this.#faults.takeForCompletion()
      if (fault?.kind === 'overloaded') throw overloaded(fault.retryAfterSeconds)
      if (fault?.kind === 'garbage') {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>It works!</body></html>\n')
        return
      }
      const head = { id: `chatcmpl-${id}`, created: Math.floor(Date.now() / 1000), model: this.#options.model }
      const result = await answerCall(response, chat, { engine: this.#options.engine, head, fault })
      await this.#metrics.finished(reasonOf(result))
    } finally {
      this.#activeIds.delete(id)
    }
  }

  /** The client's id where it gives one, made unique among the calls under way. */
  #newId(given: string | string[] | undefined): string {
    this.#requests += 1
    const base = typeof given === 'string' && given !== '' ? given : `call-${this.#requests}`
    const id = this.#activeIds.has(base) ? `${base}-${this.#requests}` : base
    this.#activeIds.add(id)
    return id
  }
}

const overloaded = (retryAfterSeconds: number | undefined): Refusal =>
  new Refusal(503, 'the server is overloaded: too many queued requests', {
    headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  })

const reasonOf = ({ finishReason, status }: CallResult) =>
  status === 'done' || status === 'cut' ? (finishReason === 'length' ? 'length' : 'stop') : 'abort'
