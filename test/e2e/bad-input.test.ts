/**
 * @file Bad input over a real socket, one table: every refusal is a 4xx in OpenAI's shape that names the field and says
 * what to do; none is a 500, and the gateway answers the next good request as if nothing had happened.
 */
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openTwinGateway, type TwinGateway } from '../open-twin-gateway.ts'
import { type AskOptions, ask, expectQuiet, question, type WireError } from './http-client.ts'

const bodyBytes = 100_000
const model = 'Llama-3.2-3B-Instruct'
let gateway: TwinGateway

beforeAll(async () => {
  const limits = { waiting: 1000, bodyBytes, connections: null }
  gateway = await openTwinGateway({ models: [model], config: { limits } })
})
afterEach(async () => {
  const quick = { budget_ms: 20_000, max_agents: 1, strategy: 'Flash' }
  const good = await ask(gateway.url, question('Name a colour.', { inframind: quick }))
  expect(good.status, 'a good request afterwards').toBe(200)
})
afterAll(async () => {
  await expectQuiet(gateway)
  await gateway.stop()
})

const withFields = (fields: object) => question('What is 2 + 2?', fields)
const withBudget = (budget_ms: unknown) => withFields({ inframind: { budget_ms } })
const withContent = (content: unknown) => withFields({ messages: [{ role: 'user', content }] })
const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`

interface Case {
  readonly body: unknown
  readonly status?: number
  readonly code: string
  readonly param?: string
  /** What the message must say: the fix, or the valid form. */
  readonly says: RegExp
  readonly options?: AskOptions
}

const cases: Record<string, Case> = {
  'malformed JSON': { body: '{"model": "inframind", ', code: 'REQUEST_INVALID', says: /not valid JSON/ },
  'no body': { body: '', code: 'REQUEST_INVALID', says: /empty.*expected a JSON object/ },
  'a list for a body': { body: '[1]', code: 'REQUEST_INVALID', says: /expected a JSON object/i },
  'null for a body': { body: 'null', code: 'REQUEST_INVALID', says: /expected a JSON object/i },
  'invalid UTF-8': {
    body: Buffer.concat([
      Buffer.from('{"model":"inframind","messages":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]),
    code: 'REQUEST_INVALID',
    says: /UTF-8/,
  },
  'nesting without end': {
    body: `{"model":"inframind","messages":${deep}}`,
    code: 'REQUEST_INVALID',
    says: /nests deeper than 100/,
  },
  'a huge body': {
    body: withContent('x'.repeat(bodyBytes)),
    status: 413,
    code: 'PAYLOAD_TOO_LARGE',
    says: /longer than/,
  },
  'another content type': {
    body: withFields({}),
    status: 415,
    code: 'MEDIA_TYPE_UNSUPPORTED',
    says: /application\/json/,
    options: { headers: { 'content-type': 'text/plain' } },
  },
  'a compressed body': {
    body: withFields({}),
    status: 415,
    code: 'MEDIA_TYPE_UNSUPPORTED',
    says: /plain JSON/,
    options: { headers: { 'content-encoding': 'gzip' } },
  },
  'no model': {
    body: withFields({ model: undefined }),
    code: 'REQUEST_INVALID',
    param: 'model',
    says: /name of a model/,
  },
  'a number for a model': { body: withFields({ model: 7 }), code: 'REQUEST_INVALID', param: 'model', says: /name/ },
  'a misspelt model': {
    body: withFields({ model: 'inframnid' }),
    status: 404,
    code: 'MODEL_UNKNOWN',
    param: 'model',
    says: /"inframind"/,
  },
  'a misspelt engine model': {
    body: withFields({ model: 'Llama-3.2-3B-Instruct-' }),
    status: 404,
    code: 'MODEL_UNKNOWN',
    param: 'model',
    says: /"Llama-3.2-3B-Instruct"/,
  },
  'no messages': {
    body: withFields({ messages: [] }),
    code: 'REQUEST_INVALID',
    param: 'messages',
    says: /at least one/,
  },
  'text for messages': {
    body: withFields({ messages: 'hi' }),
    code: 'REQUEST_INVALID',
    param: 'messages',
    says: /list/,
  },
  'a number for content': {
    body: withContent(7),
    code: 'REQUEST_INVALID',
    param: 'messages[0].content',
    says: /string or a list/,
  },
  'an unknown role': {
    body: withFields({ messages: [{ role: 'robot', content: 'hi' }] }),
    code: 'REQUEST_INVALID',
    param: 'messages[0].role',
    says: /one of system/,
  },
  'an image': {
    body: withContent([{ type: 'text', text: 'What is this?' }, image]),
    code: 'UNSUPPORTED_PARAMETER',
    param: 'messages[0].content[1]',
    says: /send text/,
  },
  'two answers': { body: withFields({ n: 2 }), code: 'UNSUPPORTED_PARAMETER', param: 'n', says: /send n requests/ },
  'both caps on tokens': {
    body: withFields({ max_tokens: 5, max_completion_tokens: 5 }),
    code: 'REQUEST_INVALID',
    param: 'max_tokens',
    says: /not both/,
  },
  'a cap of zero': {
    body: withFields({ max_tokens: 0 }),
    code: 'REQUEST_INVALID',
    param: 'max_tokens',
    says: /1 or more/,
  },
  'text for stream': {
    body: withFields({ stream: 'yes' }),
    code: 'REQUEST_INVALID',
    param: 'stream',
    says: /true or false/,
  },
  'a temperature out of range': {
    body: withFields({ temperature: 9 }),
    code: 'REQUEST_INVALID',
    param: 'temperature',
    says: /from 0 to 2/,
  },
  'stream options without a stream': {
    body: withFields({ stream_options: { include_usage: true } }),
    code: 'REQUEST_INVALID',
    param: 'stream_options',
    says: /"stream": true/,
  },
  'tools that are no objects': {
    body: withFields({ tools: ['add'] }),
    code: 'REQUEST_INVALID',
    param: 'tools[0]',
    says: /object/,
  },
  'an unknown extension key': {
    body: withFields({ inframind: { budget: 5 } }),
    code: 'REQUEST_INVALID',
    param: 'inframind.budget',
    says: /budget_ms/,
  },
  'text for the extension': {
    body: withFields({ inframind: 'fast' }),
    code: 'REQUEST_INVALID',
    param: 'inframind',
    says: /object/,
  },
  'a misspelt topology': {
    body: withFields({ inframind: { topology: 'debat' } }),
    code: 'REQUEST_INVALID',
    param: 'inframind.topology',
    says: /debate/,
  },
  'too many agents': {
    body: withFields({ inframind: { max_agents: 99 } }),
    code: 'REQUEST_INVALID',
    param: 'inframind.max_agents',
    says: /from 1 to 6/,
  },
  'a team on a relayed request': {
    body: withFields({ model, inframind: { topology: 'debate' } }),
    code: 'UNSUPPORTED_PARAMETER',
    param: 'inframind',
    says: /ask for "inframind"/,
  },
  'a budget as a suffix that is none': {
    body: withFields({ model: 'inframind@soon' }),
    code: 'REQUEST_INVALID',
    param: 'model',
    says: /inframind@10s/,
  },
  'the gateway asked for embeddings': {
    body: { model: 'inframind', input: 'x' },
    code: 'UNSUPPORTED_PARAMETER',
    param: 'model',
    says: /engine's model/,
    options: { path: '/v1/embeddings' },
  },
  'a path that is none': {
    body: withFields({}),
    status: 404,
    code: 'NOT_FOUND',
    says: /nothing under this path/,
    options: { path: '/v2/chat/completions' },
  },
  'a POST where only a GET is': {
    body: withFields({}),
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    says: /GET/,
    options: { path: '/v1/models' },
  },
}

const badBudgets: readonly unknown[] = [0, -1, -0.001, 86_400_001, 1e300, '5s', true, [5], {}]
for (const value of badBudgets) {
  cases[`a budget of ${JSON.stringify(value)} in the body`] = {
    body: withBudget(value),
    code: 'REQUEST_INVALID',
    param: 'inframind.budget_ms',
    says: /above 0 and at most 86400000/,
  }
}
for (const value of ['0', '-5', '1e9', '5s', '', 'NaN', 'Infinity', '0x10', '99999999999', '1,2']) {
  cases[`a budget of "${value}" in the header`] = {
    body: withFields({}),
    code: 'REQUEST_INVALID',
    param: 'x-inframind-budget-ms',
    says: /above 0 and at most 86400000/,
    options: { headers: { 'x-inframind-budget-ms': value } },
  }
}
for (const suffix of ['0s', '-1s', '', '10', '1e3s', '25h', '9999999h', 's']) {
  cases[`a budget of "${suffix}" as a suffix`] = {
    body: withFields({ model: `inframind@${suffix}` }),
    code: 'REQUEST_INVALID',
    param: 'model',
    says: /inframind@10s|above 0 and at most 86400000/,
  }
}

function expectRefusal(error: WireError | undefined, { code, param, says }: Pick<Case, 'code' | 'param' | 'says'>) {
  expect(error).toEqual({
    message: expect.stringMatching(says),
    type: 'invalid_request_error',
    param: param ?? null,
    code: expect.toSatisfy((word: unknown) => word === null || typeof word === 'string'),
    inframind_code: code,
  })
}

describe('the gateway refuses', () => {
  it.each(Object.entries(cases))('%s', async (_name, { body, options = {}, ...expected }) => {
    const { status, headers, json } = await ask(gateway.url, body, options)
    expect(status).toBe(expected.status ?? 400)
    expectRefusal(json.error, expected)
    expect(headers.get('x-should-retry')).toBe('false')
    expect(headers.get('content-type')).toMatch(/^application\/json/)
  })

  it('the same when asked to stream: the status still tells', async () => {
    const { status, json } = await ask(gateway.url, withFields({ stream: true, inframind: { budget_ms: -1 } }))
    expect([status, json.error?.param]).toEqual([400, 'inframind.budget_ms'])
  })

  it.each(['PUT', 'DELETE', 'PATCH', 'GET'])('%s on the chat path', async (method) => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    expectRefusal(((await response.json()) as { error: WireError }).error, { code: 'METHOD_NOT_ALLOWED', says: /POST/ })
  })

  it('a run that is not kept', async () => {
    const response = await fetch(`${gateway.url}/v1/runs/run_none`)
    expect(response.status).toBe(404)
    expectRefusal(((await response.json()) as { error: WireError }).error, { code: 'NOT_FOUND', says: /kept/ })
  })

  it('what is not HTTP, and a body that ends early', async () => {
    const { port } = new URL(gateway.url)
    const send = (text: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(text))
        let heard = ''
        socket.on('data', (bytes) => {
          heard += bytes.toString()
        })
        socket.on('error', reject)
        socket.on('close', () => resolve(heard))
      })
    expect(await send('hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*"inframind_code":"REQUEST_INVALID"/)
    const head = 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'
    expect(await send(`${head}content-length: 500\r\n\r\n{"model":`)).not.toMatch(/^HTTP\/1\.1 5/)
  })
})

describe('the gateway takes', () => {
  it.each([
    ['null for optional fields', withFields({ temperature: null, tools: null, stream: null, inframind: null, n: 1 })],
    ['fields that it does not know', withFields({ repetition_penalty: 1.1, min_p: 0.05 })],
    ['a question of nothing but blanks', withContent('   ')],
    ['unusual text', withContent('\u0000\uFFFF \u202E\u{1F600} "\\ </script>')],
    ['a budget with a fraction of a millisecond', withBudget(10_000.5)],
  ])('%s', async (_name, body) => {
    expect((await ask(gateway.url, body)).status).toBe(200)
  })

  it.each([1, 0.001])('a budget of %s ms, and answers or says that there was no time', async (budgetMs) => {
    const { status, json } = await ask(gateway.url, withBudget(budgetMs))
    if (status === 200) expect(json.inframind.degraded).not.toBeNull()
    else expect([status, json.error?.inframind_code]).toEqual([504, 'DEADLINE_EXCEEDED'])
  })
})
