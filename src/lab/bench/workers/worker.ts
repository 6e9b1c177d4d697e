/** @file A worker thread of the benchmark: plays the runs that it is handed, one after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import { ConfigError } from '../../../core/index.ts'
import { playSpec } from '../play-spec.ts'
import { createSetting } from '../setting.ts'
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts'

const { options, out } = workerData as WorkerStart
const setting = createSetting(options)
const say = (message: FromWorker) => parentPort?.postMessage(message)

function toMessage(error: unknown): FromWorker {
  if (error instanceof ConfigError) return { type: 'refused', problems: error.problems }
  return { type: 'failed', message: error instanceof Error ? (error.stack ?? '') : String(error) }
}

parentPort?.on('message', ({ spec, inputsHash }: ToWorker) => {
  playSpec(setting, spec, { inputsHash, out }).then(
    (result) => say({ type: 'done', result }),
    (error: unknown) => say(toMessage(error)),
  )
})
