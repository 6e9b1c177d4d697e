import { describe, expect, it } from 'vitest'
import type { ChatMessage, Domain } from '../../core/index.ts'
import { classify } from './classify.ts'

const read = (text: string, domainHint?: Domain | null) =>
  classify({ messages: [{ role: 'user', content: text }], text, ...(domainHint === undefined ? {} : { domainHint }) })

const mathPrompts = [
  'What is 17 * 23?',
  'What is 12 times 11?',
  'Compute $\\frac{3}{4} + \\frac{5}{6}$ and simplify.',
  'Solve for x: 3x + 5 = 20.',
  'If f(x) = x^2 - 4x + 7, what is the smallest value of f?',
  'How many positive divisors does 360 have? Note that 360 = 2^3 * 3^2 * 5.',
  'A baker sells 48 rolls in the morning and half as many in the afternoon. How many rolls does she sell in total?',
  'A train covers 120 km in 90 minutes. What is its average speed in km per hour?',
  'Find the remainder when 7^100 is divided by 13.',
  'What is the derivative of x^3 + 2x at x = 2?',
  'Let \\(a_n = 2a_{n-1} + 1\\) with a_1 = 1. Evaluate a_10.',
  'The perimeter of a square is 20 cm. What is the area of the square, times 3?',
  'Tom has twice as many marbles as Ann, and Ann has three more than Bob, who has 5. How many do they have together?',
]

const codePrompts = [
  'Write a Python function that returns the n-th Fibonacci number.',
  'def add(a: int, b: int) -> int:\n    """Return the sum."""\n',
  'Write a function to find the shared elements from the given two lists.\nassert similar((3, 4), (4, 5)) == (4,)',
  'Implement a binary search algorithm in Rust.',
  'Fix this function: it fails with TypeError: undefined is not a function',
  'Create a regex that matches ISO dates.',
  'Can you give me a SQL query that lists the ten newest orders?',
  'Refactor the following class so that it has no global state.',
  "Why doesn't this code compile?",
]

const choicePrompts = [
  'Which planet is largest?\nA) Mars\nB) Jupiter\nC) Venus\nD) Earth',
  'Which of these is a noble gas?\nA. Oxygen\nB. Neon\nC. Iron\nD. Sulfur\nE. Boron',
  'The Treaty of Westphalia ended which war? (A) Hundred Years War (B) Thirty Years War (C) Crimean War',
  `Pick one.\n${[...'ABCDEFGHIJ'].map((letter) => `(${letter}) thing ${letter}`).join('\n')}`,
  'Compute the limit.\nA: 1\nB: 2\nC: 3',
]

const chatPrompts = [
  'hi',
  'Hello! How are you today?',
  'Thanks, that was great',
  'and in winter?',
  'Tell me a joke.',
  'Who wrote War and Peace?',
  'Write a short poem about the sea.',
  'Translate "good morning, how are you" into French.',
  'I have 2 cats and 3 dogs, recommend me a vacuum cleaner please.',
  'Summarize the plot of Hamlet in three sentences.',
  'What should I cook tonight?',
  'Explain how vaccines work.',
  'How many people live in Paris?',
  'Write an email to my landlord about the 2 broken windows.',
  'What is a good name for a cafe?',
  'I feel sad today.',
  'Plan a weekend in Rome for two adults, arriving on 5 May.',
  'In my class there are functions everywhere, it is a very social school.',
  '',
  '   \n ',
]

describe('classify', () => {
  it.each(mathPrompts)('reads mathematics: %j', (text) => {
    expect(read(text)).toEqual({ domain: 'math', answerFormat: 'number', soloReason: null })
  })
  it.each(codePrompts)('reads code: %j', (text) => {
    expect(read(text)).toEqual({ domain: 'code', answerFormat: 'code', soloReason: null })
  })
  it.each(choicePrompts)('reads multiple choice: %j', (text) => {
    expect(read(text)).toEqual({ domain: 'knowledge', answerFormat: 'choice', soloReason: null })
  })
  it.each(chatPrompts)('leaves conversation to one agent: %j', (text) => {
    expect(read(text)).toEqual({ domain: 'general', answerFormat: 'text', soloReason: 'chat' })
  })

  it('goes by the last message of a longer conversation', () => {
    const messages: readonly ChatMessage[] = [
      { role: 'user', content: 'Write a Python function that sorts a list.' },
      { role: 'assistant', content: 'def f(x): return sorted(x)' },
      { role: 'user', content: 'Lovely, thank you!' },
    ]
    expect(classify({ messages, text: 'Lovely, thank you!' }).soloReason).toBe('chat')
  })

  it('lets the caller name the domain and reads only the form of the answer', () => {
    expect(read('hello', 'math')).toEqual({ domain: 'math', answerFormat: 'number', soloReason: null })
    expect(read(choicePrompts[0] as string, 'math').answerFormat).toBe('choice')
    expect(read('Who wrote Faust?', 'knowledge')).toEqual({
      domain: 'knowledge',
      answerFormat: 'text',
      soloReason: null,
    })
    expect(read('What is 17 * 23?', 'general')).toEqual({ domain: 'general', answerFormat: 'text', soloReason: 'chat' })
    expect(read('What is 17 * 23?', 'code').answerFormat).toBe('code')
  })

  it('treats a null hint as none, and reads the same text the same way twice', () => {
    expect(read('What is 17 * 23?', null).domain).toBe('math')
    expect(read('What is 17 * 23?')).toEqual(read('What is 17 * 23?'))
  })

  it('needs options in order from A to see a choice', () => {
    expect(read('Vitamins B) and C) are water soluble, and so is the rest.').domain).toBe('general')
    expect(read('Plan A) is fine, plan B) as well.').domain).toBe('general')
  })
})
