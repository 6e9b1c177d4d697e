/** @file The end of a run: from what was done and how it ended to the result and the record. */
import {
  type CallResult,
  type Degradation,
  type InframindError,
  noUsage,
  type RunRecord,
  type StepRecord,
} from '../../core/index.ts'
import type { Attempt } from './attempt.ts'
import { createRunRecord } from './run-record.ts'
import type { RunState } from './run-state.ts'
import type { RunResult } from './runtime-port.ts'

export interface RunEnding {
  readonly outcome: RunRecord['outcome']
  readonly error: InframindError | null
  /** The call whose text goes out; null: none. */
  readonly by: Attempt | null
  readonly result: CallResult | null
  readonly isVote: boolean
  readonly answer: string | null
  readonly finishReason: string
  readonly finishedAtMs: number
  readonly firstByteAtMs: number | null
}

/** Attempts in the order they were made, then the steps that were left out. */
const stepRecords = (run: RunState): readonly StepRecord[] => [
  ...run.attempts.map((attempt) => attempt.record()),
  ...run.leftOut,
]

function recordOf(run: RunState, ending: RunEnding): RunRecord {
  return createRunRecord({
    query: run.query,
    plan: run.plan,
    load: run.start.load,
    plannedAtMs: run.start.plannedAtMs,
    policy: run.start.policy,
    steps: stepRecords(run),
    end: {
      outcome: ending.outcome,
      degraded: [...run.degraded],
      errorCode: ending.error?.code ?? null,
      answeredBy: answeredBy(ending),
      answer: ending.answer,
      finalUsage: ending.result?.usage ?? noUsage,
      finishedAtMs: ending.finishedAtMs,
      firstByteAtMs: ending.firstByteAtMs,
    },
  })
}

function answeredBy({ by, isVote }: RunEnding): RunRecord['answeredBy'] {
  if (by === null) return null
  if (by.init.isInsurance) return 'insurance'
  return isVote ? 'vote' : by.stepId
}

export function resultOf(run: RunState, ending: RunEnding): RunResult {
  const { result } = ending
  const degraded: readonly Degradation[] = [...run.degraded]
  return {
    status: ending.outcome,
    text: result?.text ?? '',
    reasoning: result?.reasoning ?? '',
    toolCalls: result?.toolCalls ?? null,
    logprobs: result?.logprobs ?? null,
    finishReason: ending.finishReason,
    degraded,
    error: ending.error,
    record: recordOf(run, ending),
  }
}

/** Aborted calls are still spending tokens when the answer goes out: the written record waits for their counts. */
export function writeWhenQuiet(run: RunState, ending: RunEnding, atEnd: RunRecord): void {
  const busy = run.attempts.filter((attempt) => attempt.isUnderWay)
  let left = busy.length
  if (left === 0) return run.context.trace.write(atEnd)
  for (const attempt of busy) {
    attempt.whenQuiet(() => {
      left -= 1
      if (left === 0) run.context.trace.write(recordOf(run, ending))
    })
  }
}
