/**
 * @file `best-fixed`: for each cell the single arm that did best on average over the seeds, chosen in hindsight.
 *
 * No policy could know it beforehand, so it is a reference line and a hard one: a fixed choice that is right for exactly
 * this dataset, rate and budget. All arms are played freely first, one run for all budgets. Holding an arm to the deadline
 * changes nothing where it missed none; where it did, the arm is played again, held to it, unless it could not win even
 * if every answer came in time.
 */
import type { ModelId } from '../../core/index.ts'
import type { BenchRow } from './bench-row.ts'
import { bestFixed, parseMethod } from './methods/index.ts'
import { armsOf, type RunSpec, runKey } from './plan-runs.ts'
import type { RunCell, RunResult } from './run-result.ts'

/** An arm under the suffixes asked for, and as it is played freely. */
interface Arm {
  readonly asked: string
  readonly free: string
}

export interface Grid {
  readonly models: readonly ModelId[]
  readonly datasets: readonly string[]
  readonly rates: readonly number[]
  readonly budgets: readonly (number | null)[]
  readonly seeds: readonly number[]
}

/** One cell of the grid, all seeds. */
interface Place {
  readonly dataset: string
  readonly ratePerMinute: number
  readonly budget: number | null
}

/** The canonical name of a best-fixed method with these suffixes. */
export const bestFixedName = (suffix: string): string => `${bestFixed}${suffix}`

/** Names of the arms as they are played freely. */
export const freeArmsOf = (models: readonly ModelId[]): readonly string[] =>
  armsOf(models, '+fcfs+free').map((name) => parseMethod(name, models).name)

export class BestFixed {
  readonly #grid: Grid
  readonly #suffix: string
  readonly #arms: readonly Arm[]
  readonly #cells = new Map<string, RunCell>()
  readonly #runs = new Map<string, RunResult>()

  constructor(suffix: string, grid: Grid) {
    this.#grid = grid
    this.#suffix = suffix
    const free = freeArmsOf(grid.models)
    this.#arms = armsOf(grid.models, suffix).map((name, index) => ({
      asked: parseMethod(name, grid.models).name,
      free: free[index] as string,
    }))
  }

  /** Takes in a finished run of an arm; others are passed over. */
  add(run: RunResult): void {
    if (!run.method.startsWith('single:')) return
    for (const cell of run.cells) {
      const { dataset, rate_per_min, budget_s } = cell.row
      const key = keyOf(run.method, { dataset, ratePerMinute: rate_per_min, budget: budget_s }, run.seed)
      this.#cells.set(key, cell)
      this.#runs.set(key, run)
    }
  }

  /** Arms that must be played again, held to the deadline. Needs all free runs. */
  toPlayAgain(): readonly RunSpec[] {
    return this.#places().flatMap((place) => {
      const lowest = Math.max(...this.#arms.map(({ free }) => this.#mean(free, place, goodputOf)))
      return this.#arms
        .filter(({ asked, free }) => asked !== free && this.#isLate(free, place))
        .filter(({ free }) => this.#mean(free, place, mostGoodput) >= lowest)
        .flatMap(({ asked }) => this.#specs(asked, place))
    })
  }

  /** Runs made of the chosen arms' cells: one for each dataset, rate and seed. Needs the runs of `toPlayAgain`. */
  choose(): readonly RunResult[] {
    const { datasets, rates, seeds, budgets } = this.#grid
    const runs: RunResult[] = []
    for (const dataset of datasets)
      for (const ratePerMinute of rates) {
        const chosen = budgets.map((budget) => this.#best({ dataset, ratePerMinute, budget }))
        for (const seed of seeds) runs.push(this.#join(chosen, { dataset, ratePerMinute }, seed))
      }
    return runs
  }

  #places(): readonly Place[] {
    const { datasets, rates, budgets } = this.#grid
    return datasets.flatMap((dataset) =>
      rates.flatMap((ratePerMinute) => budgets.map((budget) => ({ dataset, ratePerMinute, budget }))),
    )
  }

  #specs(method: string, { dataset, ratePerMinute, budget }: Place): readonly RunSpec[] {
    return this.#grid.seeds.map((seed) => {
      const spec = { method, dataset, ratePerMinute, seed, budgets: [budget] }
      return { key: runKey(spec), ...spec }
    })
  }

  #isLate(free: string, place: Place): boolean {
    return this.#grid.seeds.some((seed) => {
      const { row } = this.#cell(free, place, seed)
      return row.on_time < row.arrived
    })
  }

  #cell(method: string, place: Place, seed: number): RunCell {
    return this.#cells.get(keyOf(method, place, seed)) as RunCell
  }

  #mean(method: string, place: Place, value: (row: BenchRow) => number): number {
    const { seeds } = this.#grid
    return seeds.reduce((sum, seed) => sum + value(this.#cell(method, place, seed).row), 0) / seeds.length
  }

  /** The arm's run that counts: held to the deadline where that was played, else free. */
  #methodFor({ asked, free }: Arm, place: Place): string {
    return this.#grid.seeds.every((seed) => this.#cells.has(keyOf(asked, place, seed))) ? asked : free
  }

  /** The run with the highest mean correct goodput; of equals the first. */
  #best(place: Place): { readonly method: string; readonly place: Place } {
    let [best, bestGoodput] = ['', -1]
    for (const arm of this.#arms) {
      const method = this.#methodFor(arm, place)
      const goodput = this.#mean(method, place, goodputOf)
      if (goodput > bestGoodput) [best, bestGoodput] = [method, goodput]
    }
    return { method: best, place }
  }

  #join(
    chosen: readonly { readonly method: string; readonly place: Place }[],
    { dataset, ratePerMinute }: Omit<Place, 'budget'>,
    seed: number,
  ): RunResult {
    const method = bestFixedName(this.#suffix)
    const cells = chosen.map(({ method: arm, place }): RunCell => {
      const cell = this.#cell(arm, place, seed)
      const { scheduler, isEnforced } = parseMethod(this.#arms[0]?.asked as string, this.#grid.models)
      return { ...cell, row: { ...cell.row, method, scheduler, enforced: isEnforced, chosen: arm } }
    })
    const first = chosen[0] as (typeof chosen)[number]
    const base = this.#runs.get(keyOf(first.method, first.place, seed)) as RunResult
    const key = runKey({ method, dataset, ratePerMinute, seed, budgets: this.#grid.budgets })
    return { ...base, key, method, cells }
  }
}

const keyOf = (method: string, { dataset, ratePerMinute, budget }: Place, seed: number): string =>
  [method, dataset, ratePerMinute, budget ?? 'mix', seed].join('|')

const goodputOf = (row: BenchRow): number => row.correct_goodput

/** What a row would come to at the very most if every answer came in time: with room for chance where not all came. */
function mostGoodput({ arrived, answered, correct }: BenchRow): number {
  if (answered === arrived) return correct / arrived
  if (answered === 0) return 1
  const share = correct / answered
  return share + 3 * Math.sqrt(0.25 / answered)
}
