/** @file A chat server that does what a test tells it, over a real socket: for tests of clients. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Parsed; null where there was none. */
  readonly body: { readonly [field: string]: unknown } | null
  readonly atMs: number
}

/** Answers one request. What it leaves open stays open until the test ends. */
export type Script = (request: Received, response: ServerResponse) => void

export interface ScriptedServer {
  readonly url: string
  readonly received: readonly Received[]
}

/** Listens on a free port until the test has finished. */
export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const bytes of request) text += String(bytes)
    const body = text === '' ? null : JSON.parse(text)
    const one = { path: request.url ?? '', headers: request.headers, body, atMs: performance.now() }
    received.push(one)
    script(one, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Sends each of `chunks` as an event; what is no text as JSON. Leaves the stream open. */
export function sendEvents(response: ServerResponse, chunks: readonly unknown[]): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const chunk of chunks) {
    response.write(`data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`)
  }
}

export const delta = (content: string) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })
export const finish = (reason = 'stop', more: object = {}) => ({
  choices: [{ index: 0, delta: {}, finish_reason: reason }],
  ...more,
})
export const usage = (prompt: number, output: number) => ({
  choices: [],
  usage: { prompt_tokens: prompt, completion_tokens: output, total_tokens: prompt + output },
})

/** A whole answer. */
export function sendAnswer(response: ServerResponse, text: string): void {
  sendEvents(response, [delta(text), finish(), usage(10, 5), '[DONE]'])
  response.end()
}
