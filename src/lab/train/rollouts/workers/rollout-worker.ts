/** @file A worker thread of a training: plays the twins that it is handed, one after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import { createTrainingGround, type GroundOptions } from '../../scenarios/index.ts'
import { playShard, type ShardTask } from '../play-shard.ts'

export type FromRolloutWorker =
  | { readonly type: 'played'; readonly shard: Awaited<ReturnType<typeof playShard>> }
  | { readonly type: 'failed'; readonly message: string }

const ground = createTrainingGround(workerData as GroundOptions)

parentPort?.on('message', (task: ShardTask) => {
  playShard(ground, task).then(
    (shard) => parentPort?.postMessage({ type: 'played', shard } satisfies FromRolloutWorker),
    (error: unknown) => {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
      parentPort?.postMessage({ type: 'failed', message } satisfies FromRolloutWorker)
    },
  )
})
