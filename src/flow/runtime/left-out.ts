/** @file The record of a step that was never sent: left out for lack of time, or because the answers agreed. */
import { noUsage, type ShadowChoice, type StepContext, type StepRecord } from '../../core/index.ts'
import type { StepProgress } from './step-progress.ts'

export function leftOutRecord(
  progress: StepProgress,
  seen: StepContext,
  why: { readonly outcome: 'dropped' | 'stopped'; readonly reason: string; readonly shadow?: ShadowChoice | undefined },
): StepRecord {
  return {
    stepId: progress.step.id,
    attempt: progress.attempts,
    kind: progress.step.kind,
    role: progress.step.role,
    seen: [],
    remainingMs: seen.remainingMs,
    shareMs: null,
    agreement: seen.agreement,
    choice: { stop: why.reason },
    alternatives: [],
    predicted: null,
    replica: null,
    queuedAtMs: null,
    sentAtMs: null,
    firstTokenAtMs: null,
    finishedAtMs: null,
    usage: noUsage,
    outcome: why.outcome,
    errorCode: null,
    answer: null,
    ...(why.shadow ? { shadow: why.shadow } : {}),
  }
}
