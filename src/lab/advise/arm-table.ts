/**
 * @file What single calls and small teams of one domain come to, by the twin's truth: the ground of diversity and roles.
 *
 * Averages over the domain's questions in the traffic, in the plans' own model (`lab/fluid`): no queue, answers after the
 * budget worth nothing. Where queries have several budgets the middle one stands for all.
 */
import { type Arm, type ModelId, type Profile, quantileSorted } from '../../core/index.ts'
import { isComparable } from '../../team/index.ts'
import {
  type CallTable,
  createCallTable,
  type FluidLine,
  type FluidPlan,
  groupQuestions,
  PlanScorer,
} from '../fluid/index.ts'
import { requireTruth } from '../profile-file.ts'
import { type Traffic, type TrafficDomain, trafficDomains } from './traffic.ts'

/** Means over the questions of a domain. */
export interface PlanWorth {
  /** P(right and in time), 0-1. */
  readonly quality: number
  /** What its calls take at the prices given, as goodput of one query. */
  readonly price: number
}

/** The questions of one benchmark and format. */
interface Group {
  readonly table: CallTable
  readonly scorer: PlanScorer
}

export interface DomainTable {
  readonly domain: TrafficDomain
  /** Models by strategies, as plans number them. */
  readonly arms: readonly Arm[]
  /** Whether answers can be compared: else nobody can vote. */
  readonly isComparable: boolean
  /** Correlation of two models' abilities over the questions, in logits, as the truth has it for every pair. */
  readonly latentCorrelation: number
  readonly questions: number
  /** `line`: the prices; none: 0. */
  worth(plan: FluidPlan, line?: FluidLine): PlanWorth
  /** P(right and in time) of one call of `arm` on each question. */
  byQuestion(arm: number): Float64Array
  /** Mean time of one call on an idle engine, s. */
  seconds(arm: number): number
}

export interface DomainTableOptions {
  readonly profile: Profile
  readonly traffic: Traffic
  readonly seed: number
}

const draws = 8

export function createDomainTables({ profile, traffic, seed }: DomainTableOptions): readonly DomainTable[] {
  const truth = requireTruth(profile)
  const budgetMs = quantileSorted(
    [...traffic.budgetsMs].sort((a, b) => a - b),
    0.5,
  )
  const groups = groupQuestions(traffic.questions, truth).map((questions): Group => {
    const table = createCallTable({ profile, truth, questions, seed, draws })
    return {
      table,
      scorer: new PlanScorer(table, { truth, budgetMs, switchAtMs: new Float64Array(table.arms.length) }),
    }
  })
  const domainOf = ({ table }: Group) => truth.domainOfBenchmark[table.questions[0]!.benchmark.benchmark] ?? 'knowledge'
  return trafficDomains.flatMap((domain) => {
    const own = groups.filter((group) => domainOf(group) === domain)
    return own.length === 0 ? [] : [createDomainTable(domain, own)]
  })
}

function createDomainTable(domain: TrafficDomain, groups: readonly Group[]): DomainTable {
  const questions = groups.reduce((sum, { table }) => sum + table.questions.length, 0)
  const mean = (of: (group: Group) => number) =>
    groups.reduce((sum, group) => sum + of(group) * group.table.questions.length, 0) / questions
  return {
    domain,
    arms: groups[0]!.table.arms,
    isComparable: groups.every(({ table }) => isComparable(table.format)),
    latentCorrelation: mean(({ table }) => {
      const { sigmaB, sigmaU } = table.questions[0]!.benchmark
      return sigmaB ** 2 / (sigmaB ** 2 + sigmaU ** 2)
    }),
    questions,
    worth(plan, line) {
      const sum = { quality: 0, price: 0 }
      for (const group of groups) addWorth(sum, group, { plan, line })
      return { quality: sum.quality / questions, price: sum.price / questions }
    },
    byQuestion: (arm) =>
      Float64Array.from(
        groups.flatMap(({ table, scorer }) =>
          table.questions.map((_, row) => {
            scorer.score(row, { kind: 'single', arm })
            return scorer.value
          }),
        ),
      ),
    seconds: (arm) => mean((group) => meanSeconds(group.table, arm)),
  }
}

interface Priced {
  readonly plan: FluidPlan
  readonly line: FluidLine | undefined
}

function addWorth(sum: { quality: number; price: number }, { table, scorer }: Group, { plan, line }: Priced): void {
  const prices = table.models.map((model: ModelId) => line?.prices[model] ?? { perWorkSecond: 0, perTokenSecond: 0 })
  for (let row = 0; row < table.questions.length; row += 1) {
    scorer.score(row, plan)
    sum.quality += scorer.value
    for (const [model, { perWorkSecond, perTokenSecond }] of prices.entries())
      sum.price += (perWorkSecond * scorer.workMs[model]! + perTokenSecond * scorer.kvTokenMs[model]!) / 1000
  }
}

function meanSeconds({ timeMs, arms, questions }: CallTable, arm: number): number {
  let sum = 0
  for (let row = 0; row < questions.length; row += 1)
    for (let draw = 0; draw < draws; draw += 1) sum += timeMs[(row * arms.length + arm) * draws + draw]!
  return sum / questions.length / draws / 1000
}
