/** @file What is read from a streamed answer, from any server. */
import { describe, expect, it } from 'vitest'
import { aPlan, aStory } from '../../../../test/live-query.ts'
import { delta, finish, usage } from '../../../../test/scripted-chat-server.ts'
import { AnswerStream } from './answer-stream.ts'

function read(...chunks: readonly unknown[]): AnswerStream {
  const stream = new AnswerStream()
  for (const chunk of chunks) stream.take(typeof chunk === 'string' ? chunk : JSON.stringify(chunk))
  return stream
}

describe('AnswerStream', () => {
  it('joins the text, keeps the usage, and is complete at its end', () => {
    const stream = read(delta('The answer '), delta('is 12.'), finish(), usage(20, 11), '[DONE]')
    expect(stream).toMatchObject({
      text: 'The answer is 12.',
      finishReason: 'stop',
      usage: { promptTokens: 20, outputTokens: 11 },
      problem: null,
      isDone: true,
      isComplete: true,
      story: null,
      planned: null,
    })
  })

  it('says which chunks bring text, shown or reasoned', () => {
    const stream = new AnswerStream()
    const reasoned = { choices: [{ delta: { reasoning_content: 'Hm.' } }] }
    const chunks = [delta(''), reasoned, delta('12'), finish(), usage(1, 1), { choices: [] }]
    expect(chunks.map((chunk) => stream.take(JSON.stringify(chunk)))).toEqual([false, true, true, false, false, false])
    expect(stream.text).toBe('12')
  })

  it.each([
    ['nothing', []],
    ['text alone', [delta('The answer is')]],
  ])('is not complete after %s', (_what, chunks) => {
    expect(read(...chunks).isComplete).toBe(false)
  })

  it('is complete after a finish reason: not every server says [DONE]', () => {
    expect(read(delta('12'), finish('length'))).toMatchObject({
      isComplete: true,
      isDone: false,
      finishReason: 'length',
    })
  })

  it('takes an error within the stream as the end of it, whatever follows', () => {
    const stream = read(delta('12'), { error: { message: 'overloaded' } }, finish(), '[DONE]')
    expect(stream.isComplete).toBe(false)
    expect(stream.problem).toContain('overloaded')
  })

  it.each(['not json', '[]', '7', '{"choices":"none"}', '{"usage":{"prompt_tokens":-1}}'])(
    'takes %s as broken',
    (data) => {
      expect(read(delta('12'), data, finish(), '[DONE]')).toMatchObject({
        isComplete: false,
        problem: expect.stringContaining('not a chunk'),
      })
    },
  )

  it('reads the plan and the story of an INFRAMIND gateway, and passes its other events over', () => {
    const event = (inframind: object) => ({ choices: [], inframind })
    const stream = read(
      event(aPlan()),
      event({ type: 'step-started', step: '0/0' }),
      delta('12'),
      finish('stop', { inframind: aStory() }),
    )
    expect(stream.planned).toEqual(aPlan())
    expect(stream.story).toEqual(aStory())
  })

  it('reads a whole completion of a server that does not stream', () => {
    const whole = {
      choices: [{ index: 0, message: { role: 'assistant', content: '12' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 1 },
    }
    expect(read(whole)).toMatchObject({ text: '12', isComplete: true, usage: { promptTokens: 3, outputTokens: 1 } })
  })
})
