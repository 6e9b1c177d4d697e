/** @file Puts a run's record together from its plan, its attempts and its end. */
import {
  addUsage,
  type Degradation,
  type ErrorCode,
  hashText,
  noUsage,
  type Plan,
  type Query,
  type RunRecord,
  runRecordSchema,
  type StepRecord,
  type Usage,
} from '../../core/index.ts'

export interface RunEnd {
  readonly outcome: RunRecord['outcome']
  readonly degraded: readonly Degradation[]
  readonly errorCode: ErrorCode | null
  readonly answeredBy: RunRecord['answeredBy']
  readonly answer: string | null
  readonly finalUsage: Usage
  readonly finishedAtMs: number
  readonly firstByteAtMs: number | null
}

export interface RunStory {
  readonly query: Query
  readonly plan: Plan
  /** Load of the pool when the plan was made. */
  readonly load: number
  readonly plannedAtMs: number
  /** Names at the instant of planning. */
  readonly policy: { readonly planner: string; readonly executor: string }
  readonly steps: readonly StepRecord[]
  readonly end: RunEnd
}

/** 8 hexadecimal digits: tells equal questions without keeping them. */
const questionHash = (text: string): string => hashText(text).toString(16).padStart(8, '0')

export function createRunRecord({ query, plan, load, plannedAtMs, policy, steps, end }: RunStory): RunRecord {
  const sent = steps.filter(({ sentAtMs }) => sentAtMs !== null)
  return {
    schema: runRecordSchema,
    runId: query.runId,
    arrivedAtMs: query.arrivedAtMs,
    plannedAtMs,
    firstByteAtMs: end.firstByteAtMs,
    finishedAtMs: end.finishedAtMs,
    deadlineAtMs: query.deadlineAtMs,
    budgetMs: query.budgetMs,
    ...(query.autoBudget ? { autoBudget: query.autoBudget } : {}),
    query: {
      hash: questionHash(query.text),
      domain: query.domain,
      answerFormat: query.answerFormat,
      tokens: query.promptTokens,
      soloReason: query.soloReason,
    },
    policy: plan.policyHash === undefined ? policy : { ...policy, hash: plan.policyHash },
    plan: {
      topology: plan.topology,
      agents: plan.agents,
      merge: plan.merge,
      steps: plan.steps.length,
      predictedMs: plan.predictedMs,
      quality: plan.quality,
      score: plan.score ?? null,
      ...(plan.probability === undefined ? {} : { probability: plan.probability }),
      reason: plan.reason,
      load,
      alternatives: plan.alternatives,
      ...(plan.shadow ? { shadow: plan.shadow } : {}),
    },
    steps,
    outcome: end.outcome,
    isOnTime: end.outcome === 'answered' && end.finishedAtMs <= query.deadlineAtMs,
    degraded: end.degraded,
    errorCode: end.errorCode,
    answeredBy: end.answeredBy,
    answer: end.answer,
    usage: sent.reduce((sum, { usage }) => addUsage(sum, usage), noUsage),
    finalUsage: end.finalUsage,
    calls: sent.length,
  }
}
