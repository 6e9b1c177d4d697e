/** @file The HTTP engine against a loopback server that speaks as vLLM does: for the contract of engines. */
import type { ServerResponse } from 'node:http'
import { createWallClock } from '../../src/core/index.ts'
import { createHttpEngine } from '../../src/pool/index.ts'
import { chunk, type LoopbackRequest, sendJson, startEvents, startLoopback, usageChunk } from '../loopback-server.ts'
import type { EngineHarness } from './engine.contract.ts'

const answerTokens = 30

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** One token per turn of the event loop, so that a client can leave on the way. */
async function streamAnswer(request: LoopbackRequest, response: ServerResponse): Promise<void> {
  const { max_tokens: cap = answerTokens } = JSON.parse(request.body) as { readonly max_tokens?: number }
  const tokens = Math.min(cap, answerTokens)
  const send = startEvents(response)
  for (let token = 0; token < tokens && !response.destroyed; token += 1) {
    send(chunk({ content: `t${token} ` }))
    await turn()
  }
  send(chunk({}, tokens < answerTokens ? 'length' : 'stop'))
  send(usageChunk(12, tokens))
  send('[DONE]')
  response.end()
}

const engineAt = (url: string) =>
  createHttpEngine({
    id: 'small#1',
    model: 'small',
    servedModel: 'served',
    url,
    dialect: 'vllm',
    clock: createWallClock(),
    acceptsPriority: false,
  })

/** On the wall clock there is nothing to move. */
const settle = <T>(promise: Promise<T>) => promise

/** Several turns: more tokens arrive meanwhile. */
export async function pause(): Promise<void> {
  for (let count = 0; count < 5; count += 1) await turn()
}

/** An engine whose server answers every call with thirty tokens. */
export async function httpHarness(): Promise<EngineHarness> {
  const server = await startLoopback((request, response) => {
    if (request.path === '/v1/chat/completions') return streamAnswer(request, response)
    if (request.path === '/v1/models') return sendJson(response, { data: [{ id: 'served', max_model_len: 4_096 }] })
    if (request.path === '/health') return sendJson(response, {})
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.end('vllm:num_requests_running 1\nvllm:num_requests_waiting 0\n')
  })
  const engine = engineAt(server.url)
  const close = async () => {
    await engine.close()
    await server.close()
  }
  return { engine, settle, pause, close }
}

/** An engine whose server has gone. */
export async function deadHttpHarness(): Promise<EngineHarness> {
  const server = await startLoopback(() => {})
  await server.close()
  const engine = engineAt(server.url)
  return { engine, settle, pause, close: () => engine.close() }
}
