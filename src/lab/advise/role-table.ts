/**
 * @file Which model and depth each kind of step takes as load grows: quality less the price of the engines' time.
 *
 * Prices are those of the linear program at a low, a middle and a high rate. A step is weighed by its role's importance, as
 * the training-free executor does it, and takes the arm with the highest weight x quality - price. Reviews and merges are
 * judged by what they add to the solver's own pick (a merge: to a vote of three, or to the first answer where nothing can be
 * counted); where nothing is worth its price the step is left out. Roles of one importance are alike: the twin knows no effect of a role.
 */
import type { Arm, ModelId, RoleImportance, StrategyId } from '../../core/index.ts'
import { roleWeight } from '../../policy/index.ts'
import { aggregatorRoleOf, importanceOf, rolesOf } from '../../team/index.ts'
import type { FluidLine, FluidPlan } from '../fluid/index.ts'
import type { DomainTable } from './arm-table.ts'
import type { TrafficDomain } from './traffic.ts'

export interface Load {
  readonly name: 'low' | 'middle' | 'high'
  readonly ratePerMinute: number
  /** The pool at that rate, for its prices. */
  readonly line: FluidLine
}

export interface RolePick {
  readonly load: Load['name']
  readonly ratePerMinute: number
  /** null: the step is left out. */
  readonly choice: {
    readonly model: ModelId
    readonly strategy: StrategyId
    /** P(right and in time) after the step, 0-1. */
    readonly quality: number
    /** Mean time of the call on an idle engine. */
    readonly seconds: number
    /** What the call takes from the pool, as goodput of one query. */
    readonly price: number
  } | null
}

export interface RoleRow {
  readonly domain: TrafficDomain
  readonly step: 'solve' | 'review' | 'aggregate'
  readonly importance: RoleImportance
  readonly roles: readonly string[]
  /** Low, middle, high. */
  readonly picks: readonly RolePick[]
}

const importances: readonly RoleImportance[] = ['critical', 'support', 'simple']

export const roleTable = (tables: readonly DomainTable[], loads: readonly Load[]): readonly RoleRow[] =>
  tables.flatMap((table) => rowsOf(table, loads))

/** Every role solves; support and simple ones review too; the domain's aggregator merges. */
function rowsOf(table: DomainTable, loads: readonly Load[]): readonly RoleRow[] {
  const { domain } = table
  const aggregator = aggregatorRoleOf(domain)
  const roles = rolesOf(domain).filter(({ name }) => name !== aggregator)
  const pickers = loads.map((load) => createPicker(table, load))
  const row = (step: RoleRow['step'], importance: RoleImportance, names: readonly string[]): RoleRow => ({
    domain,
    step,
    importance,
    roles: names,
    picks: pickers.map((picker) => picker(step, importance)),
  })
  const byImportance = importances.flatMap((importance) => {
    const names = roles.filter((role) => role.importance === importance).map(({ name }) => name)
    return names.length === 0 ? [] : [{ importance, names }]
  })
  return [
    ...byImportance.map(({ importance, names }) => row('solve', importance, names)),
    ...byImportance.flatMap(({ importance, names }) =>
      importance === 'critical' ? [] : [row('review', importance, names)],
    ),
    row('aggregate', importanceOf(aggregator), [aggregator]),
  ]
}

interface Weighed {
  readonly arm: number
  readonly quality: number
  readonly price: number
  readonly net: number
}

type Picker = (step: RoleRow['step'], importance: RoleImportance) => RolePick

function createPicker(table: DomainTable, { name, ratePerMinute, line }: Load): Picker {
  /** The best arm for the step that `planOf` ends with, after what is worth `before` without it. */
  const best = (planOf: (arm: number) => FluidPlan, before: { quality: number; price: number }, weight: number) =>
    table.arms
      .map((_, arm): Weighed => {
        const { quality, price } = table.worth(planOf(arm), line)
        return {
          arm,
          quality,
          price: price - before.price,
          net: weight * (quality - before.quality) - (price - before.price),
        }
      })
      .reduce((a, b) => (b.net > a.net ? b : a))
  const nothing = { quality: 0, price: 0 }
  const single = (arm: number): FluidPlan => ({ kind: 'single', arm })
  const solver = best(single, nothing, 1)
  const team = [solver.arm, solver.arm, solver.arm]
  const plans: Readonly<
    Record<RoleRow['step'], readonly [(arm: number) => FluidPlan, { quality: number; price: number }]>
  > = {
    solve: [single, nothing],
    review: [(reviewer) => ({ kind: 'review', arm: solver.arm, reviewer }), solver],
    aggregate: [(merger) => ({ kind: 'merge', arms: team, merger }), unmerged(table, team, line)],
  }
  return (step, importance) => {
    const [planOf, before] = plans[step]
    const weighed = best(planOf, before, roleWeight[importance])
    return { load: name, ratePerMinute, choice: weighed.net > 0 ? toChoice(table, weighed) : null }
  }
}

/** Three answers with no call to merge them: counted where they can be, else the first one. */
function unmerged(table: DomainTable, team: readonly number[], line: FluidLine) {
  const vote = table.worth({ kind: 'vote', arms: team }, line)
  const { quality } = table.isComparable ? vote : table.worth({ kind: 'single', arm: team[0]! })
  return { quality, price: vote.price }
}

function toChoice(table: DomainTable, { arm, quality, price }: Weighed): NonNullable<RolePick['choice']> {
  const { model, strategy } = table.arms[arm] as Arm
  return { model, strategy, quality, seconds: table.seconds(arm), price: Math.max(0, price) }
}
