/**
 * @file What only the twin knows of a question: how hard it is, how able its models are, how likely a run was right.
 *
 * Arms differ by a point or two, right and wrong by a hundred: the probability to be right takes the place of the coin, which
 * says the same with less noise. What a policy is worth to a user is always judged by the coin.
 */
import type { AnswerFormat, ModelId, Profile, RunRecord } from '../../../core/index.ts'
import { extractAnswer } from '../../../team/index.ts'
import {
  createBenchmarkFacts,
  createQuestionFacts,
  finalLine,
  type QuestionFacts,
  resolveBenchmark,
} from '../../../twin/answers/index.ts'
import { requireTruth } from '../../profile-file.ts'
import type { Question } from '../../questions/index.ts'
import { privilegedNames } from './episode.ts'
import { replayedChance } from './replayed-chance.ts'

export interface Hindsight {
  privileged(question: Question): Float32Array
  /** P(right) of the answer that went out; 0 without one. `seed`: the run's. `isCorrect`: what the coin said. */
  chanceRight(
    question: Question,
    record: RunRecord,
    run: { readonly seed: number; readonly isCorrect: boolean },
  ): number
}

export function createHindsight(profile: Profile): Hindsight {
  const truth = requireTruth(profile)
  const models = Object.keys(profile.models)
  const benchmarks = new Map<string, ReturnType<typeof createBenchmarkFacts>>()
  const known = new WeakMap<Question, KnownQuestion>()
  const factsOf = (question: Question) => {
    const before = known.get(question)
    if (before) return before
    const name = resolveBenchmark(truth, question.benchmark)
    const benchmark = benchmarks.get(name) ?? createBenchmarkFacts(truth, name)
    benchmarks.set(name, benchmark)
    const facts = createQuestionFacts(truth, { question, benchmark })
    const made = { facts, readingOf: createReading(facts), privileged: privilegedOf(facts, models) }
    known.set(question, made)
    return made
  }
  return {
    privileged: (question) => factsOf(question).privileged,
    chanceRight: (question, record, run) => {
      const { facts, readingOf } = factsOf(question)
      return replayedChance(record, { facts, readingOf, truth, ...run })
    },
  }
}

interface KnownQuestion {
  readonly facts: QuestionFacts
  readonly readingOf: (answer: string, format: AnswerFormat) => string | null
  readonly privileged: Float32Array
}

/** What a team reads out of the line that gives an answer, in the format that it was asked for; each is read once. */
function createReading(facts: QuestionFacts): KnownQuestion['readingOf'] {
  const readings = new Map<string, string | null>()
  return (answer, format) => {
    const key = `${format}|${answer}`
    const known = readings.get(key)
    if (known !== undefined) return known
    const reading = extractAnswer(finalLine(facts, answer), format)
    readings.set(key, reading)
    return reading
  }
}

function privilegedOf(facts: QuestionFacts, models: readonly ModelId[]): Float32Array {
  const abilities = models.map((model) => facts.of(model).at('DeepThink').ability)
  const usable = facts.isLabelUsable ? 1 : 0
  const values: Record<(typeof privilegedNames)[number], number> = {
    difficulty: facts.difficulty,
    usableLabel: usable,
    bestAbility: usable * Math.max(...abilities),
    meanAbility: (usable * abilities.reduce((sum, ability) => sum + ability, 0)) / abilities.length,
  }
  return Float32Array.from(privilegedNames, (name) => values[name])
}
