import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutToTokens, gistOf, modelNamed, modelsOf, readNotes, type StepInput, writeNotes } from './notes.ts'

const input = (text: string, more: Partial<StepInput> = {}): StepInput => ({
  role: 'MathAnalyst',
  text,
  answer: null,
  ...more,
})
const plain = { format: 'number', aggregation: 'plain', edgeTokens: 1000 } as const

describe('notes in a prompt', () => {
  it('say who wrote them, what they conclude and how long they are', () => {
    expect(writeNotes([input('Let x = 6.\nThe answer is 42', { answer: '42' }), input('No idea')], plain)).toEqual([
      'Note 1 of 2, from MathAnalyst; final answer: 42; lines: 2',
      'Let x = 6.',
      'The answer is 42',
      'Note 2 of 2, from MathAnalyst; lines: 1',
      'No idea',
    ])
  })

  it('name the model that spoke, unless its name could be taken for something else', () => {
    expect(writeNotes([input('x', { arm: { model: 'qwen-14b' } })], plain)[0]).toBe(
      'Note 1 of 1, from MathAnalyst (qwen-14b); lines: 1',
    )
    expect(writeNotes([input('x', { arm: { model: 'a); lines: 9' } })], plain)[0]).toBe(
      'Note 1 of 1, from MathAnalyst; lines: 1',
    )
    expect(modelsOf(['a', 'b'])).toEqual(['a', 'b'])
    expect(modelsOf(['a', null])).toBeNull()
    expect(modelsOf([])).toBeNull()
  })

  it('leave thinking out', () => {
    expect(writeNotes([input('<think>hm\nhm</think>\nIt is so.\n')], plain)).toEqual([
      'Note 1 of 1, from MathAnalyst; lines: 1',
      'It is so.',
    ])
  })

  it('are results alone as hints, and whole texts where there is no result', () => {
    const inputs = [input('Long\nway', { answer: '42' }), input('No result')]
    expect(writeNotes(inputs, { ...plain, aggregation: 'hints' })).toEqual([
      'Note 1 of 2, from MathAnalyst; final answer: 42; lines: 0',
      'Note 2 of 2, from MathAnalyst; lines: 1',
      'No result',
    ])
  })

  it('of code say how the visible tests went, and are the program alone where the text is long', () => {
    const text = `${'talk '.repeat(100)}\n\`\`\`python\nprint(1)\n\`\`\``
    const code = { format: 'code', aggregation: 'code', edgeTokens: 50 } as const
    expect(writeNotes([input(text, { testsPassed: true })], code)).toEqual([
      'Note 1 of 1, from MathAnalyst; visible tests: passed; lines: 1',
      'print(1)',
    ])
    expect(writeNotes([input(text, { testsPassed: false })], code)[0]).toContain('visible tests: failed')
    expect(writeNotes([input('pass', { testsPassed: null })], code)).toEqual([
      'Note 1 of 1, from MathAnalyst; lines: 1',
      'pass',
    ])
  })

  it('carry no answer in a format that cannot be compared', () => {
    expect(writeNotes([input('x', { answer: '42' })], { ...plain, format: 'text' })[0]).not.toContain('42')
  })
})

describe('reading notes back', () => {
  const anyText = fc.oneof(
    fc.string(),
    fc
      .array(
        fc.constantFrom('Note 1 of 1, from X; lines: 0', '## Notes from other agents: 3', '', 'a', '\r', '<think>'),
        {
          maxLength: 6,
        },
      )
      .map((lines) => lines.join('\n')),
  )
  const anyInput = fc.record({
    role: fc.constantFrom('MathSolver', 'Critic'),
    text: anyText,
    answer: fc.constantFrom(null, '42', '-0.75', 'C'),
    testsPassed: fc.constantFrom(null, true, false),
    arm: fc.constantFrom({ model: 'org/qwen-14b:Q4' }, { model: 'odd (name); lines: 3' }),
  })
  const anyFormat = fc.constantFrom('number', 'choice', 'code', 'text' as const)

  it('gives their gists, whatever the agents wrote', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 4 }), anyFormat, (inputs, format) => {
        const lines = writeNotes(inputs, { format, aggregation: 'plain', edgeTokens: 1000 })
        expect(readNotes(['before', ...lines], 1)).toEqual({
          gists: inputs.map((one) => gistOf(one, format)),
          models: inputs.map(modelNamed),
        })
      }),
    )
  })

  it('stops where no header of ours stands', () => {
    expect(readNotes(['Note 1 of 1, from X; lines: 1', 'a', 'b'], 0)).toEqual({ gists: ['a'], models: [null] })
    expect(readNotes(['Note one'], 0)).toEqual({ gists: [], models: [] })
    expect(readNotes([], 0)).toEqual({ gists: [], models: [] })
  })
})

describe('cutting to a budget', () => {
  it('leaves what fits', () => {
    expect(cutToTokens('abcd\nefg', 2)).toBe('abcd\nefg')
  })

  it('keeps whole lines of the beginning, more of the end, and says how many it left out', () => {
    // 80 characters: 20 hold two lines of ten, the other 60 hold six.
    const text = Array.from({ length: 100 }, (_, index) => `line ${String(index).padStart(4, '0')}`).join('\n')
    expect(cutToTokens(text, 20)).toBe(
      ['line 0000', 'line 0001', '[... 92 lines cut ...]', ...text.split('\n').slice(-6)].join('\n'),
    )
  })

  it('gives the beginning a quarter at most', () => {
    expect(cutToTokens(['a'.repeat(9), 'b'.repeat(12), 'c'.repeat(30), 'd'.repeat(30)].join('\n'), 20)).toBe(
      ['a'.repeat(9), '[... 1 line cut ...]', 'c'.repeat(30), 'd'.repeat(30)].join('\n'),
    )
  })

  it('keeps the end of a line that is too long alone', () => {
    expect(cutToTokens(`${'x'.repeat(100)}42`, 2)).toBe('[... 1 line cut ...]\nxxxxxx42')
    expect(cutToTokens(`${'x'.repeat(9)}😀1234567`, 2)).toBe('[... 1 line cut ...]\n1234567')
    expect(cutToTokens('abc', 0)).toBe('[... 1 line cut ...]')
  })

  it('stays within its budget but for the marker, and keeps only lines of the text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 })), fc.nat({ max: 60 }), (lines, tokens) => {
        const text = lines.join('\n')
        const cut = cutToTokens(text, tokens)
        expect(cut.length).toBeLessThanOrEqual(tokens * 4 + 40)
        const kept = cut.split('\n').filter((line) => !/^\[\.\.\. \d+ lines? cut \.\.\.\]$/.test(line))
        for (const line of kept) expect(text).toContain(line)
      }),
    )
  })
})
