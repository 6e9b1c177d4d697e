/** @file Every row of the field table: what a chat request's field does, where it goes, and how it is refused. */
import { describe, expect, it } from 'vitest'
import { virtualModel } from '../../../test/gateway-fakes.ts'
import { InframindError, type JsonObject } from '../../core/index.ts'
import type { QueryRequest } from './ports.ts'
import { type ChatContext, type ChatRequest, toChatRequest } from './query-request.ts'

const user = { role: 'user', content: 'hello' }
const parse = (fields: object = {}, context: Partial<ChatContext> = {}): ChatRequest =>
  toChatRequest(
    { bytes: new Uint8Array(), fields: { model: 'inframind', messages: [user], ...fields } as JsonObject },
    {
      runId: 'run_1',
      arrivedAtMs: 100,
      headers: {},
      virtual: virtualModel(),
      suffixBudgetMs: null,
      defaultBudgetMs: 30_000,
      topologies: ['io', 'debate'],
      engineModels: [],
      key: null,
      ...context,
    },
  )
const refusal = (fields: object, context: Partial<ChatContext> = {}): InframindError => {
  try {
    parse(fields, context)
  } catch (error) {
    if (error instanceof InframindError) return error
    throw error
  }
  throw new Error('it was taken')
}

const tools = [{ type: 'function', function: { name: 'add', parameters: {} } }]
const schemaFormat = { type: 'json_schema', json_schema: { name: 'x', schema: {} } }

describe('a plain request', () => {
  it('becomes a query with nothing added', () => {
    const { query, ...rest } = parse()
    expect(query).toEqual({
      runId: 'run_1',
      arrivedAtMs: 100,
      budgetMs: 30_000,
      messages: [user],
      limits: {},
      soloReason: null,
      finalStepBody: {},
      maxOutputTokens: null,
      seed: null,
    })
    expect(rest).toEqual({ isStreamed: false, includesUsage: false, steps: 'off' })
  })

  it('keeps the conversation as it came, unknown fields included', () => {
    const messages = [
      { role: 'system', content: 'Be brief.', cache: true },
      { role: 'developer', content: [{ type: 'text', text: 'a', extra: 1 }] },
      { role: 'assistant', content: null },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }] },
      { ...user, name: 'Ada' },
    ]
    expect(parse({ messages }).query.messages).toEqual(messages)
  })

  it('takes null as absent, everywhere', () => {
    const names =
      'stream stream_options max_tokens max_completion_tokens n seed reasoning_effort temperature top_p stop'
    const more =
      'logit_bias logprobs top_logprobs tools functions response_format user metadata store audio modalities priority inframind'
    const nulls = Object.fromEntries(`${names} ${more}`.split(' ').map((name) => [name, null]))
    expect(parse(nulls).query).toEqual(parse().query)
  })
})

describe('tools', () => {
  it.each<[string, object]>([
    ['tools', { tools, tool_choice: 'auto', parallel_tool_calls: false }],
    ['functions', { functions: [{ name: 'add' }], function_call: 'auto' }],
  ])('%s make one agent and go to its call whole', (_, fields) => {
    const { query } = parse(fields)
    expect(query).toMatchObject({ soloReason: 'tools', finalStepBody: fields })
  })

  it.each<[string, object]>([
    ['a tool message', { role: 'tool', tool_call_id: 'c', content: '4' }],
    ['a function message', { role: 'function', name: 'add', content: '4' }],
    ['an assistant that called tools', { role: 'assistant', content: null, tool_calls: [] }],
    ['an assistant that called a function', { role: 'assistant', function_call: { name: 'add', arguments: '' } }],
  ])('%s in the history makes one agent', (_, message) =>
    expect(parse({ messages: [user, message, user] }).query.soloReason).toBe('tools'),
  )

  it('an empty list of tools asks for nothing', () => expect(parse({ tools: [] }).query.soloReason).toBeNull())

  it('with a topology asked for are refused, with one from the virtual model they win', () => {
    expect(refusal({ tools, inframind: { topology: 'debate' } })).toMatchObject({
      code: 'UNSUPPORTED_PARAMETER',
      param: 'inframind.topology',
    })
    const virtual = virtualModel({ limits: { topology: 'debate', maxCalls: 3 } })
    expect(parse({ tools }, { virtual }).query.limits).toEqual({ maxCalls: 3 })
    expect(parse({}, { virtual }).query.limits).toEqual({ topology: 'debate', maxCalls: 3 })
  })
})

describe('response_format', () => {
  it('makes one agent and goes to its call', () => {
    expect(parse({ response_format: schemaFormat }).query).toMatchObject({
      soloReason: 'response-format',
      finalStepBody: { response_format: schemaFormat },
    })
    expect(parse({ guided_choice: ['a', 'b'] }).query.soloReason).toBe('response-format')
  })

  it('of plain text binds nothing', () =>
    expect(parse({ response_format: { type: 'text' } }).query.soloReason).toBeNull())

  it('yields to tools as the reason', () =>
    expect(parse({ tools, response_format: schemaFormat }).query.soloReason).toBe('tools'))

  it('with a topology asked for is refused', () =>
    expect(refusal({ response_format: schemaFormat, inframind: { topology: 'io' } }).param).toBe('inframind.topology'))
})

describe('fields of the last step', () => {
  const fields = {
    temperature: 0.2,
    top_p: 0.9,
    stop: ['\n'],
    logit_bias: { 50256: -100 },
    presence_penalty: 1,
    frequency_penalty: -1,
    logprobs: true,
    top_logprobs: 3,
    repetition_penalty: 1.1,
    never_heard_of: { deep: [1] },
  }
  it('go there unchanged, and nothing else does', () => {
    const own = {
      stream: false,
      n: 1,
      seed: 4,
      max_tokens: 9,
      user: 'u',
      metadata: { a: 'b' },
      store: false,
      safety_identifier: 's',
    }
    const { query } = parse({ ...fields, ...own, reasoning_effort: 'low', inframind: {} })
    expect(query.finalStepBody).toEqual(fields)
  })

  it('cannot smuggle a prototype', () => {
    const body = JSON.parse('{"__proto__":{"model":"x"},"constructor":1}') as object
    const { finalStepBody } = parse(body).query
    expect(Object.getPrototypeOf(finalStepBody)).toBe(Object.prototype)
    expect(finalStepBody?.['model']).toBeUndefined()
  })
})

describe('caps, seed and effort', () => {
  it('reads either name of the cap, but not both', () => {
    expect(parse({ max_tokens: 50 }).query.maxOutputTokens).toBe(50)
    expect(parse({ max_completion_tokens: 60 }).query.maxOutputTokens).toBe(60)
    expect(parse({ max_completion_tokens: 60, max_tokens: null }).query.maxOutputTokens).toBe(60)
    expect(refusal({ max_tokens: 1, max_completion_tokens: 1 })).toMatchObject({
      code: 'REQUEST_INVALID',
      param: 'max_tokens',
    })
  })

  it('passes the seed on as the query seed', () => expect(parse({ seed: -7 }).query.seed).toBe(-7))

  it.each([
    ['none', 'Flash'],
    ['minimal', 'Flash'],
    ['low', 'Flash'],
    ['medium', 'Concise'],
    ['high', 'DeepThink'],
    ['xhigh', 'DeepThink'],
  ])('effort %s goes no deeper than %s', (effort, deepestStrategy) =>
    expect(parse({ reasoning_effort: effort }).query.limits).toEqual({ deepestStrategy }),
  )

  it('refuses a strategy deeper than the effort, and leaves out one of the virtual model', () => {
    const error = refusal({ reasoning_effort: 'low', inframind: { strategy: 'DeepThink' } })
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', param: 'inframind.strategy' })
    const virtual = virtualModel({ limits: { strategy: 'DeepThink' } })
    expect(parse({ reasoning_effort: 'medium' }, { virtual }).query.limits).toEqual({ deepestStrategy: 'Concise' })
    expect(parse({ reasoning_effort: 'high' }, { virtual }).query.limits).toEqual({
      deepestStrategy: 'DeepThink',
      strategy: 'DeepThink',
    })
  })
})

describe('streaming', () => {
  it('tells usage only when asked', () => {
    expect(parse({ stream: true })).toMatchObject({ isStreamed: true, includesUsage: false })
    expect(parse({ stream: true, stream_options: { include_usage: true } }).includesUsage).toBe(true)
    expect(parse({ stream: true, stream_options: { include_usage: false, other: 1 } }).includesUsage).toBe(false)
  })
})

describe('the inframind object', () => {
  it('sets every limit', () => {
    const inframind = {
      budget_ms: 1500,
      domain: 'math',
      topology: 'debate',
      max_agents: 3,
      strategy: 'Flash',
      max_calls: 5,
      max_total_tokens: 9000,
      on_deadline: 'fail',
      steps: 'events',
    }
    const { query, steps } = parse({ inframind })
    expect(query).toMatchObject({
      budgetMs: 1500,
      domain: 'math',
      limits: {
        topology: 'debate',
        maxAgents: 3,
        strategy: 'Flash',
        maxCalls: 5,
        maxTotalTokens: 9000,
        onDeadline: 'fail',
      },
    })
    expect(steps).toBe('events')
  })
})

describe('a budget of auto', () => {
  const auto = { inframind: { budget_ms: 'auto' } }
  const asked: QueryRequest[] = []
  const predictP95Ms = (query: QueryRequest) => {
    asked.push(query)
    return 2000
  }

  it('is what the default team would take within the budget that stands otherwise', () => {
    const virtual = virtualModel({ budgetMs: 9000, autoFactor: 2, domain: 'math', limits: { maxAgents: 2 } })
    const { query } = parse(auto, { virtual, predictP95Ms })
    expect(query).toMatchObject({ budgetMs: 4000, autoBudget: { predictedP95Ms: 2000, factor: 2 } })
    expect(asked.pop()).toMatchObject({ budgetMs: 9000, domain: 'math', limits: { maxAgents: 2 }, messages: [user] })
  })

  it('counts 1.5 and the default budget where the virtual model says no more than auto', () => {
    const headers = { 'x-litellm-timeout': '20' }
    const virtual = virtualModel({ budgetMs: 'auto' })
    expect(parse({}, { virtual, predictP95Ms }).query).toMatchObject({ budgetMs: 3000 })
    expect(asked.pop()?.budgetMs).toBe(30_000)
    parse({}, { virtual, headers, predictP95Ms })
    expect(asked.pop()?.budgetMs).toBe(19_750)
  })

  it('is the default, and says nothing, where the pool is unknown', () => {
    for (const unknown of [{}, { predictP95Ms: () => null }]) {
      const { query } = parse(auto, unknown)
      expect(query.budgetMs).toBe(30_000)
      expect(query).not.toHaveProperty('autoBudget')
    }
  })

  it('is no word for anything else', () => {
    expect(refusal({ inframind: { budget_ms: 'soon' } })).toMatchObject({
      code: 'REQUEST_INVALID',
      param: 'inframind.budget_ms',
    })
    expect(refusal({ inframind: { budget_ms: 'soon' } }).message).toContain('or "auto"')
  })
})

describe('what is refused', () => {
  const part = (content: object) => ({ messages: [user, { role: 'user', content: [content] }] })
  it.each<[object, string]>([
    [{ n: 2 }, 'n'],
    [{ store: true }, 'store'],
    [{ audio: { voice: 'a' } }, 'audio'],
    [{ modalities: ['text', 'audio'] }, 'modalities'],
    [{ priority: 1 }, 'priority'],
    [part({ type: 'image_url', image_url: { url: 'x' } }), 'messages[1].content[0]'],
    [part({ type: 'input_audio', input_audio: {} }), 'messages[1].content[0]'],
    [part({ type: 'file', file: {} }), 'messages[1].content[0]'],
    [{ inframind: { tests: [] } }, 'inframind.tests'],
  ])('as unsupported: %j', (fields, param) =>
    expect(refusal(fields)).toMatchObject({ code: 'UNSUPPORTED_PARAMETER', status: 400, param }),
  )

  it.each<[object, string]>([
    [{ messages: undefined }, 'messages'],
    [{ messages: 'hello' }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: [null] }, 'messages[0]'],
    [{ messages: [[]] }, 'messages[0]'],
    [{ messages: [user, { role: 'robot', content: 'x' }] }, 'messages[1].role'],
    [{ messages: [{ content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: null }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: 7 }] }, 'messages[0].content'],
    [part('text' as unknown as object), 'messages[1].content[0]'],
    [part({ text: 'x' }), 'messages[1].content[0].type'],
    [part({ type: 'text', text: 7 }), 'messages[1].content[0].text'],
    [{ stream: 'yes' }, 'stream'],
    [{ stream_options: {} }, 'stream_options'],
    [{ stream: true, stream_options: 1 }, 'stream_options'],
    [{ stream: true, stream_options: { include_usage: 1 } }, 'stream_options.include_usage'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ max_tokens: 1.5 }, 'max_tokens'],
    [{ max_completion_tokens: '9' }, 'max_completion_tokens'],
    [{ n: 0 }, 'n'],
    [{ n: '1' }, 'n'],
    [{ seed: 1.5 }, 'seed'],
    [{ reasoning_effort: 'enormous' }, 'reasoning_effort'],
    [{ temperature: 3 }, 'temperature'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ top_p: -1 }, 'top_p'],
    [{ presence_penalty: 9 }, 'presence_penalty'],
    [{ frequency_penalty: 'x' }, 'frequency_penalty'],
    [{ logprobs: 1 }, 'logprobs'],
    [{ top_logprobs: 21 }, 'top_logprobs'],
    [{ logit_bias: { 1: 'x' } }, 'logit_bias.1'],
    [{ stop: 5 }, 'stop'],
    [{ tools: {} }, 'tools'],
    [{ tools: ['add'] }, 'tools[0]'],
    [{ response_format: 'json' }, 'response_format'],
    [{ response_format: {} }, 'response_format.type'],
    [{ user: 7 }, 'user'],
    [{ metadata: 'x' }, 'metadata'],
    [{ inframind: [] }, 'inframind'],
    [{ inframind: 'fast' }, 'inframind'],
    [{ inframind: { budget_ms: '10' } }, 'inframind.budget_ms'],
    [{ inframind: { budget_ms: -1 } }, 'inframind.budget_ms'],
    [{ inframind: { budget_ms: 0 } }, 'inframind.budget_ms'],
    [{ inframind: { budget_ms: 1e10 } }, 'inframind.budget_ms'],
    [{ inframind: { domain: 'poetry' } }, 'inframind.domain'],
    [{ inframind: { topology: 'star' } }, 'inframind.topology'],
    [{ inframind: { topology: 5 } }, 'inframind.topology'],
    [{ inframind: { max_agents: 7 } }, 'inframind.max_agents'],
    [{ inframind: { max_agents: 0 } }, 'inframind.max_agents'],
    [{ inframind: { strategy: 'Deep' } }, 'inframind.strategy'],
    [{ inframind: { max_calls: 0 } }, 'inframind.max_calls'],
    [{ inframind: { max_total_tokens: 1.5 } }, 'inframind.max_total_tokens'],
    [{ inframind: { on_deadline: 'panic' } }, 'inframind.on_deadline'],
    [{ inframind: { steps: 'all' } }, 'inframind.steps'],
    [{ inframind: { budgetms: 5 } }, 'inframind.budgetms'],
  ])('as invalid: %j', (fields, param) => {
    const error = refusal(fields)
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', status: 400, param })
    expect(error.message).toContain(`${param}: `)
  })

  it.each([
    [{ inframind: { budgetms: 5 } }, 'Did you mean "budget_ms"?'],
    [{ inframind: { max_agent: 5 } }, 'Did you mean "max_agents"?'],
    [{ inframind: { topology: 'debat' } }, 'Did you mean "debate"?'],
  ])('with the nearest valid name: %j', (fields, words) => expect(refusal(fields).message).toContain(words))
})
