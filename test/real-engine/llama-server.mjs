/**
 * @file A small HTTP face for a real llama.cpp engine: chat completions, plain and streamed, on a few parallel sequences.
 *
 *   node llama-server.mjs --model FILE.gguf [--sequences 4] [--name tiny-random]
 *
 * Speaks as llama-server does where the tests care: /health, /v1/models, /props, /slots, /metrics, /v1/chat/completions.
 * A request waits until a sequence is free; a client that leaves has its generation stopped after the token under way, and
 * its sequence cleared. Prints one line of JSON, `{"port": N}`, when ready, and ends with its parent (stdin closes).
 */
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { getLlama } from 'node-llama-cpp'
import { SequencePool } from './sequence-pool.mjs'

const bodyLimitBytes = 4_000_000
const { values: flags } = parseArgs({
  options: {
    model: { type: 'string' },
    sequences: { type: 'string', default: '4' },
    name: { type: 'string', default: 'tiny-random' },
  },
})

const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: 1, logLevel: 'error' })
const model = await llama.loadModel({ modelPath: flags.model })
const context = await model.createContext({
  sequences: Number(flags.sequences),
  contextSize: model.trainContextSize,
  threads: 1,
})
const pool = new SequencePool(context, Number(flags.sequences))
const totals = { promptTokens: 0, outputTokens: 0, seconds: 0 }

class RequestError extends Error {
  constructor(status, type, message) {
    super(message)
    this.status = status
    this.type = type
  }
}
const invalid = (message) => new RequestError(400, 'invalid_request_error', message)

async function readJson(request) {
  const parts = []
  let bytes = 0
  for await (const part of request) {
    bytes += part.length
    if (bytes > bodyLimitBytes) throw new RequestError(413, 'invalid_request_error', 'body too large')
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch {
    throw invalid('body is not JSON')
  }
}

const textOf = (content) =>
  typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n')

/** Prompt tokens and limits of a request. Throws RequestError when it cannot be served. */
function toTask(body) {
  if (!Array.isArray(body?.messages) || body.messages.length === 0) throw invalid('messages must be a list')
  const prompt = `${body.messages.map(({ role, content }) => `${role}: ${textOf(content)}\n`).join('')}assistant: `
  const tokens = [model.tokens.bos, ...model.tokenize(prompt)]
  const room = model.trainContextSize - tokens.length - 1
  if (room < 1) {
    const message = `the request exceeds the available context size (${tokens.length} tokens of ${model.trainContextSize})`
    throw new RequestError(400, 'exceed_context_size_error', message)
  }
  const cap = body.max_completion_tokens ?? body.max_tokens ?? room
  if (!Number.isInteger(cap) || cap < 1) throw invalid('max_tokens must be a positive integer')
  return {
    tokens,
    cap: Math.min(cap, room),
    sampling: {
      temperature: body.temperature ?? 0.8,
      ...(Number.isInteger(body.seed) ? { seed: body.seed } : {}),
    },
    isStreamed: body.stream === true,
    wantsUsage: body.stream_options?.include_usage === true,
  }
}

/** Yields pieces of text; returns why it ended. Leaves early, between two tokens, when `signal` aborts. */
async function* generate(sequence, task, signal) {
  let count = 0
  for await (const token of sequence.evaluate(task.tokens, { ...task.sampling, yieldEogToken: true })) {
    if (signal.aborted) return 'abort'
    if (model.isEogToken(token)) return 'stop'
    count += 1
    yield model.detokenize([token])
    if (count === task.cap) return 'length'
  }
  return 'stop'
}

/** Runs a task on a free sequence; `onPiece` is awaited. */
async function run(task, signal, onPiece) {
  const lease = await pool.take(signal)
  const startedAtMs = performance.now()
  let text = ''
  let outputTokens = 0
  try {
    const pieces = generate(lease.sequence, task, signal)
    let next = await pieces.next()
    for (; !next.done; next = await pieces.next()) {
      text += next.value
      outputTokens += 1
      await onPiece(next.value)
    }
    return { text, finishReason: next.value, usage: toUsage(task.tokens.length, outputTokens) }
  } finally {
    totals.promptTokens += task.tokens.length
    totals.outputTokens += outputTokens
    totals.seconds += (performance.now() - startedAtMs) / 1000
    await lease.release()
  }
}

const toUsage = (promptTokens, outputTokens) => ({
  prompt_tokens: promptTokens,
  completion_tokens: outputTokens,
  total_tokens: promptTokens + outputTokens,
})

let completions = 0
async function complete(request, response, signal) {
  const task = toTask(await readJson(request))
  completions += 1
  const head = { id: `chatcmpl-${completions}`, created: Math.floor(Date.now() / 1000), model: flags.name }
  if (!task.isStreamed) {
    const { text, finishReason, usage } = await run(task, signal, () => {})
    const message = { role: 'assistant', content: text }
    const choices = [{ index: 0, message, finish_reason: finishReason, logprobs: null }]
    return sendJson(response, 200, { ...head, object: 'chat.completion', choices, usage })
  }
  const write = async (fields) => {
    const chunk = `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...fields })}\n\n`
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (!response.write(chunk) && !signal.aborted) await drained(response, signal)
  }
  const choice = (delta, finishReason) => ({
    choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null }],
  })
  const { finishReason, usage } = await run(task, signal, (content) => write(choice({ content }, null)))
  await write(choice({}, finishReason))
  if (task.wantsUsage) await write({ choices: [], usage })
  response.end('data: [DONE]\n\n')
}

/** Resolves when the client has taken what was written, or has left. */
const drained = (response, signal) =>
  new Promise((resolve) => {
    response.once('drain', resolve)
    signal.addEventListener('abort', resolve, { once: true })
  })

function sendJson(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

/** Metrics in llama-server's names, as far as this face knows them. */
const metrics = () =>
  [
    ['counter', 'prompt_tokens_total', totals.promptTokens],
    ['counter', 'tokens_predicted_total', totals.outputTokens],
    ['counter', 'tokens_predicted_seconds_total', totals.seconds],
    ['gauge', 'requests_processing', pool.busy],
    ['gauge', 'requests_deferred', pool.waiting],
  ]
    .map(([type, name, value]) => `# TYPE llamacpp:${name} ${type}\nllamacpp:${name} ${value}\n`)
    .join('')

const pages = {
  '/health': () => ({ status: 'ok' }),
  '/v1/models': () => ({ object: 'list', data: [{ id: flags.name, object: 'model', owned_by: 'llamacpp' }] }),
  '/slots': () =>
    pool.slots().map((isProcessing, id) => ({ id, n_ctx: model.trainContextSize, is_processing: isProcessing })),
  '/props': () => ({ total_slots: pool.size, default_generation_settings: { n_ctx: model.trainContextSize } }),
}

async function answer(request, response, signal) {
  const path = new URL(request.url, 'http://localhost').pathname
  if (request.method === 'POST' && path === '/v1/chat/completions') return complete(request, response, signal)
  if (request.method !== 'GET')
    throw new RequestError(404, 'not_found_error', `no such page: ${request.method} ${path}`)
  if (path === '/metrics')
    return response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metrics())
  if (!Object.hasOwn(pages, path)) throw new RequestError(404, 'not_found_error', `no such page: ${path}`)
  sendJson(response, 200, pages[path]())
}

const server = createServer((request, response) => {
  const left = new AbortController()
  response.on('close', () => left.abort())
  answer(request, response, left.signal).catch((error) => {
    if (left.signal.aborted) return
    if (response.headersSent) return response.destroy()
    const { status = 500, type = 'server_error', message } = error
    sendJson(response, status, { error: { code: status, type, message } })
  })
})

server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`))
process.stdin.resume().on('end', () => process.exit(0))
