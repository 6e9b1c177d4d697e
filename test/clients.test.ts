/** @file The clients that people use, unchanged, against the gateway over a real socket: OpenAI's own and the AI SDK. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, streamText } from 'ai'
import OpenAI, { APIConnectionTimeoutError, type APIError, APIUserAbortError } from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { InframindError } from '../src/core/index.ts'
import { aPlan } from '../src/testing/index.ts'
import {
  aborted,
  aGateway,
  answered,
  aStepEvent,
  aTwoAgentPlan,
  deferred,
  engineSays,
  type Harness,
  type RunScript,
  says,
} from './gateway-fakes.ts'

const open: Harness[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ gateway }) => gateway.close({ drainMs: 0 })))
})

async function serving(...args: Parameters<typeof aGateway>) {
  const harness = await aGateway(...args)
  open.push(harness)
  const { url } = await harness.gateway.listen({ host: '127.0.0.1', port: 0 })
  const baseURL = `${url}/v1`
  return {
    ...harness,
    openai: (options: { maxRetries?: number; timeout?: number } = {}) =>
      new OpenAI({ baseURL, apiKey: 'any', maxRetries: 0, ...options }),
    aiSdk: createOpenAICompatible({ name: 'inframind', baseURL, includeUsage: true }),
  }
}

const question = { model: 'inframind', messages: [{ role: 'user' as const, content: 'What is 17 x 23?' }] }

const team: RunScript = async ({ request, sink }) => {
  sink.planned?.(request.runId as string, aTwoAgentPlan())
  sink.step?.(aStepEvent({ type: 'step-started', role: 'Solver' }))
  await sink.stepDelta?.('0/0', { text: 'seventeen times' })
  sink.step?.(aStepEvent({ type: 'step-finished', role: 'Solver' }))
  await sink.delta?.({ text: 'It is ' })
  await sink.delta?.({ text: '391.' })
  return answered(request, 'It is 391.')
}

/** Never answers; tells when it began and when it was told to stop. */
function endless({ isPlanned }: { isPlanned: boolean }) {
  const begun = deferred<void>()
  const stopped = deferred<void>()
  const script: RunScript = async ({ request, signal, sink }) => {
    if (isPlanned) {
      sink.planned?.('run_1', aPlan())
      await sink.delta?.({ text: 'It is ' })
    }
    begun.resolve()
    await aborted(signal)
    stopped.resolve()
    return answered(request, '', { status: 'aborted' })
  }
  return { begun: begun.promise, stopped: stopped.promise, script }
}

const failing =
  (error: InframindError, { isPlanned }: { isPlanned: boolean }): RunScript =>
  async ({ request, sink }) => {
    if (isPlanned) {
      sink.planned?.('run_1', aPlan())
      await sink.delta?.({ text: 'It is ' })
    }
    return answered(request, '', { status: 'failed', error })
  }

describe('the openai client', () => {
  it('reads a plain answer with its story', async () => {
    const { openai } = await serving(says('It is 391.'))
    const answer = await openai().chat.completions.create({ ...question, model: 'inframind@10s' })
    expect(answer.choices[0]?.message.content).toBe('It is 391.')
    expect(answer.usage).toMatchObject({ total_tokens: 820, completion_tokens_details: { reasoning_tokens: 200 } })
    expect((answer as unknown as { inframind: object }).inframind).toMatchObject({ budget_ms: 10_000, on_time: true })
  })

  it('reads a stream, in every step mode', async () => {
    const { openai } = await serving(team)
    for (const steps of ['off', 'reasoning', 'events']) {
      const body = { ...question, stream: true as const, stream_options: { include_usage: true }, inframind: { steps } }
      const seen = { text: '', reasoning: '', events: 0, finish: '', tokens: 0, story: false }
      for await (const chunk of await openai().chat.completions.create(body)) {
        const delta = chunk.choices[0]?.delta as { content?: string; reasoning_content?: string } | undefined
        seen.text += delta?.content ?? ''
        seen.reasoning += delta?.reasoning_content ?? ''
        seen.finish += chunk.choices[0]?.finish_reason ?? ''
        seen.tokens += chunk.usage?.total_tokens ?? 0
        const { inframind } = chunk as unknown as { inframind?: { type?: string; on_time?: boolean } }
        if (inframind?.type !== undefined) seen.events += 1
        if (inframind?.on_time === true) seen.story = true
      }
      expect(seen, steps).toEqual({
        text: 'It is 391.',
        reasoning: steps === 'reasoning' ? '\n\nSolver: seventeen times' : '',
        events: steps === 'events' ? 3 : 0,
        finish: 'stop',
        tokens: 820,
        story: true,
      })
    }
  })

  it('puts a stream together with its own helper', async () => {
    const { openai } = await serving(team)
    const body = { ...question, inframind: { steps: 'events' } }
    const answer = await openai()
      .chat.completions.stream(body as typeof question)
      .finalChatCompletion()
    expect(answer.choices[0]).toMatchObject({ message: { content: 'It is 391.' }, finish_reason: 'stop' })
  })

  it('reads streamed tool calls', async () => {
    const toolCalls = [{ id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }]
    const { openai, runtime } = await serving(async ({ request, sink }) => {
      sink.planned?.('run_1', aPlan())
      return answered(request, '', { toolCalls, finishReason: 'tool_calls' })
    })
    const tools = [{ type: 'function' as const, function: { name: 'add', parameters: {} } }]
    const answer = await openai()
      .chat.completions.stream({ ...question, tools })
      .finalChatCompletion()
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: [{ id: 'c1', function: { name: 'add', arguments: '{"a":1}' } }] },
    })
    expect(runtime.lastRequest).toMatchObject({ soloReason: 'tools', finalStepBody: { tools } })
  })

  it.each([true, false])('stops the run when aborted (streamed: %s)', async (stream) => {
    const { begun, stopped, script } = endless({ isPlanned: stream })
    const { openai } = await serving(script)
    const controller = new AbortController()
    const request = (async () => {
      const answer = await openai().chat.completions.create({ ...question, stream }, { signal: controller.signal })
      if (Symbol.asyncIterator in answer) for await (const chunk of answer) expect(chunk.object).toContain('chunk')
      throw new APIUserAbortError()
    })()
    const failed = expect(request).rejects.toBeInstanceOf(APIUserAbortError)
    await begun
    controller.abort()
    await Promise.all([failed, stopped])
  })

  it.each<[string, number | undefined, number]>([
    ['unset', undefined, 30_000],
    ['of 10 minutes, the unset default', 600_000, 30_000],
    ['of 5 s', 5000, 4750],
    ['of 900 ms', 900, 750],
    ['longer than the budget', 120_000, 30_000],
  ])('with a time-out %s leaves a budget of its own', async (_, timeout, budgetMs) => {
    const { openai, runtime } = await serving(says('ok'))
    await openai().chat.completions.create(question, timeout === undefined ? {} : { timeout })
    expect(runtime.lastRequest.budgetMs).toBe(budgetMs)
  })

  it('that times out under a second stops the run', async () => {
    const { stopped, script } = endless({ isPlanned: false })
    const { openai } = await serving(script)
    const request = openai().chat.completions.create(question, { timeout: 150 })
    await expect(request).rejects.toBeInstanceOf(APIConnectionTimeoutError)
    await stopped
  })

  it('retries what may pass, as soon as told, and nothing else', async () => {
    const { openai, runtime } = await serving()
    const count = async (error: InframindError) => {
      runtime.requests.length = 0
      runtime.script = (call) =>
        runtime.requests.length === 1 ? failing(error, { isPlanned: false })(call) : says('ok')(call)
      const outcome = await openai({ maxRetries: 2 })
        .chat.completions.create(question)
        .then(
          () => 'ok',
          (failure: InstanceType<typeof APIError>) => failure.status,
        )
      return [runtime.requests.length, outcome]
    }
    expect(await count(new InframindError('POOL_UNAVAILABLE', 'm', { retryAfterMs: 1 }))).toEqual([2, 'ok'])
    expect(await count(new InframindError('DEADLINE_EXCEEDED', 'm'))).toEqual([1, 504])
    expect(await count(new InframindError('BUDGET_INFEASIBLE', 'm', { status: 422 }))).toEqual([1, 422])
  })

  it('shows code and parameter of a refusal, and an error in the stream', async () => {
    const { openai, runtime } = await serving()
    const refused = openai().chat.completions.create({ ...question, n: 2 })
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter', param: 'n' })
    runtime.script = failing(new InframindError('DEADLINE_EXCEEDED', 'too late'), { isPlanned: true })
    let text = ''
    const read = async () => {
      for await (const chunk of await openai().chat.completions.create({ ...question, stream: true })) {
        text += chunk.choices[0]?.delta.content ?? ''
      }
    }
    await expect(read()).rejects.toMatchObject({ message: 'too late', type: 'server_error' })
    expect(text).toBe('It is ')
  })

  it('lists models, and asks an engine by its own name', async () => {
    const body = '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1]}],"model":"small"}'
    const { openai } = await serving(undefined, { engineAnswer: () => engineSays(body) })
    expect((await openai().models.list()).data.map(({ id }) => id)).toContain('org/large')
    const request = { model: 'small', input: 'x', encoding_format: 'float' as const }
    expect((await openai().embeddings.create(request)).data[0]?.embedding).toEqual([1])
  })
})

describe('the AI SDK with an OpenAI-compatible provider', () => {
  const prompt = 'What is 17 x 23?'
  const optionsOf = (steps: string) => ({ inframind: { inframind: { steps, budget_ms: 7000 } } })

  it('reads a plain answer', async () => {
    const { aiSdk, runtime } = await serving(says('It is 391.'))
    const { text, usage, finishReason } = await generateText({ model: aiSdk('inframind'), prompt, maxRetries: 0 })
    expect({ text, finishReason }).toEqual({ text: 'It is 391.', finishReason: 'stop' })
    expect(usage).toMatchObject({ inputTokens: 500, outputTokens: 320 })
    expect(runtime.lastRequest.budgetMs).toBe(30_000)
  })

  it('reads a stream, in every step mode', async () => {
    const { aiSdk, runtime } = await serving(team)
    for (const steps of ['off', 'reasoning', 'events']) {
      const result = streamText({ model: aiSdk('inframind'), prompt, maxRetries: 0, providerOptions: optionsOf(steps) })
      expect(await result.text, steps).toBe('It is 391.')
      expect(await result.reasoningText).toBe(steps === 'reasoning' ? '\n\nSolver: seventeen times' : undefined)
      expect(await result.finishReason).toBe('stop')
      expect((await result.usage).totalTokens).toBe(820)
      expect(runtime.lastRequest.budgetMs).toBe(7000)
    }
  })

  it.each([true, false])('stops the run when aborted (streamed: %s)', async (isStreamed) => {
    const { begun, stopped, script } = endless({ isPlanned: isStreamed })
    const { aiSdk } = await serving(script)
    const controller = new AbortController()
    const call = { model: aiSdk('inframind'), prompt, maxRetries: 0, abortSignal: controller.signal }
    const read = async () => {
      if (!isStreamed) return await generateText(call)
      const parts: string[] = []
      for await (const part of streamText(call).fullStream) parts.push(part.type)
      throw new Error(parts.at(-1))
    }
    const failed = expect(read()).rejects.toThrow(/abort/)
    await begun
    controller.abort()
    await Promise.all([failed, stopped])
  })

  it('that times out under a second stops the run', async () => {
    const { stopped, script } = endless({ isPlanned: false })
    const { aiSdk } = await serving(script)
    const abortSignal = AbortSignal.timeout(150)
    await expect(generateText({ model: aiSdk('inframind'), prompt, maxRetries: 0, abortSignal })).rejects.toThrow()
    await stopped
  })

  it('shows an error before the answer and one in the stream', async () => {
    const error = new InframindError('DEADLINE_EXCEEDED', 'too late')
    const { aiSdk, runtime } = await serving(failing(error, { isPlanned: false }))
    const plain = generateText({ model: aiSdk('inframind'), prompt, maxRetries: 0 })
    await expect(plain).rejects.toMatchObject({ statusCode: 504, message: 'too late' })
    runtime.script = failing(error, { isPlanned: true })
    const parts: { type: string; error?: unknown }[] = []
    const call = { model: aiSdk('inframind'), prompt, maxRetries: 0, onError: () => {} }
    for await (const part of streamText(call).fullStream) parts.push(part)
    expect(parts.find(({ type }) => type === 'error')?.error).toMatchObject({ message: 'too late' })
  })
})
