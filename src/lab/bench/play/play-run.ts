/**
 * @file Plays one run of the benchmark and scores it under the budgets asked for.
 *
 * A method that is blind to the budget is simulated once and scored under each.
 */
import { invariant } from '../../../core/index.ts'
import type { BenchRow } from '../bench-row.ts'
import { type RunResult, runResultSchemaId } from '../run-result.ts'
import { type CellIdentity, scoreCell } from './score-cell.ts'
import { mixedBudgetsSeconds, type SimulationInput, type SimulationOutcome, simulate } from './simulate.ts'

export interface PlayRunInput extends Omit<SimulationInput, 'budgetSeconds' | 'followedSeconds'> {
  readonly key: string
  readonly inputsHash: string
  readonly dataset: string
  /** One cell each; null: mixed budgets. More than one only where the method is blind to them. */
  readonly budgetsSeconds: readonly (number | null)[]
  /** Whether every query is followed to its end, however long that takes: bursts. Default false. */
  readonly drains?: boolean
}

/** As long as the slowest method may take to drain a burst. s. */
const untilDrainedSeconds = 7 * 86_400

export async function playRun(input: PlayRunInput): Promise<RunResult> {
  const { method, budgetsSeconds } = input
  invariant(method.isBudgetBlind || budgetsSeconds.length === 1, 'only a budget-blind run serves several budgets')
  const budgetSeconds = method.isBudgetBlind ? null : (budgetsSeconds[0] ?? null)
  const followedSeconds = Math.max(
    input.drains ? untilDrainedSeconds : 0,
    ...(budgetSeconds === null ? mixedBudgetsSeconds : []),
    ...budgetsSeconds.map(Number),
  )
  const outcome = await simulate({ ...input, budgetSeconds, followedSeconds })
  return toResult(input, outcome)
}

function toResult(input: PlayRunInput, outcome: SimulationOutcome): RunResult {
  const { method, dataset, ratePerMinute, seed } = input
  const identity: Omit<CellIdentity, 'budgetSeconds'> = {
    method: method.name,
    scheduler: method.scheduler satisfies BenchRow['scheduler'],
    isEnforced: method.isEnforced,
    dataset,
    ratePerMinute,
    seed,
  }
  const totals = {
    outputTokens: outcome.tally.outputTokens,
    calls: outcome.tally.calls,
    gpuSeconds: outcome.busySeconds,
    backlogPerMinute: outcome.sampled.backlogPerMinute,
    isGrowing: outcome.sampled.isGrowing,
  }
  const cells = input.budgetsSeconds.map((budgetSeconds) =>
    scoreCell({ ...identity, budgetSeconds }, outcome.outcomes, totals),
  )
  return {
    schema: runResultSchemaId,
    key: input.key,
    inputsHash: input.inputsHash,
    method: method.name,
    dataset,
    ratePerMinute,
    seed,
    cells,
    questionCount: input.questions.length,
    setSizes: [...input.setSizes],
    warmUpQueries: outcome.warmUpQueries,
    ...outcome.tally.result(),
    queues: outcome.sampled.queues,
  }
}
