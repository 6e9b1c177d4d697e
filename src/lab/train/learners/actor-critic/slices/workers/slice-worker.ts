/** @file A worker thread of a training: computes the slices that it is handed, in the order in which they come. */
import { parentPort } from 'node:worker_threads'
import { startJax } from '../../../../networks/index.ts'
import { createSliceStep, type SliceStep } from '../slice-step.ts'
import type { FromSliceWorker, ToSliceWorker } from '../slice-thread.ts'

const levels: SliceStep[] = []
const tell = (message: FromSliceWorker) => parentPort?.postMessage(message)

function handle(message: ToSliceWorker): void {
  if (message.type === 'open') {
    levels.push(createSliceStep(message.spec))
    return
  }
  const step = levels[message.level] as SliceStep
  if (message.type === 'begin') step.begin(message.rows, message.labels)
  else if (message.type === 'gradient')
    tell({ type: 'gradient', gradient: step.gradient(message.parameters, message.chosen, message.coefficients) })
  else tell({ type: 'values', values: step.evaluate(message.parameters, message.from, message.to) })
}

// Listening from the start: messages that come while the device starts are kept in order behind it.
let before = startJax()
parentPort?.on('message', (message: ToSliceWorker) => {
  before = before
    .then(() => handle(message))
    .catch((error: unknown) => {
      tell({ type: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    })
})
