/** @file How evenly a method loads the pool: calls running and waiting per model, over time, on the headline dataset. */
import { mean, quantileSorted } from '../../../core/index.ts'
import { distinct, headlineDataset, type Results, ratesOf } from '../results/results.ts'

export interface ModelQueue {
  readonly model: string
  /** Calls running plus waiting. */
  readonly mean: number
  readonly p95: number
  /** Share of the time in which nothing ran and nothing waited. */
  readonly idleShare: number
}

export interface QueueBalance {
  readonly method: string
  readonly dataset: string
  readonly ratePerMinute: number
  readonly models: readonly ModelQueue[]
}

/** Over all budgets and seeds of a rate; a run that was scored under several budgets counts once. */
export function queueBalances(results: Results, methods: readonly string[]): readonly QueueBalance[] {
  const dataset = headlineDataset(results)
  const cells = results.cells.filter((cell) => cell.dataset === dataset)
  return methods.flatMap((method) =>
    ratesOf(cells).flatMap((ratePerMinute): readonly QueueBalance[] => {
      const runs = distinct(
        cells
          .filter((cell) => cell.ratePerMinute === ratePerMinute)
          .flatMap((cell) => cell.byMethod.get(method) ?? [])
          .map(({ run }) => run),
      )
      if (runs.length === 0) return []
      const models = distinct(runs.flatMap(({ queues }) => Object.keys(queues.models)))
      const queueOf = (model: string): ModelQueue => {
        const loads = runs.flatMap(({ queues }) => queues.models[model] ?? [])
        const idleShares = runs.flatMap(({ queues }) => queues.idleShare[model] ?? [])
        return {
          model,
          mean: loads.length === 0 ? 0 : mean(loads),
          p95:
            loads.length === 0
              ? 0
              : quantileSorted(
                  loads.toSorted((a, b) => a - b),
                  0.95,
                ),
          idleShare: idleShares.length === 0 ? 0 : mean(idleShares),
        }
      }
      return [{ method, dataset, ratePerMinute, models: models.map(queueOf) }]
    }),
  )
}
