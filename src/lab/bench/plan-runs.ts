/** @file The runs that a grid needs: one simulation each, in an order that keeps workers busy to the end. */
import { type ModelId, strategyIds } from '../../core/index.ts'
import type { BenchOptions } from './bench-options.ts'
import { parseMethod, readBestFixed, singleName } from './methods/index.ts'

export interface RunSpec {
  /** Unique, stable, and fit for a file name. */
  readonly key: string
  readonly method: string
  readonly dataset: string
  readonly ratePerMinute: number
  readonly seed: number
  /** Seconds; null: mixed. */
  readonly budgets: readonly (number | null)[]
}

/** Single arms that `best-fixed` chooses from, under its suffixes. */
export const armsOf = (models: readonly ModelId[], suffix: string): readonly string[] =>
  models.flatMap((model) => strategyIds.map((strategy) => `${singleName(model, strategy)}${suffix}`))

export const runKey = (spec: Omit<RunSpec, 'key'>): string =>
  [spec.method, spec.dataset, spec.ratePerMinute, budgetsKey(spec.budgets), spec.seed]
    .map((part) => String(part).replace(/[^\w.+-]+/g, '-'))
    .join('__')

const budgetsKey = (budgets: RunSpec['budgets']): string => budgets.map((budget) => budget ?? 'mix').join('-')

/** Every run of the grid that can be named beforehand, each once; the costly ones (high rates) first. */
export function planRuns(
  options: BenchOptions,
  models: readonly ModelId[],
  freeArms: readonly string[],
): readonly RunSpec[] {
  const names = options.methods.flatMap((asked) =>
    readBestFixed(asked) ? freeArms : [parseMethod(asked, models).name],
  )
  const specs = [...new Set(names)].flatMap((name) => specsOf(name, options, models))
  return specs.sort((a, b) => b.ratePerMinute - a.ratePerMinute)
}

export const seedsOf = ({ seed, seeds }: BenchOptions): readonly number[] =>
  Array.from({ length: seeds }, (_, index) => seed + index)

function specsOf(name: string, options: BenchOptions, models: readonly ModelId[]): readonly RunSpec[] {
  const shares = parseMethod(name, models).isBudgetBlind
  const budgetLists = shares ? [options.budgets] : options.budgets.map((budget) => [budget])
  const specs: RunSpec[] = []
  for (const dataset of options.datasets)
    for (const ratePerMinute of options.rates)
      for (const budgets of budgetLists)
        for (const seed of seedsOf(options)) {
          const spec = { method: name, dataset, ratePerMinute, seed, budgets }
          specs.push({ key: runKey(spec), ...spec })
        }
  return specs
}
