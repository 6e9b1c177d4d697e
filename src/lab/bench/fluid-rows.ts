/** @file The fluid lines beside the cells: what an ideal policy could come to, by linear program. */
import { createFluidModel } from '../fluid/index.ts'
import type { Question } from '../questions/index.ts'
import type { BenchOptions } from './bench-options.ts'
import { mixedBudgetsSeconds } from './play/index.ts'
import type { BenchSetting } from './setting.ts'
import type { FluidRow } from './summary.ts'

/** Questions that a line is made from; more change it by less than their own sampling error. */
const mostQuestions = 360

/** Lines of every cell, in the order of the grid. `onLine`: told after each. */
export async function fluidRows(
  { profile, asked }: BenchSetting,
  { datasets, rates, budgets, seed }: BenchOptions,
  signal: AbortSignal,
): Promise<readonly FluidRow[]> {
  const rows: FluidRow[] = []
  for (const dataset of datasets) {
    const model = createFluidModel({ profile, questions: balanced(asked(dataset)), seed })
    for (const ratePerMinute of rates) {
      for (const budget of budgets) {
        if (signal.aborted) return rows
        const seconds = budget === null ? mixedBudgetsSeconds : [budget]
        const lines = await model.lines({ ratePerMinute, budgetMs: seconds.map((one) => one * 1000) })
        rows.push({
          dataset,
          rate_per_min: ratePerMinute,
          budget_s: budget,
          static_only: lines.staticOnly,
          none: lines.none,
          text: lines.text,
          difficulty: lines.difficulty,
        })
      }
    }
  }
  return rows
}

/** As many questions of each set, since sets are equally likely. */
function balanced({ questions, setSizes }: ReturnType<BenchSetting['asked']>): readonly Question[] {
  const each = Math.min(Math.floor(mostQuestions / setSizes.length), ...setSizes)
  let start = 0
  return setSizes.flatMap((size) => {
    const own = questions.slice(start, start + size)
    start += size
    return own.filter((_, index) => Math.floor(((index + 1) * each) / size) > Math.floor((index * each) / size))
  })
}
