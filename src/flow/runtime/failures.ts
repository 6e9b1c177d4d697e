/** @file The errors a run ends with when it has no answer to give. */
import { type CallResult, InframindError } from '../../core/index.ts'

/** `DEADLINE_EXCEEDED` for a budget in ms. */
export function lateError(budgetMs: number): InframindError {
  return new InframindError(
    'DEADLINE_EXCEEDED',
    `no answer was ready within the budget of ${Math.round(budgetMs)} ms; ` +
      'give it more time (inframind.budget_ms), or the pool more room',
  )
}

/** The engine's own failure, passed on; `ENGINE_BAD_RESPONSE` where every step was left out or said nothing. */
export function engineFailure(error: CallResult['error']): InframindError {
  if (error === null) return new InframindError('ENGINE_BAD_RESPONSE', 'no step of the plan gave an answer')
  const { retryAfterMs } = error
  return new InframindError(error.code, error.message, retryAfterMs === null ? {} : { retryAfterMs })
}
