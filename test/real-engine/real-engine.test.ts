/** @file The real engine behind its HTTP face, by plain fetch: it streams, counts, refuses, and frees its slot on a cancel. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quickest } from '../e2e/http-client.ts'
import { isRealEngineInstalled, type RealEngine, startRealEngine } from './start-real-engine.ts'
import { tinyGguf } from './tiny-gguf.ts'

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string }; readonly finish_reason: string | null }[]
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number }
}

const messages = [{ role: 'user', content: 'What is 17 * 23?' }]

describe.skipIf(!isRealEngineInstalled)('a real engine', () => {
  let engine: RealEngine

  beforeAll(async () => {
    engine = await startRealEngine({ sequences: 2, endsItself: false })
  })
  afterAll(() => engine?.close())

  const ask = (body: object, signal: AbortSignal | null = null) =>
    fetch(`${engine.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: engine.model, messages, ...body }),
      signal,
    })

  /** Polls until `isTrue` holds; gives how long that took. */
  async function until(isTrue: () => Promise<boolean>): Promise<number> {
    const startedAtMs = performance.now()
    while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 5))
    return performance.now() - startedAtMs
  }

  it('says that it is well, which model it serves, and how many slots it has', async () => {
    const page = async (path: string) => (await fetch(engine.url + path)).json() as Promise<unknown>
    expect(await page('/health')).toEqual({ status: 'ok' })
    expect(await page('/v1/models')).toMatchObject({ data: [{ id: 'tiny-random', owned_by: 'llamacpp' }] })
    expect(await page('/props')).toMatchObject({ total_slots: 2, default_generation_settings: { n_ctx: 8192 } })
    expect(await page('/slots')).toMatchObject([{ is_processing: false }, { is_processing: false }])
    expect(await (await fetch(`${engine.url}/metrics`)).text()).toMatch(/^llamacpp:requests_processing 0$/m)
  })

  it('answers in one piece, printable, the same under the same seed', async () => {
    const answers = await Promise.all([7, 7, 8].map(async (seed) => (await ask({ max_tokens: 40, seed })).json()))
    const [first, again, other] = answers as { choices: { message: { content: string } }[] }[]
    expect(first).toMatchObject({
      object: 'chat.completion',
      choices: [
        { message: { role: 'assistant', content: expect.stringMatching(/^[ -~]{40}$/) }, finish_reason: 'length' },
      ],
      usage: { completion_tokens: 40 },
    })
    expect(again?.choices[0]?.message.content).toBe(first?.choices[0]?.message.content)
    expect(other?.choices[0]?.message.content).not.toBe(first?.choices[0]?.message.content)
  })

  it('streams token by token, then usage when asked for, then [DONE]', async () => {
    const response = await ask({ max_tokens: 12, stream: true, stream_options: { include_usage: true } })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const events = (await response.text()).trim().split('\n\n')
    expect(events.at(-1)).toBe('data: [DONE]')
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice('data: '.length)) as Chunk)
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
    expect(text).toMatch(/^[ -~]{12}$/)
    expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter(Boolean)).toEqual(['length'])
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 12 } })
  })

  it.each([true, false])('frees the slot within 250 ms of the client leaving (streamed: %s)', async (stream) => {
    const leave = async () => {
      const client = new AbortController()
      const response = ask({ stream }, client.signal)
      if (stream) await (await response).body!.getReader().read()
      await until(async () => (await engine.busySlots()) === 1)
      client.abort()
      if (!stream) await expect(response).rejects.toThrow()
      return await until(async () => (await engine.busySlots()) === 0)
    }
    expect(await quickest(250, leave)).toBeLessThan(250)
    expect(await (await ask({ max_tokens: 3 })).json()).toMatchObject({ usage: { completion_tokens: 3 } })
  })

  it('runs two requests at once, lets a third wait, and forgets one that leaves while waiting', async () => {
    const clients = [0, 1, 2].map(() => new AbortController())
    const requests = clients.map((client) => ask({}, client.signal).catch(() => 'left'))
    const gauge = async (name: string) =>
      Number(
        new RegExp(`^llamacpp:${name} (\\d+)$`, 'm').exec(await (await fetch(`${engine.url}/metrics`)).text())?.[1],
      )
    await until(async () => (await engine.busySlots()) === 2 && (await gauge('requests_deferred')) === 1)
    for (const client of clients) client.abort()
    expect(await Promise.all(requests)).toEqual(['left', 'left', 'left'])
    await until(async () => (await engine.busySlots()) === 0 && (await gauge('requests_deferred')) === 0)
  })

  it.each([
    ['no messages', { messages: 'hello' }, 'messages must be a list'],
    ['a cap of zero', { max_tokens: 0 }, 'max_tokens must be a positive integer'],
    [
      'a prompt beyond its context',
      { messages: [{ role: 'user', content: 'x'.repeat(9_000) }] },
      'exceeds the available',
    ],
  ])('refuses %s', async (_name, body, message) => {
    const response = await ask(body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining(message) } })
  })
})

describe.skipIf(!isRealEngineInstalled)('a real engine whose answers end by themselves', () => {
  it('stops at the end token', async () => {
    const engine = await startRealEngine({ sequences: 1 })
    try {
      const response = await fetch(`${engine.url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ messages, seed: 1, temperature: 1 }),
      })
      expect(await response.json()).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
    } finally {
      await engine.close()
    }
  })
})

describe('the tiny model file', () => {
  it('is the same byte for byte every time, and aligned', () => {
    const file = tinyGguf()
    expect(file.equals(tinyGguf())).toBe(true)
    expect(file.equals(tinyGguf({ seed: 2 }))).toBe(false)
    expect([file.toString('latin1', 0, 4), file.readUInt32LE(4), file.length % 32]).toEqual(['GGUF', 3, 0])
  })
})
