/** @file Streamed answers: chunk by chunk in-process, and over a real socket where timing, leaving and slowness count. */
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  aborted,
  aGateway,
  answered,
  aStepEvent,
  aTwoAgentPlan,
  chat,
  deferred,
  type Harness,
  type RunScript,
  says,
  until,
} from '../../../test/gateway-fakes.ts'
import { InframindError, type JsonObject } from '../../core/index.ts'
import { aPlan, aStepRecord, ManualClock } from '../../testing/index.ts'

interface Chunk {
  readonly id: string
  readonly object: string
  readonly choices: readonly { delta: Record<string, string>; finish_reason: string | null; logprobs: unknown }[]
  readonly inframind?: JsonObject
  readonly usage?: JsonObject | null
}

/** The data of every event, `[DONE]` included; fails on anything that is neither data nor comment. */
function dataOf(body: string): string[] {
  expect(body.endsWith('\n\n') || body === '').toBe(true)
  const events = body.split('\n\n').slice(0, -1)
  for (const event of events) expect(event).toMatch(/^(data: |: )[^\n]*$/)
  return events.filter((event) => event.startsWith('data: ')).map((event) => event.slice('data: '.length))
}

async function stream(script: RunScript, fields: object = {}) {
  const { gateway } = await aGateway(script)
  const body = chat({ stream: true, ...fields })
  const response = await gateway.inject({ method: 'POST', path: '/v1/chat/completions', body })
  const data = dataOf(response.body)
  const chunks = data.filter((text) => text !== '[DONE]').map((text) => JSON.parse(text) as Chunk)
  return { ...response, data, chunks, deltas: chunks.flatMap(({ choices = [] }) => choices.map(({ delta }) => delta)) }
}

const contentOf = (deltas: readonly Record<string, string>[]) => deltas.map(({ content }) => content ?? '').join('')
const reasoningOf = (deltas: readonly Record<string, string>[]) =>
  deltas.map(({ reasoning_content }) => reasoning_content ?? '').join('')

describe('a streamed answer', () => {
  it('is a role, the text, a finish reason with the story, and [DONE]', async () => {
    const { status, headers, data, chunks, deltas } = await stream(says('It is 391.'), { model: 'fast' })
    expect(status).toBe(200)
    expect(headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'x-inframind-topology': 'io' })
    expect(deltas).toEqual([
      { role: 'assistant', content: '' },
      { content: 'It ' },
      { content: 'is ' },
      { content: '391.' },
      {},
    ])
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, null, null, 'stop'])
    for (const chunk of chunks) {
      expect(chunk).toMatchObject({ object: 'chat.completion.chunk', model: 'fast', system_fingerprint: 'policy_1' })
      expect(chunk.id).toBe(chunks[0]?.id)
      expect(chunk).not.toHaveProperty('usage')
    }
    expect(chunks.at(-1)?.inframind).toMatchObject({ budget_ms: 5000, on_time: true, degraded: null })
    expect(chunks.at(-1)?.inframind?.['run_id']).toBe(headers['x-inframind-run-id'])
    expect(chunks.slice(0, -1).some(({ inframind }) => inframind)).toBe(false)
    expect(data.at(-1)).toBe('[DONE]')
  })

  it('tells usage in a last chunk of its own, only when asked for', async () => {
    const { chunks } = await stream(says('x'), { stream_options: { include_usage: true } })
    expect(chunks.slice(0, -1).map(({ usage }) => usage)).toEqual([null, null, null])
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 500, completion_tokens: 320, completion_tokens_details: { reasoning_tokens: 200 } },
    })
  })

  it('comes whole where nothing was streamed, and the rest where a part was', async () => {
    const silent: RunScript = async ({ request, sink }) => {
      sink.planned?.('run_1', aPlan())
      return answered(request, 'by vote: 391')
    }
    expect(contentOf((await stream(silent)).deltas)).toBe('by vote: 391')
    const partly: RunScript = async ({ request, sink }) => {
      sink.planned?.('run_1', aPlan())
      await sink.delta?.({ text: 'half' })
      return answered(request, 'half and half')
    }
    expect((await stream(partly)).deltas.slice(1, -1)).toEqual([{ content: 'half' }, { content: ' and half' }])
  })

  it('passes tool calls and log-probabilities on, streamed or not', async () => {
    const call = { id: 'c', type: 'function', function: { name: 'add', arguments: '{}' } }
    const streamed: RunScript = async ({ request, sink }) => {
      sink.planned?.('run_1', aPlan())
      await sink.delta?.({ toolCalls: [{ index: 0, ...call }] })
      await sink.delta?.({ text: 'a', logprobs: { content: [1] } })
      return answered(request, 'a', { toolCalls: [call], finishReason: 'tool_calls' })
    }
    const first = await stream(streamed)
    expect(first.deltas.filter((delta) => 'tool_calls' in delta)).toEqual([{ tool_calls: [{ index: 0, ...call }] }])
    expect(first.chunks[2]?.choices[0]).toMatchObject({ delta: { content: 'a' }, logprobs: { content: [1] } })
    expect(first.chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls')
    const whole: RunScript = async ({ request, sink }) => {
      sink.planned?.('run_1', aPlan())
      return answered(request, '', { toolCalls: [call], finishReason: '' })
    }
    const second = await stream(whole)
    expect(second.deltas[1]).toEqual({ tool_calls: [{ index: 0, ...call }] })
    expect(second.chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls')
  })

  it('ends with length and says cut when the deadline passes mid-answer', async () => {
    const { chunks, data } = await stream(says('It is', { degraded: ['cut'], finishReason: '' }))
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'length' }], inframind: { degraded: 'cut' } })
    expect(data.at(-1)).toBe('[DONE]')
  })

  it('keeps its status until planned, and tells an error in the stream after', async () => {
    const error = new InframindError('DEADLINE_EXCEEDED', 'too late')
    const late: RunScript = async ({ request, sink }) => {
      sink.planned?.('run_1', aPlan())
      return answered(request, '', { status: 'failed', error })
    }
    const { status, chunks, data } = await stream(late)
    expect(status).toBe(200)
    expect(chunks.at(-1)).toEqual({
      error: {
        message: 'too late',
        type: 'server_error',
        param: null,
        code: null,
        inframind_code: 'DEADLINE_EXCEEDED',
      },
    })
    expect(data).not.toContain('[DONE]')
    const thrown: RunScript = async ({ sink }) => {
      sink.planned?.('run_1', aPlan())
      throw new Error('inner')
    }
    const broken = await stream(thrown)
    expect(broken.chunks.at(-1)).toMatchObject({ error: { inframind_code: 'INVARIANT_VIOLATED' } })
    expect(broken.body).not.toContain('inner')
  })
})

describe('step modes', () => {
  const team: RunScript = async ({ request, sink }) => {
    sink.planned?.(request.runId as string, aTwoAgentPlan())
    sink.step?.(aStepEvent({ type: 'step-started', stepId: '0/0', role: 'Solver', atMs: request.arrivedAtMs + 5 }))
    sink.step?.(aStepEvent({ type: 'step-started', stepId: '0/1', role: 'Critic', arm: null }))
    await sink.stepDelta?.('0/0', { text: 'seventeen ' })
    await sink.stepDelta?.('0/1', { reasoning: 'hmm ', text: 'wrong' })
    await sink.stepDelta?.('0/0', { text: 'times' })
    sink.step?.(aStepEvent({ type: 'step-finished', stepId: '0/0', role: 'Solver', record: aStepRecord() }))
    sink.step?.(aStepEvent({ type: 'step-dropped', stepId: '0/1', role: 'Critic' }))
    await sink.delta?.({ reasoning: 'so ' })
    await sink.delta?.({ text: '391' })
    return answered(request, '391')
  }

  it('off: the final answer only, without its reasoning', async () => {
    const { chunks, deltas } = await stream(team)
    expect([contentOf(deltas), reasoningOf(deltas)]).toEqual(['391', ''])
    expect(chunks).toHaveLength(3)
    expect(chunks.every(({ choices }) => choices.length === 1)).toBe(true)
  })

  it('reasoning: step texts one after the other, then the answer', async () => {
    const { chunks, deltas } = await stream(team, { inframind: { steps: 'reasoning' } })
    expect(reasoningOf(deltas)).toBe('\n\nSolver: seventeen times\n\nCritic: hmm wrongso ')
    expect(contentOf(deltas)).toBe('391')
    expect(chunks.every(({ choices }) => choices.length === 1)).toBe(true)
  })

  it('events: valid chunks with empty choices and what happened', async () => {
    const { chunks, deltas } = await stream(team, { inframind: { steps: 'events' } })
    const events = chunks.filter(({ choices }) => choices.length === 0).map(({ inframind }) => inframind)
    expect(events.map((event) => [event?.['type'], event?.['step']])).toEqual([
      ['planned', undefined],
      ['step-started', '0/0'],
      ['step-started', '0/1'],
      ['step-finished', '0/0'],
      ['step-dropped', '0/1'],
    ])
    expect(events[0]).toMatchObject({ topology: 'debate', agents: 2, steps: 2, predicted_ms: 2000 })
    expect(events[1]).toMatchObject({ role: 'Solver', model: 'small', strategy: 'Concise', at_ms: 5 })
    expect(events[2]).toMatchObject({ model: null, strategy: null })
    expect(events[3]).toMatchObject({ status: 'done', output_tokens: 120 })
    expect([contentOf(deltas), reasoningOf(deltas)]).toEqual(['391', ''])
    expect(chunks.every((chunk) => chunk.object === 'chat.completion.chunk')).toBe(true)
  })

  it('events: what steps did before the plan stood comes after it, and a refusal then keeps its status', async () => {
    const queued = aStepEvent({ type: 'step-queued' })
    const fields = { inframind: { steps: 'events' } }
    const { status, chunks } = await stream(async ({ request, sink }) => {
      sink.step?.(queued)
      sink.planned?.(request.runId as string, aPlan())
      sink.step?.(aStepEvent({ type: 'step-started' }))
      return answered(request, 'x')
    }, fields)
    const types = chunks.flatMap(({ inframind }) => inframind?.['type'] ?? [])
    expect([status, types]).toEqual([200, ['planned', 'step-queued', 'step-started']])
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' })
    const { gateway } = await aGateway(({ request, sink }) => {
      sink.step?.(queued)
      const error = new InframindError('QUEUE_FULL', 'full')
      return Promise.resolve(answered(request, '', { status: 'refused', error }))
    })
    const body = chat({ stream: true, ...fields })
    const refused = await gateway.inject({ method: 'POST', path: '/v1/chat/completions', body })
    expect([refused.status, refused.headers['content-type']]).toEqual([429, 'application/json; charset=utf-8'])
  })
})

describe('over a socket', () => {
  const open: Harness[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ gateway }) => gateway.close({ drainMs: 0 })))
  })
  async function listening(...args: Parameters<typeof aGateway>) {
    const harness = await aGateway(...args)
    open.push(harness)
    const { url } = await harness.gateway.listen({ host: '127.0.0.1', port: 0 })
    return { ...harness, url }
  }
  const request = (url: string, body: object, signal?: AbortSignal) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    })

  it('sends every piece when it is there, not at the end', async () => {
    let next = () => {}
    const { url } = await listening(async ({ request: query, sink }) => {
      sink.planned?.('run_1', aPlan())
      await sink.delta?.({ text: 'first' })
      await new Promise<void>((resolve) => {
        next = resolve
      })
      await sink.delta?.({ text: 'second' })
      return answered(query, 'firstsecond')
    })
    const reader = (await request(url, chat({ stream: true }))).body!.pipeThrough(new TextDecoderStream()).getReader()
    let seen = ''
    const readUntil = async (word: string) => {
      while (!seen.includes(word)) seen += (await reader.read()).value ?? ''
    }
    await readUntil('first')
    expect(seen).not.toContain('second')
    next()
    await readUntil('[DONE]')
    expect(seen).toContain('second')
    expect((await reader.read()).done).toBe(true)
  })

  it('keeps the line alive with comments while nothing is said, and stops with the answer', async () => {
    const clock = new ManualClock()
    let finish = () => {}
    const { url } = await listening(
      async ({ request: query, sink }) => {
        sink.planned?.('run_1', aPlan())
        await new Promise<void>((resolve) => {
          finish = resolve
        })
        return answered(query, 'x')
      },
      { clock },
    )
    const response = await request(url, chat({ stream: true }))
    clock.advanceBy(4999)
    clock.advanceBy(1)
    clock.advanceBy(5000)
    finish()
    const body = await response.text()
    expect(body.split(': keep-alive\n\n')).toHaveLength(3)
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['streamed, after the head', true, true],
    ['streamed, before the plan', true, false],
    ['not streamed', false, true],
  ])('tells the run at once when the client leaves: %s', async (_, isStreamed, isPlanned) => {
    const begun = deferred<void>()
    const left = deferred<unknown>()
    const { url, gateway } = await listening(async ({ request: query, signal, sink }) => {
      if (isPlanned) sink.planned?.('run_1', aPlan())
      begun.resolve()
      await aborted(signal)
      left.resolve(signal.reason)
      return answered(query, '', { status: 'aborted' })
    })
    const client = new AbortController()
    const response = request(url, chat({ stream: isStreamed }), client.signal).then((answer) => answer.text())
    const failed = expect(response).rejects.toThrow()
    await begun.promise
    client.abort()
    await failed
    expect(await left.promise).toMatchObject({ message: 'the client left' })
    const metrics = async () => (await gateway.inject({ method: 'GET', path: '/metrics' })).body
    await until(async () => (await metrics()).includes('requests_under_way 0'))
    expect(await metrics()).toContain('outcome="aborted"} 1')
  })

  it('holds the engine back while the client does not read', async () => {
    const piece = 'x'.repeat(64 * 1024)
    const pieces = 400
    let sent = 0
    const { url } = await listening(async ({ request: query, sink }) => {
      sink.planned?.('run_1', aPlan())
      for (; sent < pieces; sent += 1) await sink.delta?.({ text: piece })
      return answered(query, piece.repeat(pieces))
    })
    const { port, hostname } = new URL(url)
    const socket = connect(Number(port), hostname)
    const body = JSON.stringify(chat({ stream: true }))
    socket.pause()
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close`
    socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    // Sending has stopped once a hundred turns of the loop pass without another piece: 25 MB do not fit into buffers.
    for (let quiet = 0, before = 0; quiet < 100 || sent === 0; quiet += 1) {
      await new Promise(setImmediate)
      if (sent !== before) [quiet, before] = [0, sent]
    }
    expect(sent).toBeLessThan(pieces)
    let received = 0
    let tail = ''
    for await (const bytes of socket) {
      received += (bytes as Buffer).length
      tail = (tail + (bytes as Buffer).toString('latin1')).slice(-200)
    }
    expect([sent, tail.includes('[DONE]')]).toEqual([pieces, true])
    expect(received).toBeGreaterThan(pieces * piece.length)
  })

  it('lets a slow reader leave without leaving the run behind', async () => {
    const ended = deferred<boolean>()
    const { url } = await listening(async ({ request: query, signal, sink }) => {
      sink.planned?.('run_1', aPlan())
      for (let sent = 0; !signal.aborted; sent += 1) {
        if (sent > 1000) throw new Error('nothing held the engine back')
        await sink.delta?.({ text: 'x'.repeat(256 * 1024) })
      }
      ended.resolve(true)
      return answered(query, '', { status: 'aborted' })
    })
    const client = new AbortController()
    await request(url, chat({ stream: true }), client.signal)
    client.abort()
    expect(await ended.promise).toBe(true)
  })

  it('answers what is not HTTP with an error in the usual shape', async () => {
    const { url } = await listening()
    const { port, hostname } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.write('NONSENSE\r\n\r\n')
    let text = ''
    for await (const bytes of socket) text += String(bytes)
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ error: { inframind_code: 'REQUEST_INVALID' } })
  })

  it('passes no path on that an engine could read as another one', async () => {
    const { url, relayed } = await listening()
    const { port, hostname } = new URL(url)
    for (const path of ['/v1/a/%2e%2e/admin', '/v1/../admin', '/v1/a\\b']) {
      const socket = connect(Number(port), hostname)
      const body = '{"model":"small"}'
      const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close`
      socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      let text = ''
      for await (const bytes of socket) text += String(bytes)
      expect(text).toMatch(/^HTTP\/1\.1 404 /)
    }
    expect(relayed).toEqual([])
  })

  it('fails to listen where the port is taken, and says why', async () => {
    const { url } = await listening()
    const { gateway } = await aGateway()
    const address = { host: '127.0.0.1', port: Number(new URL(url).port) }
    await expect(gateway.listen(address)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await gateway.close({ drainMs: 0 })
  })
})
