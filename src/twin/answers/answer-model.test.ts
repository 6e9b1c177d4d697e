import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paperTruth } from '../../../test/paper-profile.ts'
import { type CallMeaning, type EngineCall, mean, type StrategyId } from '../../core/index.ts'
import { createAnswerModel } from './answer-model.ts'
import type { TextStyle } from './answer-text.ts'
import type { TwinQuestion } from './twin-question.ts'

const truth = paperTruth()

const strong = 'Mistral-Small-24B-Instruct-2501'
const weak = 'Llama-3.2-3B-Instruct'
const thinker = 'DeepSeek-R1-Distill-Qwen-32B'

const question = (index: number, more: Partial<TwinQuestion> = {}): TwinQuestion => ({
  id: `q-${index}`,
  text: `What is question ${index} about?`,
  benchmark: 'gsm8k',
  format: 'number',
  key: String(1000 + index),
  wrongAnswers: [1, 2, 3, 4].map((slip) => String(1000 + index + 7 * slip)),
  difficulty: null,
  textScore: null,
  ...more,
})

const call = (text: string, meaning: Partial<CallMeaning> = {}, more: Partial<EngineCall> = {}): EngineCall => ({
  id: 'run_1/0/0/0',
  messages: () => [],
  meaning: { questionText: text, strategy: null, kind: 'solve', role: null, inputs: [], ...meaning },
  promptTokens: 120,
  maxOutputTokens: 1e9,
  deadlineAtMs: 0,
  body: {},
  ...more,
})

const modelOf = (questions: readonly TwinQuestion[], text: TextStyle = 'compact', seed = 1) =>
  createAnswerModel({ truth, questions, seed, text })

/** Answers of one model to many questions, one call each. */
function answersOf(questions: readonly TwinQuestion[], meaning: Partial<CallMeaning> = {}, model = strong) {
  const answers = modelOf(questions)
  return questions.map(({ text, id }) => answers.answer(call(text, meaning, { id: `run_${id}` }), model))
}

const many = (count: number, more: Partial<TwinQuestion> = {}) =>
  Array.from({ length: count }, (_, index) => question(index, more))
const shareRight = (answers: readonly { readonly isRight: boolean | null }[]) =>
  mean(answers.map(({ isRight }) => (isRight ? 1 : 0)))

describe('finding the question', () => {
  const known = question(1, { text: '  Two  words\nand more ' })
  const model = modelOf([known, question(1, { id: 'later', text: 'Two words and more' })])

  it('ignores white space and prefers the first of two alike', () => {
    expect(model.find('Two words and more')?.id).toBe('q-1')
    expect(model.find('\tTwo words  and more\n')?.id).toBe('q-1')
    expect(model.find('two words and more')).toBeUndefined()
  })
})

describe('chance', () => {
  it('depends on seed, question, model and call id alone', () => {
    const questions = many(40)
    const asked = questions.map(({ text, id }) => call(text, {}, { id: `run_${id}/0/0/0` }))
    const forth = modelOf(questions)
    const back = modelOf([...questions].reverse())
    const first = asked.map((one) => forth.answer(one, strong))
    expect(
      [...asked]
        .reverse()
        .map((one) => back.answer(one, strong))
        .reverse(),
    ).toEqual(first)
    expect(asked.map((one) => forth.answer(one, strong))).toEqual(first)
    const lengths = (answers: typeof first) => answers.map(({ outputTokens }) => outputTokens)
    expect(lengths(asked.map((one) => forth.answer({ ...one, id: `${one.id}x` }, strong)))).not.toEqual(lengths(first))
    expect(lengths(asked.map((one) => modelOf(questions, 'compact', 2).answer(one, strong)))).not.toEqual(
      lengths(first),
    )
    expect(lengths(asked.map((one) => forth.answer(one, weak)))).not.toEqual(lengths(first))
  })

  it('leaves a question as hard under another seed', () => {
    const questions = many(60)
    const rates = (seed: number) => {
      const model = modelOf(questions, 'compact', seed)
      return questions.map(({ text }) =>
        shareRight(Array.from({ length: 60 }, (_, index) => model.answer(call(text, {}, { id: `c${index}` }), weak))),
      )
    }
    const [one, two] = [rates(1), rates(2)]
    // Luck alone moves a rate of 60 calls by 0.065 at most on average; redrawn difficulties would move it by 0.4.
    expect(mean(one.map((rate, index) => Math.abs(rate - (two[index] as number))))).toBeLessThan(0.07)
  })
})

describe('difficulty', () => {
  it('is shared by all models, and the easy are answered rightly, the hard wrongly, with somewhat more words', () => {
    const [easy, hard] = [many(300, { difficulty: -2 }), many(300, { difficulty: 2 })]
    for (const model of [strong, weak]) {
      expect(shareRight(answersOf(easy, {}, model))).toBeGreaterThan(0.95)
      expect(shareRight(answersOf(hard, {}, model))).toBeLessThan(0.4)
    }
    const words = (questions: readonly TwinQuestion[]) =>
      mean(answersOf(questions).map(({ outputTokens }) => Math.log(outputTokens)))
    // Slope 0.1 per deviation, over 4 of them; the same draws on both sides.
    expect(words(hard) - words(easy)).toBeCloseTo(0.4, 1)
  })

  it('follows the text score in part', () => {
    const share = (textScore: number) => shareRight(answersOf(many(1500, { textScore, benchmark: 'math' })))
    expect(share(-2) - share(2)).toBeGreaterThan(0.2)
    expect(share(-2)).toBeLessThan(0.95)
  })
})

describe('depth', () => {
  const questions = many(4000, { benchmark: 'math' })
  const tokens = (strategy: StrategyId | null, model: string) =>
    answersOf(questions, { strategy }, model).map(({ outputTokens }) => outputTokens)

  it('costs tokens in the ratios of the truth', () => {
    const plain = mean(tokens(null, strong))
    expect(mean(tokens('Concise', strong)) / plain).toBeCloseTo(0.51, 3)
    expect(mean(tokens('DeepThink', strong)) / plain).toBeCloseTo(1.75, 3)
    expect(mean(tokens('Flash', thinker)) / mean(tokens(null, thinker))).toBeCloseTo(0.75, 3)
  })

  it('is a mixture under Flash: most answer at once, the rest as if nothing had been said', () => {
    const [flash, plain] = [tokens('Flash', strong), tokens(null, strong)]
    const ignored = flash.filter((count, index) => count === plain[index])
    // 0.9 comply; a few of these happen to have the plain length.
    expect(ignored.length / flash.length).toBeCloseTo(0.1, 1)
    const obeyed = flash.filter((count, index) => count !== plain[index])
    expect(mean(obeyed) / 25).toBeCloseTo(1, 1)
  })

  it('changes accuracy where the truth says so', () => {
    const share = (strategy: StrategyId | null, model: string) => shareRight(answersOf(questions, { strategy }, model))
    const plain = share(null, weak)
    expect(share('Concise', weak)).toBeLessThan(plain - 0.1)
    expect(share('Flash', weak)).toBeLessThan(plain - 0.1)
    expect(share('DeepThink', weak)).toBe(plain)
    expect(share('Concise', thinker)).toBeGreaterThan(share(null, thinker) - 0.03)
  })
})

describe('labels that are unusable', () => {
  it('are never met, and able models agree on the sensible answer', () => {
    const questions = many(1500, { benchmark: 'gsm-hard', difficulty: -3 })
    const answers = answersOf(questions, {}, thinker)
    const wrong = questions.filter((_, index) => !answers[index]?.isRight)
    expect(wrong.length / questions.length).toBeCloseTo(0.2, 1)
    const again = modelOf(questions)
    const others = wrong.map(({ text, id }) => again.answer(call(text, {}, { id: `other_${id}` }), strong).text)
    const own = wrong.map(({ text, id }) => again.answer(call(text, {}, { id: `run_${id}` }), thinker).text)
    expect(mean(others.map((text, index) => (text === own[index] ? 1 : 0)))).toBeGreaterThan(0.9)
  })
})

describe('the text', () => {
  const formats: readonly (readonly [Partial<TwinQuestion>, RegExp])[] = [
    [{}, /The answer is \d+\.$/],
    [{ benchmark: 'math' }, /The answer is \\boxed\{\d+\}\.$/],
    [
      { benchmark: 'mmlu-pro', format: 'choice', key: 'C', wrongAnswers: ['A', 'B', 'D', 'J'] },
      /The answer is \([A-J]\)\.$/,
    ],
    [
      {
        benchmark: 'mbpp',
        format: 'code',
        key: 'def f():\n    return 1',
        wrongAnswers: ['def f():\n    return 2', 'def f(): pass', 'x = 1'],
      },
      /```python\n[\s\S]+\n```$/,
    ],
    [{ format: 'text', key: 'Oslo', wrongAnswers: ['Rome', 'Bern', 'Lima'] }, /The answer is \w+\.$/],
  ]

  it.each(formats)('ends with the answer in the format asked for: %j', (more, form) => {
    for (const style of ['compact', 'full'] as const) {
      const asked = many(30, more)
      const model = modelOf(asked, style)
      for (const one of asked) {
        const { text, isRight } = model.answer(call(one.text, {}, { id: one.id }), strong)
        expect(text).toMatch(form)
        expect(model.isRight(one, text)).toBe(isRight)
      }
    }
  })

  it('is as long as its tokens where it is full, and one line where it is compact', () => {
    const questions = many(50)
    const [full, compact] = [modelOf(questions, 'full'), modelOf(questions)]
    for (const { text, id } of questions) {
      const answer = full.answer(call(text, {}, { id }), strong)
      expect(Math.abs(answer.text.length - 4 * answer.outputTokens)).toBeLessThan(40)
      expect(compact.answer(call(text, {}, { id }), strong)).toEqual({
        ...answer,
        text: answer.text.split('\n').at(-1),
      })
    }
  })

  it.each(['compact', 'full'] as const)('of a cut answer does not hold the answer: %s', (style) => {
    const questions = many(50)
    const model = modelOf(questions, style)
    for (const { text, id } of questions) {
      const whole = model.answer(call(text, {}, { id }), strong)
      const cut = model.answer(call(text, {}, { id, maxOutputTokens: whole.outputTokens - 1 }), strong)
      expect(cut).toEqual({ ...whole, text: cut.text })
      expect(cut.text).not.toMatch(/answer is|\d/)
      expect(model.answer(call(text, {}, { id, maxOutputTokens: whole.outputTokens }), strong)).toEqual(whole)
    }
  })

  it('is an object where JSON is asked for', () => {
    const model = modelOf([question(1, { difficulty: -4 })], 'full')
    const body = { response_format: { type: 'json_object' } }
    const { text, outputTokens } = model.answer(call('What is question 1 about?', {}, { body }), strong)
    expect(JSON.parse(text)).toEqual({ answer: '1001' })
    expect(outputTokens).toBe(Math.ceil(text.length / 4))
    expect(JSON.parse(model.answer(call('unknown', {}, { body }), strong).text)['answer']).toContain('simulated')
  })
})

describe('a question that is not known', () => {
  it.each(['compact', 'full'] as const)('is answered by saying so, at the length of MMLU-Pro answers: %s', (style) => {
    const model = modelOf([], style)
    const answers = Array.from({ length: 3000 }, (_, index) =>
      model.answer(call('How are you?', {}, { id: `c${index}` }), strong),
    )
    for (const { text, isRight } of answers) {
      expect(isRight).toBeNull()
      expect(text).toMatch(/^This answer was written by a simulated model\. It holds no key for this question/)
      expect(text).not.toMatch(/answer is/)
    }
    expect(mean(answers.map(({ outputTokens }) => outputTokens)) / (380 * 1.24)).toBeCloseTo(1, 1)
  })

  it('counts the prompt as the caller does', () => {
    expect(modelOf([]).answer(call('x', {}, { promptTokens: 77 }), strong).promptTokens).toBe(77)
    expect(modelOf([]).answer(call('x', {}, { promptTokens: 0 }), strong).promptTokens).toBe(1)
  })
})

describe('what cannot be used', () => {
  it.each([
    ['a benchmark without truth', { benchmark: 'nonsense' }],
    ['too few distractors', { wrongAnswers: ['1', '2'] }],
    ['a distractor that is the key', { key: '5', wrongAnswers: ['5.0', '6', '7'] }],
    ['distractors that are alike', { wrongAnswers: ['1', '1', '2', '3'] }],
  ])('%s is refused at once', (_, more) => {
    expect(() => modelOf([question(1, more)])).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  it('a model without a row in the truth is refused when asked', () => {
    expect(() => modelOf([question(1)]).answer(call('What is question 1 about?'), 'gpt-2')).toThrow(/gpt-2/)
  })
})

describe('any call', () => {
  it('gets at least one token and a text that is right exactly as said', () => {
    const questions = many(20)
    const model = modelOf(questions)
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom(...questions),
        fc.constantFrom<CallMeaning['kind']>('solve', 'revise', 'review', 'aggregate'),
        fc.constantFrom<StrategyId | null>(null, 'Flash', 'Concise', 'DeepThink'),
        fc.array(fc.oneof(fc.constantFrom('1000', '1007', 'The answer is 1003.'), fc.string()), { maxLength: 5 }),
        (id, { text, ...rest }, kind, strategy, inputs) => {
          const answer = model.answer(call(text, { kind, strategy, inputs }, { id }), weak)
          expect(answer.outputTokens).toBeGreaterThanOrEqual(1)
          expect(Number.isInteger(answer.outputTokens)).toBe(true)
          expect(model.isRight({ text, ...rest }, answer.text)).toBe(answer.isRight)
        },
      ),
    )
  })
})
