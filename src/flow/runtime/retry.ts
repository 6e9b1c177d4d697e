/**
 * @file Whether a failed step is tried again. The runtime is the only owner of retries.
 *
 * At most one retry per step, on another replica or model, under a budget shared by all runs, and only where the fastest
 * arm still fits the slack. A request that is wrong in itself is not sent twice. A connection that was refused cost the
 * pool nothing: it is placed anew without being counted. And the last hope of a run may draw on the insurance budget,
 * because an empty hand with time left is what insurance is for.
 */
import type { CallResult, EngineError } from '../../core/index.ts'
import type { RunState } from './run-state.ts'
import type { StepProgress } from './step-progress.ts'
import { fastestArm, priceShallowArms } from './time-plan.ts'

/** Attempts at one step, refused connections included. */
const mostPlacements = 8

/** The engine never saw the call. */
export const wasRefused = ({ error, firstTokenAtMs }: CallResult): boolean =>
  error?.code === 'ENGINE_UNREACHABLE' && firstTokenAtMs === null

const isLastHope = (run: RunState, progress: StepProgress): boolean => run.hand.isEmpty && run.isOnlyHope(progress)

const isOurFault = (error: EngineError | null): boolean => error?.code === 'REQUEST_INVALID'

export function mayRetry(run: RunState, progress: StepProgress, result: CallResult): boolean {
  if (isOurFault(result.error) || !run.mayCall()) return false
  const isFree = wasRefused(result)
  if (isFree ? progress.attempts > mostPlacements : progress.retries >= 1) return false
  const delayMs = retryDelayMs(run, progress, result)
  if (delayMs === null) return false
  const { query, context, start } = run
  const shape = { query, kind: progress.step.kind, promptTokens: query.promptTokens }
  const fastest = fastestArm(priceShallowArms(shape, start.state(), context.predictor))
  const leftMs = run.replyByMs - context.clock.nowMs() - (progress.step.isLast ? 0 : run.reservedMs)
  const fits = fastest !== null && delayMs + fastest.estimate.latencyMs.quantile(0.5) <= leftMs
  return fits && (isFree || context.retries.take() || (isLastHope(run, progress) && context.insurance.take()))
}

/**
 * Time to wait before the retry, in ms: 0 where another replica or model is free to take it; the engine's own
 * Retry-After where there is no other; null where nothing can take it.
 */
export function retryDelayMs(run: RunState, progress: StepProgress, result: CallResult): number | null {
  if (run.hasOtherModel(progress)) return 0
  return result.error?.retryAfterMs ?? null
}
