/**
 * @file The numbers of the linear program: for each class of questions and plan, worth and use summed over its questions.
 *
 * Layout of a plan's sums: [value, work of each model in ms, KV of each model in token-ms]. Cost: questions x plans x
 * draws, some 20 ns each.
 */
import { type ProfileTruth, quantileSorted } from '../../core/index.ts'
import type { CallTable } from './call-table.ts'
import { classify, type Information } from './information.ts'
import { PlanScorer } from './plan-scorer.ts'
import { type ArmWorth, type FluidPlan, listPlans, shortlist } from './plans.ts'

/** One class of questions that a policy treats alike, under one budget. */
export interface ClassColumns {
  readonly table: CallTable
  readonly budgetMs: number
  readonly plans: readonly FluidPlan[]
  /** How many questions are in the class. >= 1. */
  readonly questions: number
  /** [plan, 1 + 2 x models], row-major; sums over the questions. */
  readonly sums: Float64Array
}

export type ColumnsByInformation = Readonly<Record<Information, readonly ClassColumns[]>>

/** Share of a fallback's calls that are to arrive when the switch is made at the last instant for them. */
const sureFraction = 0.98

/** The plans for the questions of `table`. */
export const plansFor = (table: CallTable): readonly FluidPlan[] =>
  listPlans({ arms: table.arms, format: table.format, combined: shortlist(armWorth(table)) })

export interface ColumnOptions {
  readonly truth: ProfileTruth
  readonly plans: readonly FluidPlan[]
  readonly budgetMs: number
}

/** The classes of each kind of information, empty ones left out. */
export function createColumns(table: CallTable, { truth, plans, budgetMs }: ColumnOptions): ColumnsByInformation {
  const scorer = new PlanScorer(table, { truth, budgetMs, switchAtMs: switchInstants(table, budgetMs) })
  const width = 1 + 2 * table.models.length
  const { text, difficulty } = classify(table.questions)
  const emptySums = (count: number) => Array.from({ length: count }, () => new Float64Array(plans.length * width))
  const [textSums, difficultySums] = [emptySums(text.count), emptySums(difficulty.count)]
  for (let row = 0; row < table.questions.length; row += 1) {
    const [ofText, ofDifficulty] = [textSums[text.of[row]!]!, difficultySums[difficulty.of[row]!]!]
    for (let plan = 0; plan < plans.length; plan += 1) {
      scorer.score(row, plans[plan]!)
      addTo(ofText, plan * width, scorer)
      addTo(ofDifficulty, plan * width, scorer)
    }
  }
  const columnsOf = (sums: readonly Float64Array[], classes: readonly number[]) =>
    sums
      .map((of, index): ClassColumns => {
        return { table, budgetMs, plans, sums: of, questions: classes.filter((at) => at === index).length }
      })
      .filter(({ questions }) => questions > 0)
  return {
    none: columnsOf(
      [total(textSums)],
      table.questions.map(() => 0),
    ),
    text: columnsOf(textSums, [...text.of]),
    difficulty: columnsOf(difficultySums, [...difficulty.of]),
  }
}

/** Without information all classes are one. */
const total = (sums: readonly Float64Array[]): Float64Array =>
  sums.reduce((sum, part) => sum.map((value, index) => value + part[index]!))

function addTo(sums: Float64Array, offset: number, { value, workMs, kvTokenMs }: PlanScorer): void {
  const models = workMs.length
  sums[offset]! += value
  for (let model = 0; model < models; model += 1) {
    sums[offset + 1 + model]! += workMs[model]!
    sums[offset + 1 + models + model]! += kvTokenMs[model]!
  }
}

/** By arm, over all questions and draws. */
function armWorth({
  arms,
  questions,
  draws,
  ability,
  outputTokens,
  promptTokens,
  modelOf,
  costs,
}: CallTable): ArmWorth[] {
  const calls = questions.length * draws
  return arms.map((_, arm) => {
    let [right, workMs] = [0, 0]
    for (let row = 0; row < questions.length; row += 1) {
      const first = (row * arms.length + arm) * draws
      for (let call = first; call < first + draws; call += 1) {
        right += ability[call]!
        workMs += costs[modelOf[arm]!]!.workMs(promptTokens[row]!, outputTokens[call]!)
      }
    }
    return { accuracy: right / calls, workMs: workMs / calls }
  })
}

/** By arm: the budget less the time within which nearly all of its calls end. */
function switchInstants({ arms, questions, draws, timeMs }: CallTable, budgetMs: number): Float64Array {
  return Float64Array.from(arms, (_, arm) => {
    const times = new Float64Array(questions.length * draws)
    for (let row = 0; row < questions.length; row += 1) {
      const first = (row * arms.length + arm) * draws
      times.set(timeMs.subarray(first, first + draws), row * draws)
    }
    return budgetMs - quantileSorted(times.sort(), sureFraction)
  })
}
