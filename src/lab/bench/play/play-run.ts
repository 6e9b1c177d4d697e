/**
 * @file Plays one run of the benchmark and scores it under the budgets asked for.
 *
 * A method that is blind to the budget is simulated once and scored under each. A single arm that is held to the deadline
 * is simulated freely first: under a budget that no query missed, enforcing it would have changed nothing.
 */
import type { BenchRow } from '../bench-row.ts'
import type { Method } from '../methods/index.ts'
import { type RunResult, runResultSchemaId } from '../run-result.ts'
import type { QueryOutcome } from './query-outcome.ts'
import { type CellIdentity, scoreCell } from './score-cell.ts'
import { type SimulationInput, type SimulationOutcome, simulate } from './simulate.ts'

export interface PlayRunInput extends Omit<SimulationInput, 'budgetSeconds'> {
  readonly key: string
  readonly inputsHash: string
  readonly dataset: string
  /** One cell each; null: mixed budgets. More than one only where `canShareRun`. */
  readonly budgetsSeconds: readonly (number | null)[]
}

const isSingleArm = ({ base }: Method): boolean => typeof base.policy.executor === 'object' && !base.seesBudget

/** Whether cells that differ in nothing but the budget are played together. */
export const canShareRun = (method: Method): boolean =>
  method.isBudgetBlind || (isSingleArm(method) && method.isEnforced)

export async function playRun(input: PlayRunInput): Promise<RunResult> {
  const { method, budgetsSeconds } = input
  if (!canShareRun(method)) return toResult(input, [{ budget: budgetsSeconds[0] ?? null, outcome: await one(input) }])
  const isFree = method.isBudgetBlind
  const blind: Method = { ...method, scheduler: 'fcfs', isEnforced: false, isBudgetBlind: true }
  const free = await simulate({ ...input, method: blind, budgetSeconds: null })
  const scored = []
  for (const budget of budgetsSeconds) {
    const asFree = isFree || isAllInTime(free.outcomes, budget)
    scored.push({ budget, outcome: asFree ? free : await simulate({ ...input, budgetSeconds: budget }) })
  }
  return toResult(input, scored)
}

const one = (input: PlayRunInput) => simulate({ ...input, budgetSeconds: input.budgetsSeconds[0] ?? null })

/** Whether every answer came in time, and so would have come with the deadline enforced. */
const isAllInTime = (outcomes: readonly QueryOutcome[], budget: number | null): boolean =>
  outcomes.every(({ latencyMs, budgetMs }) => latencyMs <= (budget === null ? budgetMs : budget * 1000) - marginMs)

/** What the runtime keeps back to get the last byte out. */
const marginMs = 25

interface Scored {
  readonly budget: number | null
  readonly outcome: SimulationOutcome
}

function toResult(input: PlayRunInput, scored: readonly Scored[]): RunResult {
  const { method, dataset, ratePerMinute, seed } = input
  const identity: Omit<CellIdentity, 'budgetSeconds'> = {
    method: method.name,
    scheduler: method.scheduler satisfies BenchRow['scheduler'],
    isEnforced: method.isEnforced,
    dataset,
    ratePerMinute,
    seed,
  }
  const cells = scored.map(({ budget, outcome }) => {
    const { tally, busySeconds, sampled } = outcome
    return scoreCell({ ...identity, budgetSeconds: budget }, outcome.outcomes, {
      outputTokens: tally.outputTokens,
      calls: tally.calls,
      gpuSeconds: busySeconds,
      backlogPerMinute: sampled.backlogPerMinute,
    })
  })
  const { outcome } = scored[0] as Scored
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
