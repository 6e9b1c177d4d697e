/**
 * @file The answer model: what a simulated engine says to a call, how long it is, and whether it is right.
 *
 * The question is found by its text; the rest is drawn from the profile's truth (see `question-facts.ts` for what is
 * fixed per question, `verdict.ts` for what a call makes of it). A call's own luck is keyed by (seed, question, model,
 * call id), so neither the order of calls nor other models' calls change it. A text that is not known gets the lengths
 * of MMLU-Pro, no correctness, and an answer that says so.
 *
 * Cost: 1 to 2 us per compact answer; a question's facts are made on first use and kept.
 */
import { ConfigError, type EngineCall, hashText, type ModelId, type ProfileTruth } from '../../core/index.ts'
import type { AnswerSource, SimulatedAnswer } from './answer-source.ts'
import { finalLine, type TextStyle, writeAnswer, writeUnknown } from './answer-text.ts'
import { requestedSchema, writeJson } from './json-answer.ts'
import { drawLuck } from './luck.ts'
import { createQuestionFacts, type QuestionFacts } from './question-facts.ts'
import { readAnswer, sameAnswer } from './read-answer.ts'
import { type BenchmarkFacts, createBenchmarkFacts, resolveBenchmark } from './truth-tables.ts'
import { normaliseQuestionText, type TwinQuestion } from './twin-question.ts'
import { decideAnswer } from './verdict.ts'

export interface AnswerModelOptions {
  readonly truth: ProfileTruth
  /** Of two with the same text the first is known. */
  readonly questions: readonly TwinQuestion[]
  /** Luck of the calls. What belongs to a question does not depend on it. */
  readonly seed: number
  readonly text: TextStyle
}

export interface AnswerModel extends AnswerSource {
  /** The question with this text, white space aside. */
  find(text: string): TwinQuestion | undefined
  /** Whether `answer`, bare or a whole text, gives the question's key. */
  isRight(question: TwinQuestion, answer: string): boolean
}

/** Benchmark whose lengths stand for a question that is not known. */
const strangersBenchmark = 'mmlu-pro'

/** Builds the model. Throws ConfigError for a benchmark without truth or fewer than 3 usable wrong answers. */
export function createAnswerModel({ truth, questions, seed, text: style }: AnswerModelOptions): AnswerModel {
  const benchmarks = new Map<string, BenchmarkFacts>()
  const benchmarkFacts = (name: string): BenchmarkFacts => {
    const benchmark = resolveBenchmark(truth, name)
    const known = benchmarks.get(benchmark) ?? createBenchmarkFacts(truth, benchmark)
    benchmarks.set(benchmark, known)
    return known
  }
  const strangers = benchmarkFacts(strangersBenchmark)
  const find = indexQuestions(questions, benchmarkFacts)
  const facts = new Map<TwinQuestion, QuestionFacts>()
  const factsOf = (text: string): QuestionFacts | null => {
    const question = find(text)
    if (question === undefined) return null
    const known =
      facts.get(question) ?? createQuestionFacts(truth, { question, benchmark: benchmarkFacts(question.benchmark) })
    facts.set(question, known)
    return known
  }
  return {
    answer: (call, model) => {
      const known = factsOf(call.meaning.questionText)
      return known
        ? answerKnown({ call, model, style, seed }, known, truth)
        : answerStranger({ call, model, style, seed }, strangers)
    },
    find,
    isRight,
  }
}

interface Asked {
  readonly call: EngineCall
  readonly model: ModelId
  readonly style: TextStyle
  readonly seed: number
}

function answerKnown({ call, model, style, seed }: Asked, facts: QuestionFacts, truth: ProfileTruth): SimulatedAnswer {
  const known = facts.of(model)
  const draw = drawLuck(call.id, known.luckSeed ^ seed)
  const standing = known.at(call.meaning.strategy)
  const isPlain = draw.complies >= standing.complies
  const ability = isPlain ? standing.plainAbility : standing.ability
  const verdict = decideAnswer({ facts, meaning: call.meaning, ability, luck: draw }, truth)
  const isRight = verdict.isSolution && facts.isLabelUsable
  const promptTokens = promptTokensOf(call)
  const schema = requestedSchema(call.body)
  if (schema) {
    const text = writeJson(schema, verdict.answer)
    return { text, outputTokens: tokensOfText(text), promptTokens, isRight }
  }
  const outputTokens = isPlain
    ? lengthOf(standing.plainMu, standing.plainSigma, draw.length)
    : lengthOf(standing.mu, standing.sigma, draw.length)
  const isCut = outputTokens > call.maxOutputTokens
  const shape = { style, outputTokens, isCut, start: draw.start }
  return { text: writeAnswer(finalLine(facts, verdict.answer), shape), outputTokens, promptTokens, isRight }
}

function answerStranger({ call, model, style, seed }: Asked, strangers: BenchmarkFacts): SimulatedAnswer {
  const draw = drawLuck(call.id, hashText(model, seed))
  const asked = strangers.depth(model, call.meaning.strategy)
  const { length } = draw.complies < asked.complies ? asked : strangers.depth(model, null)
  const promptTokens = promptTokensOf(call)
  const schema = requestedSchema(call.body)
  const shape = { style, outputTokens: lengthOf(length.mu, length.sigma, draw.length), isCut: false, start: draw.start }
  if (schema === null)
    return { text: writeUnknown(shape), outputTokens: shape.outputTokens, promptTokens, isRight: null }
  const text = writeJson(schema, writeUnknown({ ...shape, style: 'compact' }))
  return { text, outputTokens: tokensOfText(text), promptTokens, isRight: null }
}

const lengthOf = (mu: number, sigma: number, z: number): number => Math.max(1, Math.round(Math.exp(mu + sigma * z)))
const tokensOfText = (text: string): number => Math.max(1, Math.ceil(text.length / 4))
const promptTokensOf = (call: EngineCall): number => Math.max(1, Math.round(call.promptTokens))

function isRight(question: TwinQuestion, answer: string): boolean {
  const [given, key] = [readAnswer(question.format, answer), readAnswer(question.format, question.key)]
  return given !== null && key !== null && sameAnswer(question.format, given, key)
}

/** Checks the questions and returns their look-up. */
function indexQuestions(questions: readonly TwinQuestion[], benchmarkFacts: (name: string) => BenchmarkFacts) {
  const byText = new Map<string, TwinQuestion>()
  // Most calls ask in the very words of the question: found without normalising again.
  const asWritten = new Map<string, TwinQuestion>()
  for (const question of questions) {
    benchmarkFacts(question.benchmark)
    checkWrongAnswers(question)
    const text = normaliseQuestionText(question.text)
    const first = byText.get(text) ?? question
    byText.set(text, first)
    asWritten.set(question.text, first)
  }
  return (text: string): TwinQuestion | undefined => asWritten.get(text) ?? byText.get(normaliseQuestionText(text))
}

function checkWrongAnswers(question: TwinQuestion): void {
  const usable = new Set(question.wrongAnswers.filter((wrong) => !isRight(question, wrong)))
  if (usable.size >= 3 && usable.size === question.wrongAnswers.length) return
  throw new ConfigError(
    [
      {
        path: `questions.${question.id}.wrongAnswers`,
        expected: 'at least 3 answers, distinct from the key and from each other',
        got: JSON.stringify(question.wrongAnswers).slice(0, 80),
        fix: 'Give plausible mistakes in the form of the key.',
      },
    ],
    'the question set',
  )
}
