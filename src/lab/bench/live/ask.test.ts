/** @file One query over a real socket: what is sent, and that every way to end is told as data. */
import { Agent } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { aStory } from '../../../../test/live-query.ts'
import {
  delta,
  finish,
  type Script,
  sendAnswer,
  sendEvents,
  sendJson,
  startScriptedServer,
  usage,
} from '../../../../test/scripted-chat-server.ts'
import { createWallClock } from '../../../core/index.ts'
import { type AskOptions, ask } from './ask.ts'
import type { Gateway } from './gateway.ts'

const clock = createWallClock()

function gatewayAt(origin: string, change: Partial<Gateway> = {}): Gateway {
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  const isOurs = { hasCluster: false, isOrchestrated: false, isSimulated: false }
  return { origin, headers: {}, agent, models: [], ...isOurs, ...change }
}

async function asked(script: Script, change: Partial<AskOptions> = {}) {
  const server = await startScriptedServer(script)
  const options: AskOptions = {
    gateway: gatewayAt(server.url),
    model: 'some-model',
    messages: [{ role: 'user', content: 'How many legs have three dogs?' }],
    budgetMs: 1234.6,
    clock,
    signal: new AbortController().signal,
    ...change,
  }
  const gateway = change.gateway ? { ...change.gateway, origin: server.url } : options.gateway
  return { reply: await ask({ ...options, gateway }), received: server.received }
}

describe('ask', () => {
  it('sends the question with its budget, and asks for a stream with usage and nothing else', async () => {
    const { received } = await asked((_, response) => sendAnswer(response, '12'))
    expect(received).toHaveLength(1)
    expect(received[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { 'x-inframind-budget-ms': '1235', 'content-type': 'application/json' },
    })
    expect(received[0]?.body).toEqual({
      model: 'some-model',
      messages: [{ role: 'user', content: 'How many legs have three dogs?' }],
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  it('asks an INFRAMIND gateway for its plan too, with the key', async () => {
    const gateway = gatewayAt('', { isOrchestrated: true, headers: { authorization: 'Bearer k' } })
    const { received } = await asked((_, response) => sendAnswer(response, '12'), { gateway })
    expect(received[0]?.body).toMatchObject({ inframind: { steps: 'events' } })
    expect(received[0]?.headers.authorization).toBe('Bearer k')
  })

  it('tells a whole answer with its instants in order', async () => {
    const { reply } = await asked((_, response) => {
      sendEvents(response, [delta('The answer '), delta('is 12.')])
      sendEvents(response, [finish('stop', { inframind: aStory() }), usage(20, 11), '[DONE]'])
      response.end()
    })
    expect(reply).toMatchObject({
      end: 'answered',
      httpStatus: 200,
      text: 'The answer is 12.',
      problem: null,
      usage: { promptTokens: 20, outputTokens: 11 },
      story: aStory(),
    })
    expect(reply.textAtMs).toHaveLength(2)
    const instants = [reply.sentAtMs, ...reply.textAtMs, reply.finishedAtMs]
    expect(instants).toEqual([...instants].sort((a, b) => a - b))
  })

  it('is answered at [DONE], however the connection goes down after it', async () => {
    const { reply } = await asked((_, response) => {
      sendEvents(response, [delta('12'), finish(), '[DONE]'])
      setImmediate(() => response.destroy())
    })
    expect(reply).toMatchObject({ end: 'answered', text: '12', problem: null })
  })

  it.each([
    [429, 'refused'],
    [422, 'refused'],
    [401, 'refused'],
    [503, 'refused'],
    [500, 'failed'],
    [504, 'failed'],
  ] as const)('counts HTTP %i as %s, with what the server said', async (status, end) => {
    const { reply } = await asked((_, response) => sendJson(response, { error: { message: 'no room' } }, status))
    expect(reply).toMatchObject({ end, httpStatus: status, text: '', problem: expect.stringContaining('no room') })
  })

  it('counts an error within the stream as failed, and keeps what came', async () => {
    const { reply } = await asked((_, response) => {
      sendEvents(response, [delta('The'), { error: { message: 'engine gone' } }])
      response.end()
    })
    expect(reply).toMatchObject({ end: 'failed', text: 'The', problem: expect.stringContaining('engine gone') })
  })

  it.each([
    ['ends early', (response: Parameters<Script>[1]) => void response.end()],
    ['breaks off', (response: Parameters<Script>[1]) => void response.destroy()],
  ])('counts a stream that %s as cut', async (_how, close) => {
    const { reply } = await asked((_, response) => {
      sendEvents(response, [delta('The answer')])
      setImmediate(() => close(response))
    })
    expect(reply.end).toBe('cut')
    expect(reply.problem).not.toBeNull()
  })

  it('counts nobody listening as failed', async () => {
    const options = { model: 'm', messages: [], budgetMs: 1, clock, signal: new AbortController().signal }
    const reply = await ask({ ...options, gateway: gatewayAt('http://127.0.0.1:1') })
    expect(reply).toMatchObject({ end: 'failed', httpStatus: null, problem: 'ECONNREFUSED' })
  })

  it.each(['timed-out', 'stopped'] as const)('ends as %s when given up for that reason', async (end) => {
    const giveUp = new AbortController()
    const { reply } = await asked(
      (_, response) => {
        sendEvents(response, [delta('The')])
        setImmediate(() => giveUp.abort(end))
      },
      { signal: giveUp.signal },
    )
    expect(reply.end).toBe(end)
  })

  it('takes a whole completion of a server that does not stream', async () => {
    const { reply } = await asked((_, response) =>
      sendJson(response, { choices: [{ index: 0, message: { content: '12' }, finish_reason: 'stop' }] }),
    )
    expect(reply).toMatchObject({ end: 'answered', text: '12', usage: null })
  })
})
