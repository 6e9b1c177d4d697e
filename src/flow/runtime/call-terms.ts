/**
 * @file The terms of one call: its output cap and its body fields.
 *
 * What the caller asked of the answer (max_tokens, stop, tools, response_format ...) goes to the steps whose text may
 * become the answer, and to no other. A seed is derived per step, so that two voters do not repeat each other.
 */
import { type Arm, hashText, type JsonObject, type Plan, type PlannedStep, type Query } from '../../core/index.ts'
import { outputCapTokens, role } from '../../team/index.ts'

/** Whether this step's own text may be sent to the caller. */
export function mayAnswer(plan: Plan, step: PlannedStep): boolean {
  return step.isLast || plan.merge === 'vote' || (plan.stopsOnAgreement && step.reads.length === 0)
}

export interface CallTerms {
  readonly maxOutputTokens: number
  readonly body: JsonObject
}

/** Steps before the last sample as their role does; what the caller asks for beats it where their text may be the answer. */
function roleSampling(query: Query, step: PlannedStep): JsonObject {
  if (step.isLast || query.soloReason !== null) return {}
  return { temperature: role(step.role, query.domain).temperature }
}

export function callTerms(
  query: Query,
  options: {
    readonly arm: Arm
    readonly step: PlannedStep
    readonly answers: boolean
    readonly isReasoningModel: boolean
    /** What `max_total_tokens` leaves for this call's output; Infinity without that limit. */
    readonly tokensLeft: number
  },
): CallTerms {
  const { arm, step, answers, isReasoningModel, tokensLeft } = options
  const strategyCap = outputCapTokens({ strategy: arm.strategy, domain: query.domain, isReasoningModel })
  const asked = answers ? query.maxOutputTokens : null
  const cap = asked === null ? strategyCap : query.soloReason === null ? Math.min(asked, strategyCap) : asked
  const seed = query.seed === null ? {} : { seed: (query.seed + hashText(step.id)) % 2 ** 31 }
  return {
    maxOutputTokens: Math.max(1, Math.min(cap, tokensLeft)),
    body: { ...roleSampling(query, step), ...(answers ? query.finalStepBody : {}), ...seed },
  }
}
