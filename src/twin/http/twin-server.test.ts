/** @file The server face over real sockets, with a simulated engine on a fast clock behind it. */
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { aMachine } from '../../../test/simulated-rig.ts'
import { createScaledClock, createWallClock, type EngineCall, type JsonObject } from '../../core/index.ts'
import { parsePrometheusText, SseParser } from '../../pool/index.ts'
import { createSimulatedEngine, type SimulatedEngine } from '../engine/index.ts'
import { startTwinServer, type TwinServer } from './twin-server.ts'

interface Face extends TwinServer {
  readonly engine: SimulatedEngine
  /** Every call that reached the engine. */
  readonly calls: readonly EngineCall[]
  post(body: unknown, init?: RequestInit): Promise<Response>
}

const faces: TwinServer[] = []
afterEach(async () => {
  await Promise.all(faces.splice(0).map((face) => face.close()))
})

const meaning = { questionText: '', strategy: null, kind: 'solve', role: null, inputs: [] } as const

/** Long enough not to end within a test. */
const long = { outputTokens: 150_000, maxModelLen: 160_000, text: 'word '.repeat(30_000) }

/** Forty tokens an answer, a step a simulated millisecond, unless said otherwise; fifty simulated seconds a second. */
async function startFace({
  outputTokens = 40,
  text = 'word '.repeat(32),
  slots = 4,
  maxModelLen = 1000,
} = {}): Promise<Face> {
  const calls: EngineCall[] = []
  const clock = createScaledClock(createWallClock(), 50)
  const engine = createSimulatedEngine({
    id: 'm#1',
    model: 'm',
    machine: aMachine({ slots, kvTokens: 160_000, hostMs: 1 }),
    apiOverheadMs: 5,
    prefillChunkTokens: 2048,
    clock,
    fidelity: 'event-skipping',
    answers: {
      answer: (call) => {
        calls.push(call)
        return { text, outputTokens, promptTokens: call.promptTokens, isRight: null }
      },
    },
  })
  const server = await startTwinServer({ engine, model: 'm', clock, readMeaning: () => meaning, maxModelLen })
  faces.push(server)
  const post = (body: unknown, init: RequestInit = {}) =>
    fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
    })
  return Object.assign(server, { engine, calls, post })
}

const chat = (more: JsonObject = {}): JsonObject => ({
  model: 'm',
  messages: [{ role: 'user', content: 'Hello?' }],
  ...more,
})

/** Lets the event loop turn until `check` holds; the test's own time-out is the limit. */
async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setImmediate(resolve))
}

/** The data of all events of a stream that ended well. */
async function eventsOf(response: Response): Promise<string[]> {
  const parser = new SseParser()
  const body = new Uint8Array(await response.arrayBuffer())
  return [...parser.push(body), ...parser.end()]
}

describe('a plain answer', () => {
  it('is a chat completion with the usage', async () => {
    const face = await startFace()
    const response = await face.post(chat({ temperature: 0.5 }), {
      headers: { 'content-type': 'application/json', 'x-request-id': 'run_7/0/1/0' },
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      id: 'chatcmpl-run_7/0/1/0',
      object: 'chat.completion',
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'word '.repeat(32) }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 6, completion_tokens: 40, total_tokens: 46 },
    })
    expect(face.calls[0]).toMatchObject({ id: 'run_7/0/1/0', body: { temperature: 0.5 }, maxOutputTokens: 994 })
    expect(face.calls[0]?.messages()).toEqual([{ role: 'user', content: 'Hello?' }])
  })

  it.each(['max_tokens', 'max_completion_tokens'])('stops at %s', async (name) => {
    const face = await startFace()
    const answer = await (await face.post(chat({ [name]: 10 }))).json()
    expect(answer).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 10 } })
  })

  it('hands the priority on as the deadline, and keeps ids of calls under way apart', async () => {
    const face = await startFace(long)
    const headers = { 'content-type': 'application/json', 'x-request-id': 'same' }
    const bodies = [chat({ priority: 77, stream: true }), chat({ stream: true })]
    const answers = await Promise.all(bodies.map((body) => face.post(body, { headers })))
    expect(face.calls.map(({ deadlineAtMs }) => deadlineAtMs).sort()).toEqual([0, 77])
    expect(new Set(face.calls.map(({ id }) => id)).size).toBe(2)
    expect(face.calls.every(({ id }) => id.startsWith('same'))).toBe(true)
    await Promise.all(answers.map(({ body }) => body?.cancel()))
  })
})

describe('a streamed answer', () => {
  it('comes in pieces and ends with [DONE]; usage comes only when asked for, without choices', async () => {
    const face = await startFace()
    const response = await face.post(chat({ stream: true, stream_options: { include_usage: true } }))
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const events = await eventsOf(response)
    expect(events.at(-1)).toBe('[DONE]')
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event))
    expect(chunks[0].choices[0].delta.role).toBe('assistant')
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
    expect(text).toBe('word '.repeat(32))
    expect(chunks.at(-2).choices[0].finish_reason).toBe('stop')
    expect(chunks.at(-1)).toMatchObject({
      object: 'chat.completion.chunk',
      choices: [],
      usage: { prompt_tokens: 6, completion_tokens: 40, total_tokens: 46 },
    })
    const without = await eventsOf(await face.post(chat({ stream: true })))
    expect(without.slice(0, -1).every((event) => JSON.parse(event).choices.length === 1)).toBe(true)
  })

  it('sends its status while the call still waits, as vLLM does', async () => {
    const face = await startFace({ ...long, slots: 1 })
    const first = await face.post(chat({ stream: true }))
    const second = await face.post(chat({ stream: true }))
    expect([first.status, second.status]).toEqual([200, 200])
    const { running, waiting } = await face.engine.read(new AbortController().signal)
    expect({ running, waiting: waiting !== null && waiting <= 1 }).toEqual({ running: 1, waiting: true })
    await Promise.all([first.body?.cancel(), second.body?.cancel()])
  })

  it('holds back for a slow reader without holding the engine', async () => {
    const face = await startFace({ outputTokens: 900, text: 'x'.repeat(30_000_000) })
    const response = await face.post(chat({ stream: true }))
    await until(() => face.engine.statistics().finished === 1)
    // 30 MB do not fit into socket buffers: most of it is still on this side of the wire.
    const events = await eventsOf(response)
    const text = events.slice(0, -1).map((event) => JSON.parse(event).choices[0].delta.content ?? '')
    expect(text.join('').length).toBe(30_000_000)
  })

  it('aborts the call at once when the reader leaves, streamed or not', async () => {
    const face = await startFace(long)
    const leaving = new AbortController()
    const streamed = await face.post(chat({ stream: true }), { signal: leaving.signal })
    const plain = face.post(chat(), { signal: leaving.signal })
    await until(() => face.calls.length === 2)
    leaving.abort()
    await expect(plain).rejects.toThrow()
    await expect(streamed.text()).rejects.toThrow()
    await until(() => face.engine.statistics().aborted === 2)
    await until(async () => (await face.engine.read(new AbortController().signal)).running === 0)
  })
})

describe('requests that are refused', () => {
  const message = { role: 'user', content: 'x' }
  it.each([
    ['malformed JSON', '{"model": "m", ', 400],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400],
    ['no object', '[]', 400],
    ['no messages', { model: 'm', messages: [] }, 400],
    ['messages of a wrong type', { model: 'm', messages: 'hello' }, 400],
    ['a message without a role', { model: 'm', messages: [{ content: 'x' }] }, 400],
    ['a cap of zero', { model: 'm', messages: [message], max_tokens: 0 }, 400],
    ['a cap that is no number', { model: 'm', messages: [message], max_tokens: '5' }, 400],
    ['a priority that is no integer', { model: 'm', messages: [message], priority: 1.5 }, 400],
    ['several answers', { model: 'm', messages: [message], n: 2 }, 400],
    ['another model', { model: 'gpt', messages: [message] }, 404],
    ['a prompt beyond the context', { model: 'm', messages: [{ role: 'user', content: 'x'.repeat(4100) }] }, 400],
    ['prompt and cap beyond the context', { model: 'm', messages: [message], max_tokens: 1000 }, 400],
  ])('%s', async (_, body, status) => {
    const face = await startFace()
    const response = await face.post(body, body instanceof Buffer ? { body } : {})
    expect(response.status).toBe(status)
    const { error } = (await response.json()) as { error: JsonObject }
    expect(error).toMatchObject({ code: status, message: expect.any(String), type: expect.stringMatching(/Error$/) })
    expect(face.calls).toEqual([])
  })

  it('speaks of the context as vLLM does, so that clients know the error', async () => {
    const face = await startFace()
    const { error } = (await (await face.post(chat({ max_tokens: 5000 }))).json()) as { error: JsonObject }
    expect(error['message']).toMatch(/maximum context length is 1000 tokens/)
  })

  it('a body of another type, another method, another path', async () => {
    const face = await startFace()
    expect((await face.post('a=1', { headers: { 'content-type': 'text/plain' } })).status).toBe(415)
    expect((await fetch(`${face.url}/v1/chat/completions`)).status).toBe(405)
    expect((await fetch(`${face.url}/nothing`)).status).toBe(404)
  })
})

describe('what it says of itself', () => {
  it('lists the model, its version and its health', async () => {
    const face = await startFace()
    const get = async (path: string) => (await fetch(`${face.url}${path}`)).json()
    expect(await get('/v1/models')).toMatchObject({
      object: 'list',
      data: [{ id: 'm', owned_by: 'vllm', max_model_len: 1000 }],
    })
    expect(await get('/version')).toEqual({ version: expect.stringContaining('simulated') })
    expect((await fetch(`${face.url}/health`)).status).toBe(200)
    face.engine.setDown(true)
    expect((await fetch(`${face.url}/health`)).status).toBe(503)
  })

  it("publishes metrics in vLLM's names, seconds and labels", async () => {
    const face = await startFace()
    for (const cap of [40, 40, 10]) await (await face.post(chat({ max_tokens: cap }))).json()
    const text = await (await fetch(`${face.url}/metrics`)).text()
    const samples = parsePrometheusText(text, new Set(text.match(/^vllm:\w+/gm)))
    const value = (name: string, labels: Record<string, string> = {}) =>
      samples.find(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([label, is]) => sample.labels.get(label) === is),
      )?.value
    expect(value('vllm:num_requests_running', { model_name: 'm', engine: '0' })).toBe(0)
    expect(value('vllm:num_requests_waiting')).toBe(0)
    expect(value('vllm:kv_cache_usage_perc')).toBe(0)
    expect(value('vllm:prompt_tokens_total')).toBe(18)
    expect(value('vllm:generation_tokens_total')).toBe(90)
    expect(value('vllm:request_success_total', { finished_reason: 'stop' })).toBe(2)
    expect(value('vllm:request_success_total', { finished_reason: 'length' })).toBe(1)
    const { ttft, e2e, interToken } = await face.engine.read(new AbortController().signal)
    expect(value('vllm:time_to_first_token_seconds_count')).toBe(3)
    expect(value('vllm:time_to_first_token_seconds_sum')).toBe((ttft?.sumMs ?? 0) / 1000)
    expect(value('vllm:e2e_request_latency_seconds_sum')).toBe((e2e?.sumMs ?? 0) / 1000)
    expect(value('vllm:inter_token_latency_seconds_count')).toBe(interToken?.count)
    expect(value('vllm:request_queue_time_seconds_bucket', { le: '+Inf' })).toBe(3)
    const [config] = samples.filter(({ name }) => name === 'vllm:cache_config_info')
    expect(config?.labels.get('block_size')).toBe('16')
    expect(config?.labels.get('num_gpu_blocks')).toBe('10000')
  })
})

describe('faults', () => {
  it('down: 503 everywhere, answers under way break off, and it comes back', async () => {
    const face = await startFace(long)
    const open = await face.post(chat({ stream: true }))
    await face.setFault({ kind: 'down' })
    await expect(open.text()).rejects.toThrow()
    for (const path of ['/health', '/metrics', '/v1/models']) expect((await fetch(face.url + path)).status).toBe(503)
    expect((await face.post(chat())).status).toBe(503)
    await face.setFault(null)
    expect((await face.post(chat({ max_tokens: 3 }))).status).toBe(200)
  })

  it('refuse: nothing listens, until it listens again on the same port', async () => {
    const face = await startFace()
    const { port, url } = face
    await face.setFault({ kind: 'refuse' })
    const code = await new Promise((resolve) => {
      connect(port, '127.0.0.1')
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
        .on('connect', resolve)
    })
    expect(code).toBe('ECONNREFUSED')
    await face.setFault(null)
    expect(face.url).toBe(url)
    expect((await face.post(chat())).status).toBe(200)
  })

  it('overloaded: 503 so many times, with the wait that it was given', async () => {
    const face = await startFace()
    await face.setFault({ kind: 'overloaded', times: 1, retryAfterSeconds: 2 })
    const refused = await face.post(chat())
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2'])
    expect((await face.post(chat())).status).toBe(200)
    expect(face.calls).toHaveLength(1)
  })

  it('die-mid-stream: breaks the connection after so many pieces, plain answers before the first byte', async () => {
    const face = await startFace(long)
    await face.setFault({ kind: 'die-mid-stream', afterPieces: 2 })
    const response = await face.post(chat({ stream: true }))
    expect(response.status).toBe(200)
    const reader = response.body?.getReader()
    const decoder = new TextDecoder()
    let text = ''
    const drain = async () => {
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        text += decoder.decode(part.value, { stream: true })
      }
    }
    await expect(drain()).rejects.toThrow()
    expect(text.match(/^data: /gm)).toHaveLength(2)
    expect(text).not.toContain('[DONE]')
    await expect(face.post(chat({ max_tokens: 3 }))).rejects.toThrow()
  })

  it('die-mid-stream: breaks off an answer of fewer pieces too', async () => {
    const face = await startFace()
    await face.setFault({ kind: 'die-mid-stream', afterPieces: 1_000 })
    const response = await face.post(chat({ stream: true }))
    await expect(response.text()).rejects.toThrow()
  })

  it('stall: pieces stop, the connection stays, and leaving it frees the engine', async () => {
    const face = await startFace(long)
    await face.setFault({ kind: 'stall', afterPieces: 1, times: 1 })
    const response = await face.post(chat({ stream: true }))
    const reader = response.body?.getReader()
    expect((await reader?.read())?.done).toBe(false)
    await reader?.cancel()
    await until(() => face.engine.statistics().aborted === 1)
    expect((await face.post(chat({ max_tokens: 3 }))).status).toBe(200)
  })

  it('garbage: a 200 that is no answer', async () => {
    const face = await startFace()
    await face.setFault({ kind: 'garbage', times: 1 })
    const response = await face.post(chat({ stream: true }))
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<html>')
  })

  it('no-metrics: everything else works', async () => {
    const face = await startFace()
    await face.setFault({ kind: 'no-metrics' })
    expect((await fetch(`${face.url}/metrics`)).status).toBe(404)
    expect((await fetch(`${face.url}/health`)).status).toBe(200)
  })

  it('an engine that goes down breaks the connection, as a process that dies', async () => {
    const face = await startFace(long)
    const response = await face.post(chat({ stream: true }))
    face.engine.setDown(true)
    await expect(response.text()).rejects.toThrow()
    await expect(face.post(chat())).rejects.toThrow()
  })
})

describe('the port', () => {
  it('is refused when taken', async () => {
    const { port } = await startFace()
    const { engine } = await startFace()
    const clock = createWallClock()
    const options = { engine, model: 'm', clock, readMeaning: () => meaning, maxModelLen: 1000, port }
    await expect(startTwinServer(options)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
