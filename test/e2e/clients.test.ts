/**
 * @file OpenAI's own client and the AI SDK, unchanged, against the whole gateway over simulated engines: what their users
 * write works, and what they abort stops on the engines.
 */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, jsonSchema, Output, streamText, tool } from 'ai'
import OpenAI, { APIConnectionTimeoutError, APIUserAbortError } from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openTwinGateway, type TwinGateway } from '../open-twin-gateway.ts'
import { busyEngines, expectHonest, expectQuiet, quickest, type Story, until } from './http-client.ts'

const engineModel = 'Llama-3.2-3B-Instruct'
/** Within this time of a client's leaving, no engine works for it any more. */
const abortMs = 250
let gateway: TwinGateway
let openai: OpenAI
let prompt: string

const clientsOf = ({ url }: TwinGateway) => ({
  openai: new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 }),
  aiSdk: createOpenAICompatible({
    name: 'inframind',
    baseURL: `${url}/v1`,
    includeUsage: true,
    supportsStructuredOutputs: true,
  }),
})
const messagesOf = (content: string) => [{ role: 'user' as const, content }]
const storyOf = (answer: unknown) => (answer as { readonly inframind: Story }).inframind
const team = { topology: 'debate', max_agents: 3 }

afterEach(() => expectQuiet(gateway))

/** The extension as users add it: a field that the client's types do not know. */
const chat = (fields: object = {}) => ({ model: 'inframind', messages: messagesOf(prompt), ...fields })
type PlainBody = OpenAI.ChatCompletionCreateParamsNonStreaming
type StreamedBody = OpenAI.ChatCompletionCreateParamsStreaming

/** What a program reads off a stream of chunks. */
async function readStream(fields: object) {
  const body = { ...chat(fields), stream: true, stream_options: { include_usage: true } } as StreamedBody
  const seen = { text: '', reasoning: '', finish: '', tokens: 0, events: [] as string[], story: null as Story | null }
  for await (const chunk of await openai.chat.completions.create(body)) {
    const delta = chunk.choices[0]?.delta as { content?: string; reasoning_content?: string } | undefined
    seen.text += delta?.content ?? ''
    seen.reasoning += delta?.reasoning_content ?? ''
    seen.finish += chunk.choices[0]?.finish_reason ?? ''
    seen.tokens += chunk.usage?.total_tokens ?? 0
    const { inframind } = chunk as unknown as { inframind?: Story & { type?: string } }
    if (inframind?.type !== undefined) seen.events.push(inframind.type)
    else if (inframind !== undefined) seen.story = inframind
  }
  return seen
}

describe('the openai client', () => {
  beforeAll(async () => {
    gateway = await openTwinGateway()
    openai = clientsOf(gateway).openai
    prompt = gateway.questions[0]!.text
  })
  afterAll(() => gateway.stop())

  it('reads a plain answer and its story, whose tokens add up', async () => {
    const answer = await openai.chat.completions.create(
      chat({ inframind: { budget_ms: 20_000, ...team } }) as PlainBody,
    )
    const { steps, on_time, topology } = storyOf(answer)
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: expect.stringMatching(/\S/) },
    })
    expect({ on_time, topology }).toEqual({ on_time: true, topology: 'debate' })
    expect(steps.length).toBeGreaterThan(1)
    const summed = steps.reduce((sum, step) => sum + step.prompt_tokens + step.output_tokens, 0)
    expect(answer.usage?.total_tokens).toBe(summed)
  })

  it('reads a stream', async () => {
    const { text, story, ...rest } = await readStream({})
    expect(text).toMatch(/\S/)
    expect(rest).toEqual({ reasoning: '', finish: 'stop', tokens: expect.any(Number), events: [] })
    expect(story).toMatchObject({ on_time: true, budget_ms: 30_000 })
    expectHonest(story as Story)
    expect(rest.tokens).toBeGreaterThan(0)
  })

  it('reads step events, which tell the same as the story at the end', async () => {
    const { events, text, story, finish } = await readStream({ inframind: { steps: 'events', ...team } })
    const count = (type: string) => events.filter((event) => event === type).length
    const sent = story!.steps.filter(({ status }) => !['stopped', 'dropped', 'rechosen'].includes(status))
    expect([text !== '', finish]).toEqual([true, 'stop'])
    expect([events[0], count('planned')]).toEqual(['planned', 1])
    expect(count('step-started')).toBe(sent.length)
    expect(sent.length).toBeGreaterThan(1)
  })

  it('reads what the steps say as reasoning', async () => {
    const { reasoning, text, story } = await readStream({ inframind: { steps: 'reasoning', ...team } })
    const roles = story!.steps.map(({ role }) => role)
    expect(roles.some((role) => reasoning.startsWith(`\n\n${role}: `))).toBe(true)
    expect([text !== '', story!.on_time]).toEqual([true, true])
  })

  it.each<[string, number | undefined, number]>([
    ['unset', undefined, 30_000],
    ['of 10 minutes, the default', 600_000, 30_000],
    ['of 20 s', 20_000, 19_750],
  ])('with a time-out %s is answered within it', async (_name, timeout, budgetMs) => {
    const answer = await openai.chat.completions.create(chat() as PlainBody, timeout === undefined ? {} : { timeout })
    expect(storyOf(answer)).toMatchObject({ budget_ms: budgetMs, on_time: true })
  })

  it('with a time-out under a second is answered within it, unless the machine stands still', async () => {
    let answer: unknown = null
    for (let tries = 0; tries < 6 && answer === null; tries += 1) {
      answer = await openai.chat.completions.create(chat() as PlainBody, { timeout: 900 }).catch((error) => {
        expect(error).toBeInstanceOf(APIConnectionTimeoutError)
        return null
      })
    }
    const story = storyOf(answer)
    expect(story.budget_ms).toBe(750)
    expectHonest(story)
  })

  it('relays by the engine’s own name, plain and streamed, with nothing added', async () => {
    const relayed = { model: engineModel, messages: messagesOf('Name a colour.'), max_tokens: 40 }
    const answer = await openai.chat.completions.create(relayed)
    expect(answer).toMatchObject({ model: engineModel, object: 'chat.completion' })
    expect(answer).not.toHaveProperty('inframind')
    let text = ''
    for await (const chunk of await openai.chat.completions.create({ ...relayed, stream: true })) {
      expect(chunk).not.toHaveProperty('inframind')
      text += chunk.choices[0]?.delta.content ?? ''
    }
    for (const content of [text, answer.choices[0]?.message.content])
      expect(content).toMatch(/^This answer was written/)
  })

  it('lists the gateway and the engines’ models, and finds each by its name', async () => {
    const { data } = await openai.models.list()
    expect(data.map(({ id }) => id)).toEqual(['inframind', ...gateway.twins.map(({ model }) => model)])
    expect(await openai.models.retrieve(engineModel)).toMatchObject({ id: engineModel, object: 'model' })
  })

  it('asks with tools, and with a response format: one agent answers', async () => {
    const tools = [{ type: 'function', function: { name: 'add', parameters: { type: 'object', properties: {} } } }]
    const schema = { type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'] }
    const response_format = { type: 'json_schema', json_schema: { name: 'answer', schema } }
    for (const fields of [{ tools }, { response_format }]) {
      const answer = await openai.chat.completions.create(chat(fields) as PlainBody)
      expect(storyOf(answer)).toMatchObject({ topology: 'io', on_time: true })
      expect(new Set(storyOf(answer).steps.map(({ role }) => role)).size).toBe(1)
    }
    const refused = openai.chat.completions.create(chat({ tools, inframind: team }) as PlainBody)
    await expect(refused).rejects.toMatchObject({ status: 400, param: 'inframind.topology' })
  })
})

describe('the AI SDK', () => {
  let aiSdk: ReturnType<typeof clientsOf>['aiSdk']
  beforeAll(async () => {
    gateway = await openTwinGateway()
    aiSdk = clientsOf(gateway).aiSdk
    prompt = gateway.questions[0]!.text
  })
  afterAll(() => gateway.stop())

  const call = () => ({ model: aiSdk('inframind'), prompt, maxRetries: 0 })
  const withExtension = (fields: object) => ({ providerOptions: { inframind: { inframind: fields as never } } })

  it('reads a plain answer', async () => {
    const { text, usage, finishReason } = await generateText(call())
    expect([finishReason, text !== '']).toEqual(['stop', true])
    expect(usage.totalTokens).toBeGreaterThan(0)
  })

  it.each(['off', 'reasoning', 'events'])('reads a stream with steps: %s', async (steps) => {
    const result = streamText({ ...call(), ...withExtension({ steps, ...team }) })
    expect(await result.text).toMatch(/\S/)
    expect(await result.finishReason).toBe('stop')
    expect((await result.reasoningText) !== undefined).toBe(steps === 'reasoning')
    expect((await result.usage).totalTokens).toBeGreaterThan(0)
  })

  it('asks with tools, and for an object', async () => {
    const inputSchema = jsonSchema<{ a: number }>({ type: 'object', properties: { a: { type: 'number' } } })
    const { finishReason } = await generateText({ ...call(), tools: { add: tool({ inputSchema }) } })
    expect(['stop', 'length']).toContain(finishReason)
    const schema = jsonSchema<{ answer: number }>({
      type: 'object',
      properties: { answer: { type: 'integer' } },
      required: ['answer'],
    })
    const { output } = await generateText({ ...call(), output: Output.object({ schema }) })
    expect(Number.isInteger(output.answer)).toBe(true)
  })

  it('asks an engine by its own name', async () => {
    const { text } = await generateText({ ...call(), model: aiSdk(engineModel), prompt: 'Name a colour.' })
    expect(text).toMatch(/\S/)
  })
})

describe('a client that leaves', () => {
  /** At its true pace a team works for seconds: there is something to abort. */
  beforeAll(async () => {
    gateway = await openTwinGateway({ timeScale: 1 })
    openai = clientsOf(gateway).openai
    prompt = gateway.questions.find(({ level }) => level === 5)!.text
  })
  afterAll(() => gateway.stop())

  const longTeam = { inframind: { ...team, strategy: 'DeepThink', steps: 'events' } }
  const atWork = () => until('engines work', async () => (await busyEngines(gateway)) > 0)
  const untilStopped = () => until('no engine works', async () => (await busyEngines(gateway)) === 0)
  /** Makes somebody leave again and again until the engines stop in time after it. */
  const expectPromptStop = async (leave: () => Promise<void>) => {
    const stop = async () => {
      await leave()
      return await untilStopped()
    }
    expect(await quickest(abortMs, stop)).toBeLessThan(abortMs)
  }

  it.each([
    ['openai, plain', { stream: false }],
    ['openai, streamed', { stream: true }],
  ])('%s: its engines stop within 250 ms', (_name, fields) =>
    expectPromptStop(async () => {
      const client = new AbortController()
      const read = async () => {
        const body = chat({ ...fields, ...longTeam }) as PlainBody | StreamedBody
        const answer = await openai.chat.completions.create(body, { signal: client.signal })
        if (Symbol.asyncIterator in answer) for await (const chunk of answer) expect(chunk.object).toContain('chunk')
        // An iteration ends in silence where its user aborts it.
        throw new APIUserAbortError()
      }
      const ended = read().catch((error: unknown) => error)
      await atWork()
      client.abort()
      expect(await ended).toBeInstanceOf(APIUserAbortError)
    }),
  )

  it('mid-answer, relayed: its engine stops within 250 ms', () =>
    expectPromptStop(async () => {
      const client = new AbortController()
      const body = { model: engineModel, messages: messagesOf(prompt), stream: true } as const
      for await (const chunk of await openai.chat.completions.create(body, { signal: client.signal })) {
        if (chunk.choices[0]?.delta.content) break
      }
    }))

  it('AI SDK, streamed: its engines stop within 250 ms', () =>
    expectPromptStop(async () => {
      const client = new AbortController()
      const { aiSdk } = clientsOf(gateway)
      const providerOptions = { inframind: { inframind: longTeam.inframind } }
      const options = { model: aiSdk('inframind'), prompt, maxRetries: 0, abortSignal: client.signal, providerOptions }
      const read = async () => {
        const types: string[] = []
        for await (const { type } of streamText(options).fullStream) types.push(type)
        return types.at(-1)
      }
      const last = read()
      await atWork()
      client.abort()
      expect(await last).toBe('abort')
    }))

  it('at its own time-out of less than a second: its engines stop within 250 ms', () =>
    expectPromptStop(async () => {
      const request = openai.chat.completions.create(chat(longTeam) as PlainBody, { timeout: 150 })
      await expect(request).rejects.toBeInstanceOf(APIConnectionTimeoutError)
    }))
})
