/**
 * @file What a policy is worth on questions that it was not trained on: the same fixed twins every time.
 *
 * Used to pick the weights that are kept, and to say in the log how training goes. Answers are judged by their probability to
 * be right, which has the mean of the coin and a fraction of its noise: picks differ by a point. Never on test questions.
 */
import type { PolicyShape, RolloutPool, ShardTask, TrainedWeights } from './rollouts/index.ts'
import type { Scenario } from './scenarios/index.ts'

export interface JudgeGrid {
  readonly datasets: readonly string[]
  readonly ratesPerMinute: readonly number[]
  readonly budgetsSeconds: readonly number[]
  readonly minutes: number
  readonly seed: number
}

export const defaultJudgeGrid: Omit<JudgeGrid, 'datasets'> = {
  ratesPerMinute: [10, 50, 200],
  budgetsSeconds: [10, 30, 100],
  minutes: 5,
  seed: 70_001,
}

export interface JudgedCell {
  readonly dataset: string
  readonly ratePerMinute: number
  readonly budgetSeconds: number
  readonly arrived: number
  /** Shares of the arrivals; expected, not counted. */
  readonly correctGoodput: number
  readonly onTime: number
  readonly meanLatencyMs: number
}

export interface Judgement {
  /** Mean over the cells. */
  readonly correctGoodput: number
  readonly onTime: number
  readonly cells: readonly JudgedCell[]
}

/** Seed of the estimate that is known here: neither one of the training nor of a benchmark. */
export const judgedEstimate = 2_000_000

const fewestQueries = 150

function cellsOf({ datasets, ratesPerMinute, budgetsSeconds, minutes, seed }: JudgeGrid): readonly Scenario[] {
  return datasets.flatMap((dataset) =>
    ratesPerMinute.flatMap((ratePerMinute) =>
      budgetsSeconds.map((budgetSeconds, index) => ({
        pool: 0,
        know: 'estimated' as const,
        knowSeed: judgedEstimate,
        dataset,
        ratePerMinute,
        budgetSeconds,
        arrivals: 'poisson',
        fault: null,
        warmUpMinutes: 2,
        minutes: Math.max(minutes, fewestQueries / ratePerMinute),
        seed: seed + index,
      })),
    ),
  )
}

/** Plays `grid` in `pool`, whose ground holds the questions to judge by. */
export async function judge(
  pool: RolloutPool,
  policy: { readonly shape: PolicyShape; readonly weights: TrainedWeights },
  grid: JudgeGrid,
): Promise<Judgement> {
  const scenarios = cellsOf(grid)
  const tasks = scenarios.map(
    (scenario, place): ShardTask => ({ scenario, place, ...policy, usesHindsight: true, explores: false }),
  )
  const shards = await pool.play(tasks)
  const cells = scenarios.map(({ dataset, ratePerMinute, budgetSeconds }, index): JudgedCell => {
    const episodes = shards[index]?.episodes ?? []
    const meanOf = (value: (episode: (typeof episodes)[number]) => number) =>
      episodes.reduce((sum, episode) => sum + value(episode), 0) / Math.max(1, episodes.length)
    return {
      dataset,
      ratePerMinute,
      budgetSeconds: budgetSeconds as number,
      arrived: episodes.length,
      correctGoodput: meanOf(({ isOnTime, correctness }) => (isOnTime ? correctness : 0)),
      onTime: meanOf(({ isOnTime }) => (isOnTime ? 1 : 0)),
      meanLatencyMs: meanOf(({ latencyRatio, budgetMs }) => latencyRatio * budgetMs),
    }
  })
  const meanOver = (value: (cell: JudgedCell) => number) =>
    cells.reduce((sum, cell) => sum + value(cell), 0) / Math.max(1, cells.length)
  return { correctGoodput: meanOver((cell) => cell.correctGoodput), onTime: meanOver((cell) => cell.onTime), cells }
}
