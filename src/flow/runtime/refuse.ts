/** @file The result of a query that was refused before anything was planned. */
import { type InframindError, noUsage, type Plan, type Query } from '../../core/index.ts'
import type { RunContext } from './context.ts'
import { createRunRecord } from './run-record.ts'
import type { RunResult } from './runtime-port.ts'

const noPlan: Plan = {
  topology: 'none',
  agents: 0,
  steps: [],
  merge: 'none',
  stopsOnAgreement: false,
  predictedMs: 0,
  quality: 0,
  reason: 'refused',
  alternatives: [],
}

/** Writes the refusal's record too: every arrival is in every denominator. */
export function refuse(context: RunContext, query: Query, error: InframindError): RunResult {
  const nowMs = context.clock.nowMs()
  const record = createRunRecord({
    query,
    plan: noPlan,
    load: context.state().load,
    plannedAtMs: nowMs,
    policy: { planner: context.planner.name, executor: context.executor.name },
    steps: [],
    end: {
      outcome: 'refused',
      degraded: [],
      errorCode: error.code,
      answeredBy: null,
      answer: null,
      finalUsage: noUsage,
      finishedAtMs: nowMs,
      firstByteAtMs: null,
    },
  })
  context.trace.write(record)
  return {
    status: 'refused',
    text: '',
    reasoning: '',
    toolCalls: null,
    logprobs: null,
    finishReason: '',
    degraded: [],
    error,
    record,
  }
}
