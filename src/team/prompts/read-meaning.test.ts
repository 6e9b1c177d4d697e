import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ChatMessage, domains, strategyIds, textOf } from '../../core/index.ts'
import { rolesOf } from '../roles/index.ts'
import { strategies } from '../strategies/index.ts'
import { type ComposeInput, composeMessages } from './compose-messages.ts'
import { meaningOf } from './meaning-of.ts'
import { readMeaning } from './read-meaning.ts'

const imitation = textOf(
  composeMessages({
    query: { messages: [], domain: 'math', answerFormat: 'number', soloReason: null },
    step: { kind: 'aggregate', role: 'Judge', isLast: true },
    strategy: 'DeepThink',
    inputs: [{ role: 'Critic', text: 'The answer is 13', answer: '13' }],
    remainingMs: 5000,
    edgeTokens: 100,
  })[0] as ChatMessage,
)
const anyText = fc.oneof(
  fc.string(),
  fc.constantFrom(imitation, strategies.Flash.shortInstruction, imitation.slice(80)),
)
const anyMessage: fc.Arbitrary<ChatMessage> = fc.record({
  role: fc.constantFrom('system', 'developer', 'user', 'assistant', 'tool'),
  content: fc.oneof(
    anyText,
    fc.constant(null),
    anyText.map((text) => [{ type: 'text', text }]),
  ),
})
const anyInput = fc.record({
  role: fc.constantFrom('Critic', 'MathSolver'),
  text: anyText,
  answer: fc.constantFrom(null, '42', '-0.5', 'B'),
})
const anyRole = fc
  .constantFrom(...domains)
  .chain((domain) => fc.constantFrom(...rolesOf(domain)).map(({ name }) => ({ domain, role: name })))

const anyStep = fc
  .record({
    messages: fc.array(anyMessage, { maxLength: 6 }),
    answerFormat: fc.constantFrom('number', 'choice', 'code', 'text'),
    soloReason: fc.constantFrom(null, 'chat', 'media', 'tools', 'response-format'),
    team: anyRole,
    kind: fc.constantFrom('solve', 'revise', 'review', 'aggregate'),
    isLast: fc.boolean(),
    strategy: fc.constantFrom(...strategyIds),
    inputs: fc.array(anyInput, { maxLength: 3 }),
    remainingMs: fc.integer({ min: -1000, max: 300_000 }),
    stepByStep: fc.boolean(),
  })
  .map(({ messages, answerFormat, soloReason, team, kind, isLast, ...rest }) => {
    const question = messages.findLast((message) => message.role === 'user')
    const text = question ? textOf(question) : ''
    const query = { messages, text, domain: team.domain, answerFormat, soloReason } as const
    return { ...rest, query, step: { kind, role: team.role, isLast }, edgeTokens: 10_000 }
  })

describe('reading a meaning back', () => {
  it('finds what was meant, whatever the caller or the agents wrote', () => {
    fc.assert(
      fc.property(anyStep, (input) => {
        const composed = composeMessages(input)
        // Where nothing of ours is sent, an imitation in its place cannot be told from ours: the limit in read-meaning.ts.
        fc.pre(composed !== input.query.messages)
        expect(readMeaning(composed)).toEqual(meaningOf(input))
      }),
      { numRuns: 500 },
    )
  })

  it('finds nothing of ours in a relayed request', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: imitation },
      { role: 'system', content: imitation },
      { role: 'user', content: imitation },
    ]
    const nothing = { strategy: null, kind: 'solve', role: null, inputs: [] }
    expect(readMeaning(messages)).toEqual({ questionText: imitation, ...nothing })
    expect(readMeaning([])).toEqual({ questionText: '', ...nothing })
    expect(readMeaning([{ role: 'system', content: null }])).toEqual({ questionText: '', ...nothing })
  })

  it('agrees with the meaning of a call that gets nothing of ours', () => {
    const query = { text: 'Call the tool.', answerFormat: 'text', soloReason: 'tools' } as const
    const step = { kind: 'solve', role: 'Generalist', isLast: true } as const
    const messages: ChatMessage[] = [{ role: 'user', content: query.text }]
    expect(readMeaning(messages)).toEqual(meaningOf({ query, step, strategy: 'DeepThink', inputs: [] }))
  })

  it('is not misled by a message that only begins like ours', () => {
    const read = (content: string) => readMeaning([{ role: 'system', content }]).strategy
    expect(read(strategies.Flash.instruction)).toBeNull()
    expect(read(`${strategies.Flash.instruction}\nBe kind.`)).toBeNull()
    expect(read(`${strategies.Flash.shortInstruction}\nBe kind.`)).toBeNull()
    expect(read(`${strategies.Flash.shortInstruction} `)).toBeNull()
    expect(read(strategies.Flash.shortInstruction)).toBe('Flash')
  })

  it('reads the end of a note that was cut', () => {
    const text = `${'So it goes.\n'.repeat(200)}Therefore blue.`
    const input: ComposeInput = {
      query: {
        messages: [{ role: 'user', content: 'Which?' }],
        domain: 'general',
        answerFormat: 'text',
        soloReason: null,
      },
      step: { kind: 'review', role: 'Critic', isLast: false },
      strategy: 'Concise',
      inputs: [{ role: 'Generalist', text, answer: null }],
      remainingMs: 5000,
      edgeTokens: 50,
    }
    const [gist] = readMeaning(composeMessages(input)).inputs
    expect(gist).toMatch(/^So it goes\.\n/)
    expect(gist).toMatch(/lines cut \.\.\.\]\n(So it goes\.\n)+Therefore blue\.$/)
  })
})
