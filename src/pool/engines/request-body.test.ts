/** @file What goes out: whose field wins, the cap's name, the priority's sense. */
import { describe, expect, it } from 'vitest'
import { anEngineCall } from '../../testing/index.ts'
import { type BodyOptions, priorityFor, requestBody } from './request-body.ts'

const options: BodyOptions = {
  servedModel: 'org/qwen',
  extraBody: {},
  usesMaxCompletionTokens: false,
  priority: 'none',
}
const bodyOf = (call: Parameters<typeof anEngineCall>[0], overrides: Partial<BodyOptions> = {}) =>
  JSON.parse(requestBody(anEngineCall(call), { ...options, ...overrides }))

describe('requestBody', () => {
  it('names the model as the engine does, streams, and asks for usage', () => {
    const messages = [{ role: 'user' as const, content: 'Hi', name: 'Ada' }]
    expect(bodyOf({ messages, maxOutputTokens: 64 })).toEqual({
      model: 'org/qwen',
      messages,
      max_tokens: 64,
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  it('lets the call beat the strategy, and our own fields beat both', () => {
    const extraBody = { Concise: { temperature: 0.1, reasoning_effort: 'low', stream: false }, Flash: { top_k: 1 } }
    const body = {
      temperature: 0.7,
      model: 'other',
      stream: false,
      stream_options: {},
      max_tokens: 9,
      max_completion_tokens: 9,
    }
    expect(bodyOf({ body, maxOutputTokens: 64 }, { extraBody })).toMatchObject({
      temperature: 0.7,
      reasoning_effort: 'low',
      model: 'org/qwen',
      stream: true,
      max_tokens: 64,
    })
    expect(bodyOf({ body }, { extraBody })).not.toHaveProperty('max_completion_tokens')
    expect(bodyOf({ body }, { extraBody })).not.toHaveProperty('top_k')
  })

  it('adds nothing for a call without a strategy', () => {
    const meaning = { ...anEngineCall().meaning, strategy: null }
    expect(bodyOf({ meaning }, { extraBody: { Concise: { top_k: 1 } } })).not.toHaveProperty('top_k')
  })

  it('can say the cap in the newer word', () => {
    const body = bodyOf({ maxOutputTokens: 64, body: { max_tokens: 9 } }, { usesMaxCompletionTokens: true })
    expect(body.max_completion_tokens).toBe(64)
    expect(body).not.toHaveProperty('max_tokens')
  })

  it('sends the deadline as an integer priority, sooner first in either sense', () => {
    const early = { deadlineAtMs: 1_795_166_858_123.4 }
    expect(bodyOf(early, { priority: 'lower-first' }).priority).toBe(1_795_166_858_123)
    expect(bodyOf(early, { priority: 'higher-first' }).priority).toBe(-1_795_166_858_123)
    expect(bodyOf(early)).not.toHaveProperty('priority')
    expect(priorityFor(10, 'lower-first')).toBeLessThan(priorityFor(20, 'lower-first') as number)
    expect(priorityFor(10, 'higher-first')).toBeGreaterThan(priorityFor(20, 'higher-first') as number)
  })
})
