/**
 * @file Keeps a listener's faults from the control loop: what a sink throws ends its own run, and nothing else.
 *
 * Sinks are called from timers of the scheduler. Without this, a fault there would end the process and every other run.
 */
import type { AnswerSink } from './runtime-port.ts'

/** `sink` with every throw and rejection handed to `onFault`; the methods that it lacks stay absent. */
export function containSink(sink: AnswerSink, onFault: (fault: unknown) => void): AnswerSink {
  const { planned, step, stepDelta, delta } = sink
  return {
    ...(planned && { planned: (runId, plan) => contain(() => planned.call(sink, runId, plan), onFault) }),
    ...(step && { step: (event) => contain(() => step.call(sink, event), onFault) }),
    ...(stepDelta && { stepDelta: (stepId, piece) => contain(() => stepDelta.call(sink, stepId, piece), onFault) }),
    ...(delta && { delta: (piece) => contain(() => delta.call(sink, piece), onFault) }),
  }
}

function contain(call: () => void | Promise<void>, onFault: (fault: unknown) => void): void | Promise<void> {
  try {
    return call()?.catch(onFault)
  } catch (fault) {
    onFault(fault)
  }
}
