/**
 * @file Asks the twin's answer model what was asked of real models: the same question several times, under each depth,
 * and once more with an answer to look at.
 *
 * The questions are bare numbers of a benchmark, without text: difficulty and luck are drawn by their ids, so a set of a
 * size is always the same set. Answers are those of calls with no cap: cutting is the engine's work, not the model's.
 *
 * Cost: 1 to 2 us an answer.
 */
import { type EngineCall, type ModelId, mean, type ProfileTruth, type StrategyId } from '../../core/index.ts'
import { type AnswerModel, createAnswerModel, type TwinQuestion } from '../../twin/index.ts'
import { type Transition, transitionOf } from './outcome-pairs.ts'
import type { RepeatedAnswers } from './repeat-samples.ts'

export interface SampledTwinOptions {
  readonly truth: ProfileTruth
  readonly benchmark: string
  /** Number of questions. */
  readonly count: number
  readonly seed: number
}

export interface AskedCell {
  readonly model: ModelId
  /** Null: plain chain of thought. */
  readonly strategy: StrategyId | null
  /** Answers to each question. */
  readonly repeats: number
}

export interface Sampled {
  /** One entry per question, in the set's order. */
  readonly questions: readonly RepeatedAnswers[]
  /** Tokens of every answer. */
  readonly tokens: readonly number[]
  /** Share of right answers; an unusable label counts as wrong. */
  readonly accuracy: number
  /** Whether the first answer to each question is right. */
  readonly firstRight: readonly boolean[]
}

export interface SampledTwin {
  ask(cell: AskedCell): Sampled
  /** `model` answers, then looks at its own answer once. */
  revise(model: ModelId): Transition
}

/** Throws ConfigError for a benchmark or model that the truth does not hold. */
export function createSampledTwin({ truth, benchmark, count, seed }: SampledTwinOptions): SampledTwin {
  const questions = questionsOf(truth, benchmark, count)
  const answers = createAnswerModel({ truth, questions, seed, text: 'compact' })
  return {
    ask: (cell) => askAll(answers, questions, cell),
    revise: (model) => {
      const firsts = questions.map(({ text }) => answers.answer(callOf(text, 0, null), model))
      const seconds = questions.map(({ text }, index) => answers.answer(revisionOf(text, firsts[index]!.text), model))
      return transitionOf(
        firsts.map(({ isRight }) => isRight === true),
        seconds.map(({ isRight }) => isRight === true),
      )
    },
  }
}

function askAll(answers: AnswerModel, questions: readonly TwinQuestion[], cell: AskedCell): Sampled {
  const rows = questions.map((question) =>
    Array.from({ length: cell.repeats }, (_, repeat) =>
      answers.answer(callOf(question.text, repeat, cell.strategy), cell.model),
    ),
  )
  return {
    questions: rows.map((row) => ({
      key: 'right',
      // The text of a right answer differs from set to set; its being right is the twin's to say.
      answers: row.map(({ text, isRight }) => (isRight === true ? 'right' : text)),
    })),
    tokens: rows.flatMap((row) => row.map(({ outputTokens }) => outputTokens)),
    accuracy: mean(rows.flatMap((row) => row.map(({ isRight }) => Number(isRight === true)))),
    firstRight: rows.map(([first]) => first?.isRight === true),
  }
}

const letters = [...'ABCDEFGHIJ']

/** Numbers with five slips for mistakes; letters where the benchmark asks for knowledge. */
function questionsOf(truth: ProfileTruth, benchmark: string, count: number): readonly TwinQuestion[] {
  const isChoice = truth.domainOfBenchmark[benchmark] === 'knowledge'
  return Array.from({ length: count }, (_, index) => {
    const keys = isChoice ? letters : Array.from({ length: 6 }, (_, slip) => String(10 * index + slip))
    const right = isChoice ? index % keys.length : 0
    return {
      id: `sampled|${benchmark}|${index}`,
      text: `${benchmark} ${index}`,
      benchmark,
      format: isChoice ? 'choice' : 'number',
      key: keys[right]!,
      wrongAnswers: keys.filter((_, place) => place !== right),
      difficulty: null,
      textScore: null,
    }
  })
}

const callOf = (questionText: string, repeat: number, strategy: StrategyId | null): EngineCall => ({
  id: `${questionText}/${strategy}/${repeat}`,
  messages: () => [],
  meaning: { questionText, strategy, kind: 'solve', role: null, inputs: [] },
  promptTokens: 1,
  maxOutputTokens: Number.MAX_SAFE_INTEGER,
  deadlineAtMs: 0,
  body: {},
})

function revisionOf(questionText: string, seen: string): EngineCall {
  const call = callOf(questionText, 0, null)
  return { ...call, id: `${call.id}/revised`, meaning: { ...call.meaning, kind: 'revise', inputs: [seen] } }
}
