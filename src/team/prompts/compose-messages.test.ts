import { describe, expect, it } from 'vitest'
import { type ChatMessage, estimateTokens, type Query, textOf } from '../../core/index.ts'
import { role } from '../roles/index.ts'
import { stepByStepText, strategies } from '../strategies/index.ts'
import { type ComposeInput, composeMessages } from './compose-messages.ts'
import { estimateStepPromptTokens } from './estimate-prompt.ts'

const user: ChatMessage = { role: 'user', content: 'What is 6 times 7?' }
const query = (more: Partial<ComposeInput['query']> = {}): ComposeInput['query'] => ({
  messages: [user],
  domain: 'math',
  answerFormat: 'number',
  soloReason: null,
  ...more,
})
const solve = { kind: 'solve', role: 'MathSolver', isLast: false } as const
const step = (more: Partial<ComposeInput> = {}): ComposeInput => ({
  query: query(),
  step: solve,
  strategy: 'Concise',
  inputs: [],
  remainingMs: 12_300,
  edgeTokens: 300,
  ...more,
})
const notes = [
  { role: 'Mathematician', text: 'Six sevens.\nThe answer is 42', answer: '42' },
  { role: 'Scientist', text: 'Perhaps more.', answer: null },
]
/** Our message's text. */
const told = (input: ComposeInput): string => {
  const own = composeMessages(input).filter((message) => !input.query.messages.includes(message))
  expect(own).toHaveLength(1)
  expect(own[0]?.role).toBe('system')
  return textOf(own[0] as ChatMessage)
}

describe("the caller's messages", () => {
  const conversations: readonly (readonly ChatMessage[])[] = [
    [user],
    [{ role: 'system', content: 'Be kind.' }, user],
    [{ role: 'system', content: 'Be kind.' }, { role: 'developer', content: 'In French.' }, user],
    [user, { role: 'assistant', content: 'Yes?' }, { role: 'system', content: 'Later rule.' }, user],
    [{ role: 'user', content: [{ type: 'text', text: 'a' }], name: 'x', unknown: { kept: true } }],
    [{ role: 'system', content: 'Only this.' }],
    [],
  ]

  it.each(conversations.map((messages) => ({ messages })))('stand unchanged and in order: %j', ({ messages }) => {
    const composed = composeMessages(step({ query: query({ messages }), inputs: notes }))
    expect(composed).toHaveLength(messages.length + 1)
    const rest = composed.filter((message) => messages.includes(message))
    for (const [index, message] of messages.entries()) expect(rest[index]).toBe(message)
  })

  it('are followed by ours right after the leading system and developer messages, before any turn', () => {
    const places = conversations.map((messages) => {
      const composed = composeMessages(step({ query: query({ messages }) }))
      return composed.findIndex((message) => !messages.includes(message))
    })
    expect(places).toEqual([0, 1, 2, 0, 0, 1, 0])
  })
})

describe('what a member of a team is told', () => {
  it('is the depth first, then its role, the form of the answer and the time', () => {
    const lines = told(step()).split('\n')
    expect(lines).toEqual([
      strategies.Concise.instruction,
      '## Your part: solve, as MathSolver (answer form: number)',
      role('MathSolver', 'math').text,
      expect.stringContaining('"The answer is N"'),
      'Time left: 12 s.',
    ])
  })

  it.each([
    ['number', 'The answer is N'],
    ['choice', 'The answer is (X)'],
    ['code', 'fenced code block'],
    ['text', 'as its reader should see it'],
  ] as const)('asks for %s in the form %j', (answerFormat, form) => {
    expect(told(step({ query: query({ answerFormat }) }))).toContain(form)
  })

  it('asks an adviser for notes, but not where it has the last word', () => {
    const adviser = { kind: 'solve', role: 'TestAnalyst', isLast: false } as const
    const asked = step({ query: query({ domain: 'code', answerFormat: 'code' }), step: adviser })
    expect(told(asked)).toContain('five short points')
    expect(told(asked)).not.toContain('fenced code block')
    expect(told({ ...asked, step: { ...adviser, isLast: true } })).toContain('fenced code block')
  })

  it('speaks of the time that is left', () => {
    expect(told(step({ remainingMs: 999 }))).toContain('no time left')
    expect(told(step({ remainingMs: -5000 }))).toContain('no time left')
    expect(told(step({ remainingMs: 60_000 }))).toContain('Time left: 60 s.')
  })

  it('adds the step-by-step line where the topology wants it, never against Flash', () => {
    expect(told(step({ stepByStep: true }))).toContain(stepByStepText)
    expect(told(step({ stepByStep: true, strategy: 'Flash' }))).not.toContain(stepByStepText)
    expect(told(step())).not.toContain(stepByStepText)
  })

  it('ends with the notes of the others, by role', () => {
    const merge = { kind: 'aggregate', role: 'Judge', isLast: true } as const
    const text = told(step({ step: merge, inputs: notes }))
    expect(text).toContain('make one answer of them')
    expect(text.split('\n').slice(-7)).toEqual([
      '## Notes from other agents: 2',
      expect.stringContaining('do not count'),
      'Note 1 of 2, from Mathematician; final answer: 42; lines: 2',
      'Six sevens.',
      'The answer is 42',
      'Note 2 of 2, from Scientist; lines: 1',
      'Perhaps more.',
    ])
  })

  it('gives a role that works with hints the results alone, unless it goes over its own work', () => {
    const review = { kind: 'review', role: 'MathSolver', isLast: false } as const
    expect(told(step({ step: review, inputs: notes }))).not.toContain('Six sevens.')
    const revise = told(step({ step: { ...review, kind: 'revise' }, inputs: notes.slice(0, 1) }))
    expect(revise).toContain('Six sevens.')
    expect(revise).toContain(role('MathSolver', 'math').secondStep)
  })

  it('has a common text for roles without a second step of their own', () => {
    const revise = { kind: 'revise', role: 'Scientist', isLast: false } as const
    expect(told(step({ step: revise, inputs: notes }))).toContain('correct what is wrong')
  })

  it('does not speak of notes that never came', () => {
    const text = told(step({ step: { kind: 'review', role: 'Inspector', isLast: false } }))
    expect(text).not.toContain('below')
    expect(text).not.toContain('Notes from')
  })

  it('cuts each note to its budget', () => {
    const long = { role: 'Critic', text: 'word '.repeat(5000), answer: null }
    const text = told(
      step({ step: { ...solve, kind: 'review', role: 'Inspector' }, inputs: [long, long], edgeTokens: 100 }),
    )
    expect(text.length).toBeLessThan(2500)
    expect(text.match(/lines? cut/g)).toHaveLength(2)
  })
})

describe('a request that must keep its own form', () => {
  const last = { kind: 'solve', role: 'Generalist', isLast: true } as const
  const merge = { ...last, kind: 'aggregate' } as const

  it.each(['tools', 'response-format'] as const)('with %s gets nothing of ours', (soloReason) => {
    const asked = step({ query: query({ soloReason }), step: last })
    expect(composeMessages(asked)).toBe(asked.query.messages)
  })

  it.each(['chat', 'media'] as const)('as %s gets one sentence', (soloReason) => {
    expect(told(step({ query: query({ soloReason }), step: last }))).toBe(strategies.Concise.shortInstruction)
  })

  it('with tools and a team: advisers are told in full, the last step gets the notes without any demand on its form', () => {
    const asked = query({ soloReason: 'tools', answerFormat: 'text' })
    expect(told(step({ query: asked }))).toContain(role('MathSolver', 'math').text)
    const text = told(step({ query: asked, step: merge, inputs: notes }))
    expect(text).toContain('Six sevens.')
    expect(text).not.toContain(role('Generalist', 'general').text)
    expect(text).not.toContain('as its reader should see it')
  })
})

describe('the estimate of a prompt', () => {
  const inputs = [
    { role: 'Mathematician', text: 'It follows that so it is.\n'.repeat(20), answer: '42' },
    { role: 'Scientist', text: 'It follows that so it is not.\n'.repeat(80), answer: null },
  ]
  const soloReasons: readonly Query['soloReason'][] = [null, 'chat', 'tools']
  const cases = (['MathSolver', 'Inspector', 'Judge'] as const).flatMap((name) =>
    soloReasons.flatMap((soloReason) =>
      [[], inputs].map((given) => ({ name, soloReason, given, count: given.length })),
    ),
  )

  it.each(cases)(
    'of $name, $soloReason, with $count notes is within 15 % or 25 tokens',
    ({ name, soloReason, given }) => {
      const asked = step({
        query: query({ soloReason }),
        step: { kind: given.length === 0 ? 'solve' : 'aggregate', role: name, isLast: true },
        inputs: given,
      })
      const composed = composeMessages(asked).reduce((sum, message) => sum + estimateTokens(textOf(message)), 0)
      const estimate = estimateStepPromptTokens({
        query: { ...asked.query, promptTokens: estimateTokens(textOf(user)) },
        step: asked.step,
        inputTokens: given.map(({ text }) => estimateTokens(text)),
        edgeTokens: asked.edgeTokens,
      })
      expect(Math.abs(estimate - composed)).toBeLessThanOrEqual(Math.max(25, 0.15 * composed))
    },
  )

  it('counts a hint as a header only', () => {
    const asked = { query: { ...query(), promptTokens: 10 }, edgeTokens: 300, inputTokens: [200, 200] }
    const hinted = estimateStepPromptTokens({ ...asked, step: { kind: 'review', role: 'MathSolver', isLast: false } })
    const plain = estimateStepPromptTokens({ ...asked, step: { kind: 'revise', role: 'MathSolver', isLast: false } })
    expect(plain - hinted).toBe(400)
  })
})
