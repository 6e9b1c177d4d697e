import { describe, expect, it } from 'vitest'
import { strategyIds, textOf } from '../../core/index.ts'
import { composeMessages, readMeaning, stepByStepText, strategies } from '../../team/index.ts'
import { isStepByStep, promptText, withStrategy } from './strategy-text.ts'

const question = 'What is 12 * 12?'
const query = {
  messages: [
    { role: 'system' as const, content: 'You are terse.' },
    { role: 'user' as const, content: question },
  ],
  domain: 'math' as const,
  answerFormat: 'number' as const,
  soloReason: null,
}
const step = { kind: 'solve' as const, role: 'MathSolver', isLast: true }
const terms = { step, inputs: [], remainingMs: 30_000, edgeTokens: 600 }

describe('a prompt under another strategy', () => {
  it('is what would have been composed for that strategy', () => {
    for (const stepByStep of [false, true]) {
      const composed = strategyIds.map((strategy) => composeMessages({ ...terms, query, strategy, stepByStep }))
      for (const from of composed) {
        for (const [index, strategy] of strategyIds.entries()) {
          expect(withStrategy(from, { strategy, stepByStep })).toEqual(composed[index])
        }
      }
    }
  })

  it('is so for chat, which is told in one sentence, and silent requests stay as they are', () => {
    const chat = { ...query, soloReason: 'chat' as const }
    const flash = composeMessages({ ...terms, query: chat, strategy: 'Flash' })
    expect(withStrategy(flash, { strategy: 'DeepThink', stepByStep: false })).toEqual(
      composeMessages({ ...terms, query: chat, strategy: 'DeepThink' }),
    )
    expect(withStrategy(query.messages, { strategy: 'DeepThink', stepByStep: true })).toEqual(query.messages)
  })

  it('means the same but for the strategy', () => {
    const flash = composeMessages({ ...terms, query, strategy: 'Flash' })
    const deep = withStrategy(flash, { strategy: 'DeepThink', stepByStep: false })
    expect(readMeaning(deep)).toEqual({ ...readMeaning(flash), strategy: 'DeepThink' })
  })
})

describe('the text of a prompt', () => {
  it('is all that is said but the strategy', () => {
    for (const strategy of strategyIds) {
      const messages = composeMessages({ ...terms, query, strategy, stepByStep: true })
      const text = promptText(messages)
      expect(text).toBe(promptText(composeMessages({ ...terms, query, strategy: 'Flash' })))
      for (const { instruction } of Object.values(strategies)) expect(text).not.toContain(instruction)
      expect(text).not.toContain(stepByStepText)
      expect(text).toContain('You are terse.')
      expect(text).toContain(question)
      expect(isStepByStep(messages)).toBe(strategy !== 'Flash')
    }
  })

  it('joins the parts of a message', () => {
    const parts = [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ]
    expect(promptText([{ role: 'user', content: parts }])).toBe(textOf({ role: 'user', content: parts }))
  })
})
