/**
 * @file The calls that stand in a gateway's run records: every attempt that reached an engine and gave tokens.
 *
 * What the gateway saw of the engine when it chose stands in as what the engine said; gateway records know no cap.
 */
import type { RunRecord, StepRecord } from '../../../core/index.ts'
import type { PoolCall } from './pool-call.ts'

/** Calls of one run, in the order of its steps. */
export function callsOfRun(record: RunRecord): readonly PoolCall[] {
  return record.steps.flatMap((step) => callOf(step, record) ?? [])
}

function callOf(step: StepRecord, { query }: RunRecord): PoolCall | null {
  const { choice, replica, sentAtMs, finishedAtMs, usage, outcome } = step
  if ('stop' in choice || replica === null || sentAtMs === null || finishedAtMs === null) return null
  if (usage.outputTokens < 1 || finishedAtMs <= sentAtMs || outcome === 'failed') return null
  const seen = step.seen.find(({ model }) => model === choice.model)
  return {
    engine: replica,
    model: choice.model,
    strategy: choice.strategy,
    domain: query.domain,
    level: null,
    promptTokens: usage.promptTokens,
    outputTokens: usage.outputTokens,
    isCut: outcome !== 'done',
    sentAtMs,
    firstTokenAtMs: step.firstTokenAtMs,
    finishedAtMs,
    running: seen?.running ?? null,
    waiting: seen?.waiting ?? null,
    kvUsage: seen?.kvUsage ?? null,
    capTokens: null,
  }
}
