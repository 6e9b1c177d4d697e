/** @file Whatever comes in, the gateway answers 200 or a 4xx in OpenAI's shape: never a 500, never a crash. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aGateway, chat, says } from '../../../test/gateway-fakes.ts'
import type { InjectedResponse } from './ports.ts'

const rich = {
  ...chat(),
  stream: false,
  max_tokens: 100,
  temperature: 0.5,
  top_p: 0.9,
  stop: ['a'],
  seed: 1,
  n: 1,
  tools: [{ type: 'function', function: { name: 'f' } }],
  response_format: { type: 'json_object' },
  reasoning_effort: 'low',
  metadata: { a: 'b' },
  inframind: { budget_ms: 1000, domain: 'math', max_agents: 2, steps: 'events' },
}

function checkAnswer({ status, body, headers }: InjectedResponse) {
  expect(status === 200 || (status >= 400 && status < 500), `${status}: ${body.slice(0, 300)}`).toBe(true)
  if (status === 200) return
  const { error } = JSON.parse(body) as { error: Record<string, unknown> }
  expect(typeof error['message'] === 'string' && typeof error['inframind_code'] === 'string').toBe(true)
  expect(error).toHaveProperty('param')
  expect(headers['x-should-retry']).toBe('false')
}

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, -1, 0, 1e308, '', '__proto__', 'auto', [], {}, [[]], true, '\u0000', '\ud800', 'inframind@1s'),
)

/** `rich` with the value at some path replaced, removed or joined by an unknown key. */
const mutated = fc
  .array(
    fc.tuple(
      fc.array(fc.nat(12), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('set', 'drop', 'add'),
      odd,
      fc.string(),
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((mutations) => {
    const body = structuredClone(rich) as Record<string, unknown>
    for (const [path, kind, value, name] of mutations) mutate(body, path, { kind, value, name })
    return body
  })

function mutate(
  target: Record<string, unknown>,
  path: readonly number[],
  change: { kind: string; value: unknown; name: string },
) {
  const keys = Object.keys(target)
  const key = keys[(path[0] as number) % Math.max(1, keys.length)]
  const inner = key === undefined ? undefined : target[key]
  if (path.length > 1 && typeof inner === 'object' && inner !== null) {
    mutate(inner as Record<string, unknown>, path.slice(1), change)
  } else if (change.kind === 'add' || key === undefined) target[change.name] = change.value
  else if (change.kind === 'drop') delete target[key]
  else target[key] = change.value
}

describe('fuzzed requests', () => {
  it('mutated bodies', async () => {
    const { gateway } = await aGateway(says('ok'))
    await fc.assert(
      fc.asyncProperty(mutated, async (body) => {
        checkAnswer(await gateway.inject({ method: 'POST', path: '/v1/chat/completions', body: JSON.stringify(body) }))
      }),
      { numRuns: 400 },
    )
  })

  it('mutated bytes', async () => {
    const { gateway } = await aGateway(says('ok'))
    const text = Buffer.from(JSON.stringify(rich))
    const edits = fc.array(fc.tuple(fc.nat(text.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(edits, fc.nat(text.length), async (changes, length) => {
        const bytes = Buffer.from(text.subarray(0, Math.max(length, text.length / 2)))
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        checkAnswer(await gateway.inject({ method: 'POST', path: '/v1/chat/completions', body: bytes }))
      }),
      { numRuns: 300 },
    )
  })

  it('relayed bodies and odd headers', async () => {
    const { gateway } = await aGateway()
    const headerText = fc.string({ maxLength: 20 }).map((text) => text.replace(/[^\x20-\x7e]/g, ''))
    const headers = fc.record(
      {
        'x-inframind-budget-ms': headerText,
        'x-stainless-timeout': headerText,
        'x-litellm-timeout': headerText,
        authorization: headerText,
        'content-type': fc.oneof(headerText, fc.constant('application/json')),
      },
      { requiredKeys: [] },
    )
    const path = fc.constantFrom('/v1/embeddings', '/v1/completions', '/v1/chat/completions', '/v1/x', '/v1/a/b?c=%zz')
    await fc.assert(
      fc.asyncProperty(path, headers, fc.dictionary(fc.string(), odd), async (target, sent, fields) => {
        const body = JSON.stringify({ ...fields, model: 'small' })
        checkAnswer(await gateway.inject({ method: 'POST', path: target, headers: sent, body }))
      }),
      { numRuns: 200 },
    )
  })

  it('paths', async () => {
    const { gateway } = await aGateway()
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS' as const)
    const segment = fc.oneof(fc.constantFrom('v1', 'models', 'chat', 'runs', '..', '%00', '%', 'health'), fc.webPath())
    await fc.assert(
      fc.asyncProperty(method, fc.array(segment, { maxLength: 4 }), async (verb, segments) => {
        checkAnswer(await gateway.inject({ method: verb, path: `/${segments.join('/').replace(/^\/+/, '')}` }))
      }),
      { numRuns: 200 },
    )
  })
})
