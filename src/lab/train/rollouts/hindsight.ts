/**
 * @file What only the twin knows of a question: how hard it is, how able its models are, how likely one call was right.
 *
 * Arms differ by a point or two, right and wrong by a hundred: where one call gave the answer, its probability to be right
 * takes the place of the coin, which says the same with far less noise. Outcomes are always judged by the coin.
 */
import type { ModelId, Profile, RunRecord, StrategyId } from '../../../core/index.ts'
import {
  createBenchmarkFacts,
  createQuestionFacts,
  type QuestionFacts,
  resolveBenchmark,
} from '../../../twin/answers/index.ts'
import { requireTruth } from '../../profile-file.ts'
import type { Question } from '../../questions/index.ts'
import { privilegedNames } from './episode.ts'

export interface Hindsight {
  privileged(question: Question): Float32Array
  /** P(right) of the answer that went out, where one fresh call gave it; null where several had a part in it. */
  chanceRight(question: Question, record: RunRecord): number | null
}

export function createHindsight(profile: Profile): Hindsight {
  const truth = requireTruth(profile)
  const models = Object.keys(profile.models)
  const benchmarks = new Map<string, ReturnType<typeof createBenchmarkFacts>>()
  const known = new WeakMap<Question, { readonly facts: QuestionFacts; readonly privileged: Float32Array }>()
  const factsOf = (question: Question) => {
    const before = known.get(question)
    if (before) return before
    const name = resolveBenchmark(truth, question.benchmark)
    const benchmark = benchmarks.get(name) ?? createBenchmarkFacts(truth, name)
    benchmarks.set(name, benchmark)
    const facts = createQuestionFacts(truth, { question, benchmark })
    const made = { facts, privileged: privilegedOf(facts, models) }
    known.set(question, made)
    return made
  }
  return {
    privileged: (question) => factsOf(question).privileged,
    chanceRight: (question, record) => {
      const arm = loneArm(record)
      return arm && chanceOf(factsOf(question).facts, arm)
    },
  }
}

interface ArmName {
  readonly model: ModelId
  readonly strategy: StrategyId
}

function chanceOf(facts: QuestionFacts, { model, strategy }: ArmName): number {
  if (!facts.isLabelUsable) return 0
  const { complies, ability, plainAbility } = facts.of(model).at(strategy)
  return complies * ability + (1 - complies) * plainAbility
}

/** The arm of the only step that answered, where it solved afresh and went out as it was. */
function loneArm({ steps, answeredBy, outcome }: RunRecord): ArmName | null {
  if (outcome !== 'answered' || answeredBy === null || answeredBy === 'vote') return null
  const answering = steps.filter(({ outcome: end }) => end === 'done')
  const [only] = answering
  if (answering.length !== 1 || !only || !('model' in only.choice)) return null
  return only.kind === 'solve' || only.kind === 'insurance' ? only.choice : null
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
