/** @file Answers that are not streamed: the chat completion, its story and headers, and errors with their status. */
import { describe, expect, it } from 'vitest'
import { aGateway, answered, says } from '../../../test/gateway-fakes.ts'
import { ask, errorOf } from '../../../test/gateway-requests.ts'
import { InframindError } from '../../core/index.ts'

describe('an answer that is not streamed', () => {
  it('is a usual chat completion with summed usage, the story, and headers', async () => {
    const { gateway } = await aGateway(says('It is 391.'))
    const { status, headers, body } = await gateway.inject(ask({ model: 'inframind@10s' }))
    const answer = JSON.parse(body)
    expect(status).toBe(200)
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'inframind@10s',
      system_fingerprint: 'policy_1',
      choices: [
        { index: 0, message: { role: 'assistant', content: 'It is 391.' }, logprobs: null, finish_reason: 'stop' },
      ],
      usage: {
        prompt_tokens: 500,
        completion_tokens: 320,
        total_tokens: 820,
        completion_tokens_details: { reasoning_tokens: 200 },
      },
      inframind: {
        topology: 'io',
        final_usage: { prompt_tokens: 200, completion_tokens: 120, total_tokens: 320 },
        budget_ms: 10_000,
        elapsed_ms: 1300,
        slack_ms: 8700,
        on_time: true,
        degraded: null,
      },
    })
    expect(answer.inframind).not.toHaveProperty('simulated')
    expect(answer.inframind.steps).toEqual([
      {
        step: '0/0',
        role: 'MathSolver',
        model: 'small',
        strategy: 'Concise',
        queue_ms: 0,
        ttft_ms: 100,
        e2e_ms: 1300,
        prompt_tokens: 200,
        output_tokens: 120,
        predicted_ms: 1300,
        status: 'done',
      },
      expect.objectContaining({ step: '0/1', model: null, strategy: null, status: 'stopped' }),
    ])
    expect(answer.id).toBe(`chatcmpl-${answer.inframind.run_id}`)
    expect(headers).toMatchObject({
      'x-inframind-run-id': answer.inframind.run_id,
      'x-inframind-topology': 'io',
      'x-inframind-slack-ms': '8700',
      'x-inframind-degraded': 'none',
    })
  })

  it('relays tool calls, log-probabilities and the engine finish reason', async () => {
    const toolCalls = [{ id: 'call_1', type: 'function', function: { name: 'add', arguments: '{}' } }]
    const result = { toolCalls, finishReason: 'tool_calls', logprobs: { content: [] } }
    const { gateway } = await aGateway(async ({ request }) => answered(request, '', result))
    const { choices } = JSON.parse((await gateway.inject(ask())).body)
    expect(choices).toEqual([
      {
        index: 0,
        message: { role: 'assistant', content: null, tool_calls: toolCalls },
        logprobs: { content: [] },
        finish_reason: 'tool_calls',
      },
    ])
  })

  it('shows reasoning only where asked for', async () => {
    const { gateway } = await aGateway(says('391', { reasoning: 'since 17 x 23' }))
    const message = async (fields: object) => JSON.parse((await gateway.inject(ask(fields))).body).choices[0].message
    expect(await message({})).not.toHaveProperty('reasoning_content')
    expect((await message({ inframind: { steps: 'reasoning' } })).reasoning_content).toBe('since 17 x 23')
  })

  it('names the worst degradation, and a cut as length', async () => {
    const { gateway } = await aGateway(says('39', { degraded: ['steps-dropped', 'cut'] }))
    const { body, headers } = await gateway.inject(ask())
    expect(JSON.parse(body)).toMatchObject({ choices: [{ finish_reason: 'length' }], inframind: { degraded: 'cut' } })
    expect(headers['x-inframind-degraded']).toBe('cut')
  })

  it.each<[InframindError, number, Record<string, string | undefined>]>([
    [new InframindError('BUDGET_INFEASIBLE', 'm', { status: 422 }), 422, { 'x-should-retry': 'false' }],
    [
      new InframindError('BUDGET_INFEASIBLE', 'm', { retryAfterMs: 1200.4 }),
      429,
      { 'retry-after-ms': '1201', 'retry-after': '2' },
    ],
    [new InframindError('POOL_UNAVAILABLE', 'm'), 503, { 'retry-after-ms': '1000', 'x-should-retry': undefined }],
    [new InframindError('ENGINE_UNREACHABLE', 'm'), 502, { 'retry-after-ms': undefined, 'x-should-retry': undefined }],
    [new InframindError('DEADLINE_EXCEEDED', 'm'), 504, { 'x-should-retry': 'false' }],
    [new InframindError('CONTEXT_TOO_LONG', 'm', { param: 'messages' }), 400, { 'x-should-retry': 'false' }],
  ])('a run that fails with %o keeps its status', async (error, status, headers) => {
    for (const stream of [false, true]) {
      const { gateway } = await aGateway(async ({ request }) => answered(request, '', { status: 'failed', error }))
      const response = await gateway.inject(ask({ stream }))
      expect(errorOf(response)).toMatchObject({ status, inframind_code: error.code, message: 'm', param: error.param })
      expect(response.headers).toMatchObject(
        Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
      )
      for (const [name, value] of Object.entries(headers))
        if (value === undefined) expect(response.headers[name]).toBeUndefined()
      expect(response.headers['x-inframind-run-id']).toMatch(/^run_[0-9a-f]{32}$/)
    }
  })

  it('hides what we did not foresee, and logs it', async () => {
    const logged: object[] = []
    const logger = { info: () => {}, warn: () => {}, error: (fields: object) => logged.push(fields) }
    const { gateway } = await aGateway(() => Promise.reject(new Error('inner secret')), { logger })
    const response = await gateway.inject(ask())
    expect(errorOf(response)).toMatchObject({ status: 500, inframind_code: 'INVARIANT_VIOLATED' })
    expect(response.body).not.toContain('inner secret')
    expect(logged).toHaveLength(1)
  })
})
