/** @file Sentences about one attempt at a step: its choice, then what became of it. */
import type { RunRecord, StepRecord } from '../../core/index.ts'
import { fraction, time } from './amounts.ts'
import { explainChoice, explainShadow, stepName, tokensOf } from './explain-choice.ts'
import { stopReason } from './reasons.ts'

export function explainStep(step: StepRecord, { steps }: Pick<RunRecord, 'steps'>): readonly string[] {
  if ('stop' in step.choice) {
    const left = leftOut(step, step.choice.stop)
    return step.shadow ? [left, `${explainShadow(step.shadow)}.`] : [left]
  }
  return [...explainChoice(step, step.choice), whatBecame(step, steps)]
}

function leftOut(step: StepRecord, reason: string): string {
  const agreement = step.agreement === null ? '' : ` (agreement ${fraction(step.agreement)})`
  const left = step.outcome === 'dropped' ? `, with ${time(step.remainingMs)} left` : ''
  return `${stepName(step)} was left out${left}: ${stopReason(reason)}${agreement}.`
}

function whatBecame(step: StepRecord, steps: readonly StepRecord[]): string {
  switch (step.outcome) {
    case 'done':
      return `${timeline(step)}.`
    case 'cut':
      return `${timeline(step)}, where it reached its output cap.`
    case 'rechosen':
      return `It was taken back while it waited${waitBefore(step, steps)}, because its slack was used up, and chosen again.`
    case 'rejected':
      return `It could not be sent: ${step.errorCode ?? 'no reason recorded'}.`
    case 'failed':
      return `It failed${tookUntilEnd(step)}: ${step.errorCode ?? 'no reason recorded'}.`
    case 'aborted':
      return step.sentAtMs === null
        ? 'It was taken back while it waited: its answer no longer mattered.'
        : `It was stopped${tookUntilEnd(step)}: its answer no longer mattered.`
    // The two below are recorded with a stop, never with an arm.
    case 'stopped':
    case 'dropped':
      return 'It was left out.'
  }
}

/** Waiting, first token, end, against the prediction. */
function timeline(step: StepRecord): string {
  const { queuedAtMs, sentAtMs, firstTokenAtMs, finishedAtMs, predicted, replica } = step
  if (queuedAtMs === null || sentAtMs === null || finishedAtMs === null) return `It gave ${tokensOf(step)}`
  const first = firstTokenAtMs === null ? '' : `, had its first token ${time(firstTokenAtMs - sentAtMs)} later`
  const error = predicted === null ? '' : ` (${against(finishedAtMs - queuedAtMs - predicted.latencyMs, 'average')})`
  const where = replica === null ? '' : ` on ${replica}`
  const end = `and was done${where} after ${time(finishedAtMs - queuedAtMs)} in all${error}`
  return `It waited ${time(sentAtMs - queuedAtMs)}${first} ${end}: ${tokensOf(step)}`
}

/** `400 ms more than the predicted average`; `errorMs`: actual less predicted. */
export function against(errorMs: number, predicted: 'average' | 'median'): string {
  if (Math.round(errorMs) === 0) return 'as predicted'
  return `${time(Math.abs(errorMs))} ${errorMs > 0 ? 'more' : 'less'} than the predicted ${predicted}`
}

const tookUntilEnd = ({ queuedAtMs, finishedAtMs }: StepRecord): string =>
  queuedAtMs === null || finishedAtMs === null ? '' : ` after ${time(finishedAtMs - queuedAtMs)}`

/** How long a call waited before its successor was queued, where the record tells. */
function waitBefore(step: StepRecord, steps: readonly StepRecord[]): string {
  const next = steps.find(({ stepId, attempt }) => stepId === step.stepId && attempt === step.attempt + 1)
  if (step.queuedAtMs === null || next === undefined || next.queuedAtMs === null) return ''
  return `, after ${time(next.queuedAtMs - step.queuedAtMs)}`
}
