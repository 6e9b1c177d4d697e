/** @file A real HTTP server on loopback that answers as a test's handler says: for clients that must meet real sockets. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface LoopbackRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Which request on its socket this is, from 1. */
  readonly onSocket: number
  readonly socket: Socket
}

export type LoopbackHandler = (request: LoopbackRequest, response: ServerResponse) => void | Promise<void>

export interface Loopback {
  readonly url: string
  /** Every request that came whole, in order. */
  readonly requests: readonly LoopbackRequest[]
  /** Sockets open now. */
  readonly openSockets: number
  /** Resolves once `check` holds; looks again whenever a socket or a response closes. */
  until(check: () => boolean): Promise<void>
  close(): Promise<void>
}

export async function startLoopback(handler: LoopbackHandler): Promise<Loopback> {
  const requests: LoopbackRequest[] = []
  const counts = new WeakMap<Socket, number>()
  const sockets = new Set<Socket>()
  const waiters = new Set<() => void>()
  const changed = () => {
    for (const waiter of waiters) waiter()
  }
  const server = createServer((incoming, response) => {
    response.on('close', changed)
    const onSocket = (counts.get(incoming.socket) ?? 0) + 1
    counts.set(incoming.socket, onSocket)
    void readBody(incoming).then((body) => {
      const { method = '', url = '', headers, socket } = incoming
      const request = { method, path: url, headers, body, onSocket, socket }
      requests.push(request)
      changed()
      return handler(request, response)
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      changed()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get openSockets() {
      return sockets.size
    },
    until: (check) =>
      new Promise((resolve) => {
        const look = () => {
          if (!check()) return
          waiters.delete(look)
          resolve()
        }
        waiters.add(look)
        look()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of incoming) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  value: unknown,
  { status = 200, headers = {} }: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(value))
}

/** Starts a stream of events. */
export function startEvents(response: ServerResponse): (data: unknown) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  return (data) => {
    response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`)
  }
}

/** A chunk in OpenAI's form. */
export const chunk = (delta: object, finishReason: string | null = null, rest: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'served',
  choices: [{ index: 0, delta, finish_reason: finishReason, ...rest }],
})

/** The last chunk of OpenAI and vLLM: usage, and no choice. */
export const usageChunk = (promptTokens: number, outputTokens: number) => ({
  ...chunk({}),
  choices: [],
  usage: { prompt_tokens: promptTokens, completion_tokens: outputTokens, total_tokens: promptTokens + outputTokens },
})
