/** @file What a listener hears of a step. */
import type { Attempt } from './attempt.ts'
import type { StepEvent } from './runtime-port.ts'

export function stepEvent(type: StepEvent['type'], attempt: Attempt, atMs: number): StepEvent {
  const { step, choice } = attempt.init
  const record = type === 'step-finished' ? { record: attempt.record() } : {}
  return { type, stepId: step.id, role: step.role, arm: choice.arm, atMs, ...record }
}
