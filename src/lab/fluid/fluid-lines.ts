/**
 * @file Fluid lines: what no policy could exceed on a cell if nobody had to wait for anybody.
 *
 * Queries flow instead of arriving: the program in `fluid-program.ts` spreads each class of questions over plans so that
 * most answers are right and in time, within engine time and KV on the average. Queueing, batches that are not full,
 * prefill in the way of decoding and errors of prediction are left out, and costs are the least that the twin's step model
 * allows. With difficulty known it is a bound for any policy that keeps to these plans; others know less, and have their
 * lines. Debates, longer chains of reviews and larger votes are not among the plans.
 *
 * Simulated, of course: the truth is the profile's, with the profile's known errors.
 */
import type { Highs } from 'highs'
import { invariant, type ModelId, type Profile, type ProfileTruth } from '../../core/index.ts'
import {
  createBenchmarkFacts,
  createQuestionFacts,
  type QuestionFacts,
  resolveBenchmark,
  type TwinQuestion,
} from '../../twin/index.ts'
import { requireTruth } from '../profile-file.ts'
import { createCallTable } from './call-table.ts'
import { type Capacity, type FluidSolution, solveFluidProgram } from './fluid-program.ts'
import type { Information } from './information.ts'
import { loadHighs } from './load-highs.ts'
import { type ClassColumns, type ColumnsByInformation, createColumns, plansFor } from './plan-columns.ts'
import { describePlan, type FluidPlan, isStatic } from './plans.ts'

export type LineName = Information | 'staticOnly'

/** What an engine's capacity is worth at the margin: correct answers in time that would be won by a little more of it. */
export interface CapacityPrice {
  /** Per second of engine time (of an engine that has its GPU to itself). */
  readonly perWorkSecond: number
  /** Per token kept in the cache for a second. */
  readonly perTokenSecond: number
}

/** A plan in use. */
export interface PlanShare {
  /** As `describePlan` writes it. */
  readonly plan: string
  readonly kind: FluidPlan['kind']
  /** Of all queries, 0-1. */
  readonly share: number
  /** Correct and in time, of those. */
  readonly value: number
}

export interface FluidLine {
  /** Correct and in time, of all queries, 0-1. */
  readonly goodput: number
  /** 0 where there is enough of it. */
  readonly prices: Readonly<Record<ModelId, CapacityPrice>>
  /** By GPU, in the order of the placement (models that stand on none follow, each on one of its own): correct goodput that as much of its time again would add, at the margin. */
  readonly gpuPrices: readonly number[]
  /** Most used first. Shares may add up to less than 1: the rest is given up. */
  readonly plans: readonly PlanShare[]
}

/** Correct goodput as fractions, by what is known of a question beside its benchmark, and the same with prices and plans. */
export interface FluidLines {
  readonly none: number
  readonly text: number
  readonly difficulty: number
  /** Nothing known, and no plan that waits and sees: a line, not a bound. */
  readonly staticOnly: number
  readonly lines: Readonly<Record<LineName, FluidLine>>
}

export interface FluidCellOptions {
  readonly ratePerMinute: number
  /** Several: each query has one of them, all equally likely, and knows it. */
  readonly budgetMs: number | readonly number[]
  /** Engines other than the profile's. */
  readonly placement?: FluidPlacement
}

/** Which engines there are: a model may stand on several GPUs, or on none and cannot be used then. */
export interface FluidPlacement {
  /** By GPU: the model of each of its engines. */
  readonly gpus: readonly (readonly ModelId[])[]
  /** KV cache of all engines of a model together, in tokens. A model on a GPU needs an entry > 0. */
  readonly kvTokens: Readonly<Record<ModelId, number>>
}

export interface FluidModelOptions {
  readonly profile: Profile
  /** Every query asks one of these, all equally likely. */
  readonly questions: readonly TwinQuestion[]
  /** Of the lengths drawn. */
  readonly seed: number
  /** Lengths drawn per question and arm. Default 8. */
  readonly draws?: number
}

/** The lines of any cell with these questions. What depends on questions and budget alone is made once and kept. */
export interface FluidModel {
  lines(cell: FluidCellOptions): Promise<FluidLines>
  /** One of them alone, as solved: where many cells or pools are compared. */
  line(name: LineName, cell: FluidCellOptions): Promise<FluidLine>
}

/** The lines of one cell. Throws ConfigError where the profile holds no truth. */
export const fluidLines = ({
  ratePerMinute,
  budgetMs,
  ...model
}: FluidModelOptions & FluidCellOptions): Promise<FluidLines> =>
  createFluidModel(model).lines({ ratePerMinute, budgetMs })

/** Throws ConfigError where the profile holds no truth, or none for a question's benchmark. */
export function createFluidModel({ profile, questions, seed, draws = 8 }: FluidModelOptions): FluidModel {
  const truth = requireTruth(profile)
  const tables = groupQuestions(questions, truth).map((group) => {
    const table = createCallTable({ profile, truth, questions: group, seed, draws })
    return { table, plans: plansFor(table) }
  })
  const columns = new Map<number, readonly ColumnsByInformation[]>()
  const columnsAt = (budgetMs: number) => {
    const known =
      columns.get(budgetMs) ?? tables.map(({ table, plans }) => createColumns(table, { truth, plans, budgetMs }))
    columns.set(budgetMs, known)
    return known
  }
  const models = Object.keys(profile.models)
  const ownCapacity = capacityOf(profile)
  const prepare = async ({ ratePerMinute, budgetMs, placement }: FluidCellOptions) => {
    invariant(ratePerMinute > 0, `a fluid line needs a rate > 0, got ${ratePerMinute}`)
    const highs = await loadHighs()
    const capacity = placement === undefined ? ownCapacity : placedCapacity(profile, placement)
    const cell = [budgetMs].flat().flatMap(columnsAt)
    return (name: LineName) => {
      const kind: Information = name === 'staticOnly' ? 'none' : name
      const isAllowed = name === 'staticOnly' ? isStatic : () => true
      const classes = cell.flatMap((columns) => columns[kind])
      return solveLine(highs, { models, capacity, ratePerMinute, isAllowed, classes })
    }
  }
  return {
    async line(name, cell) {
      return (await prepare(cell))(name)
    },
    async lines(cell) {
      const lineOf = await prepare(cell)
      const [staticOnly, none, text] = [lineOf('staticOnly'), lineOf('none'), lineOf('text')]
      const hardness = lineOf('difficulty')
      // Whoever knows how hard a question is has read it too.
      const difficulty = hardness.goodput >= text.goodput ? hardness : text
      return {
        none: none.goodput,
        text: text.goodput,
        difficulty: difficulty.goodput,
        staticOnly: staticOnly.goodput,
        lines: { none, text, difficulty, staticOnly },
      }
    },
  }
}

/** The questions' facts, one group for each benchmark and answer format. */
export function groupQuestions(
  questions: readonly TwinQuestion[],
  truth: ProfileTruth,
): readonly (readonly QuestionFacts[])[] {
  const groups = new Map<string, QuestionFacts[]>()
  for (const question of questions) {
    const benchmark = createBenchmarkFacts(truth, resolveBenchmark(truth, question.benchmark))
    const key = `${question.benchmark}|${question.format}`
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push(createQuestionFacts(truth, { question, benchmark }))
  }
  return [...groups.values()]
}

/** A model on no GPU of the profile has one to itself. */
function capacityOf({ models, gpus, colocationEta }: Profile): Capacity {
  const names = Object.keys(models)
  const placed = gpus.map(({ engines }) => engines.map((engine) => names.indexOf(engine)).filter((model) => model >= 0))
  const alone = names.map((_, model) => model).filter((model) => !placed.some((engines) => engines.includes(model)))
  const engines = [...placed, ...alone.map((model) => [model])]
  return {
    kvTokens: names.map(
      (name, model) => models[name]!.kvTokens.value * engines.flat().filter((at) => at === model).length,
    ),
    gpus: engines,
    eta: colocationEta.value,
  }
}

/** A model that stands nowhere has no engine time; its cache does not matter then. */
function placedCapacity({ models, colocationEta }: Profile, { gpus, kvTokens }: FluidPlacement): Capacity {
  const names = Object.keys(models)
  return {
    kvTokens: names.map((name) => kvTokens[name] ?? models[name]!.kvTokens.value),
    gpus: gpus.map((engines) => engines.map((engine) => names.indexOf(engine))),
    eta: colocationEta.value,
  }
}

interface LineInput {
  readonly models: readonly ModelId[]
  readonly capacity: Capacity
  readonly ratePerMinute: number
  readonly classes: readonly ClassColumns[]
  readonly isAllowed: (plan: FluidPlan) => boolean
}

function solveLine(highs: Highs, { models, capacity, ratePerMinute, classes, isAllowed }: LineInput): FluidLine {
  const total = classes.reduce((sum, { questions }) => sum + questions, 0)
  const plans = classes.map((of) => of.plans.flatMap((plan, index) => (isAllowed(plan) ? index : [])))
  const weights = classes.map(({ questions }) => questions / total)
  const solution = solveFluidProgram(highs, { classes, plans, weights, ratePerMinute, capacity })
  // One more call a query is `ratePerMinute` calls a minute.
  const perSecond = ratePerMinute / 60
  const prices = models.map((model, index) => {
    const perTokenSecond = (solution.kvPrices[index]! * perSecond) / capacity.kvTokens[index]!
    return [model, { perWorkSecond: solution.workPrices[index]! * perSecond, perTokenSecond }] as const
  })
  return {
    goodput: solution.value,
    prices: Object.fromEntries(prices),
    gpuPrices: solution.gpuPrices,
    plans: sharesOf(solution, classes, weights),
  }
}

/** The shares of all classes, summed by plan. */
function sharesOf(
  { shares }: FluidSolution,
  classes: readonly ClassColumns[],
  weights: readonly number[],
): readonly PlanShare[] {
  const byPlan = new Map<string, { readonly kind: FluidPlan['kind']; share: number; right: number }>()
  for (const { classIndex, plan, share } of shares) {
    const { plans, table, sums, questions } = classes[classIndex]!
    const name = describePlan(plans[plan]!, table.arms)
    const known = byPlan.get(name) ?? { kind: plans[plan]!.kind, share: 0, right: 0 }
    byPlan.set(name, known)
    const ofAll = share * weights[classIndex]!
    known.share += ofAll
    known.right += (ofAll * sums[plan * (1 + 2 * table.models.length)]!) / questions
  }
  return [...byPlan]
    .map(([plan, { kind, share, right }]) => ({ plan, kind, share, value: right / share }))
    .sort((a, b) => b.share - a.share || (a.plan < b.plan ? -1 : 1))
}
