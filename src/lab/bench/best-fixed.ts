/**
 * @file `best-fixed`: for each cell the single arm that did best on average over the seeds, chosen in hindsight.
 *
 * No policy could know it beforehand, so it is a reference line and a hard one: a fixed choice that is right for exactly
 * this dataset, rate and budget.
 */
import type { BenchRow } from './bench-row.ts'
import { bestFixed } from './methods/index.ts'
import type { RunCell, RunResult } from './run-result.ts'

export interface BestFixedInput {
  /** Runs of every arm, same datasets, rates, seeds and budgets for each. */
  readonly arms: readonly RunResult[]
  /** As the method was asked for: with suffixes. */
  readonly name: string
  /** Names a run of the result. */
  readonly keyOf: (run: RunResult) => string
}

/** Runs made of the chosen arms' cells: one for each dataset, rate and seed. */
export function chooseBestFixed({ arms, name, keyOf }: BestFixedInput): readonly RunResult[] {
  const groups = new Map<string, RunResult[]>()
  for (const run of arms) {
    const key = `${run.dataset}|${run.ratePerMinute}`
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  return [...groups.values()].flatMap((runs) => chooseFor(runs, { name, keyOf }))
}

function chooseFor(runs: readonly RunResult[], { name, keyOf }: Omit<BestFixedInput, 'arms'>): readonly RunResult[] {
  const budgets = (runs[0] as RunResult).cells.length
  const methods = [...new Set(runs.map(({ method }) => method))]
  const chosen = Array.from({ length: budgets }, (_, index) => bestOf(methods, runs, index))
  const seeds = [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b)
  return seeds.map((seed) => {
    const ofSeed = (method: string) => runs.find((run) => run.seed === seed && run.method === method) as RunResult
    const base = ofSeed(chosen[0] as string)
    const cells = chosen.map((method, index) => asBestFixed(ofSeed(method).cells[index] as RunCell, name, method))
    return { ...base, method: name, cells, key: keyOf({ ...base, method: name }) }
  })
}

/** The arm with the highest mean correct goodput over the seeds; of equals the first. */
function bestOf(methods: readonly string[], runs: readonly RunResult[], budget: number): string {
  let [best, bestGoodput] = ['', -1]
  for (const method of methods) {
    const own = runs.filter((run) => run.method === method)
    const goodput = own.reduce((sum, { cells }) => sum + (cells[budget] as RunCell).row.correct_goodput, 0) / own.length
    if (goodput > bestGoodput) [best, bestGoodput] = [method, goodput]
  }
  return best
}

const asBestFixed = (cell: RunCell, name: string, chosen: string): RunCell => {
  const row: BenchRow = { ...cell.row, method: name, chosen }
  return { ...cell, row }
}

/** The canonical name of a best-fixed method with these suffixes. */
export const bestFixedName = (suffix: string): string => `${bestFixed}${suffix}`
