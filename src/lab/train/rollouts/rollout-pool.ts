/**
 * @file Plays the twins of an epoch side by side in worker threads, or one after the other in this one.
 *
 * A twin depends on its task alone and results are kept in the order of the tasks, so neither the number of workers nor
 * who plays what changes a bit of what is learnt.
 */
import { Worker } from 'node:worker_threads'
import { InframindError, type ModelId } from '../../../core/index.ts'
import { twinThreadLimits } from '../../twin-threads.ts'
import { createTrainingGround, type GroundOptions, type TrainingGround } from '../scenarios/index.ts'
import { playShard, type ShardTask } from './play-shard.ts'
import type { Shard } from './shard.ts'
import type { FromRolloutWorker } from './workers/rollout-worker.ts'

export interface RolloutPool {
  /** Of the pool that is trained for. */
  readonly models: readonly ModelId[]
  /** Models of the largest pool. */
  readonly mostModels: number
  /** Shards in the order of the tasks. Rejects with the first failure, and when closed meanwhile. */
  play(tasks: readonly ShardTask[]): Promise<readonly Shard[]>
  close(): Promise<void>
}

/** `jobs` 1: this thread plays. Throws ConfigError as `createTrainingGround` does. */
export function createRolloutPool(options: GroundOptions, jobs: number): RolloutPool {
  const ground = createTrainingGround(options)
  const mostModels = Math.max(...ground.pools.map(({ models }) => Object.keys(models).length))
  const models = Object.keys(ground.pools[0]?.models ?? {})
  return { models, mostModels, ...(jobs <= 1 ? createLocal(ground) : createThreads(options, jobs)) }
}

type Players = Omit<RolloutPool, 'models' | 'mostModels'>

const createLocal = (ground: TrainingGround): Players => ({
  async play(tasks) {
    const shards: Shard[] = []
    for (const task of tasks) shards.push(await playShard(ground, task))
    return shards
  },
  close: async () => {},
})

function createThreads(options: GroundOptions, jobs: number): Players {
  // Compiled files run beside each other; the source form of this module has no loader in a new thread.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const file = new URL(`./workers/rollout-worker${extension}`, import.meta.url)
  const workers = Array.from(
    { length: jobs },
    () => new Worker(file, { workerData: options, resourceLimits: twinThreadLimits }),
  )
  // A worker may die while nobody waits for it: whoever plays next must hear of it, not wait for ever.
  let failure: Error | null = null
  for (const worker of workers) {
    worker.on('error', (error) => (failure ??= error as Error))
    worker.on('exit', () => (failure ??= endedEarly()))
  }
  return {
    play: async (tasks) => {
      if (failure) throw failure
      const shards = new Array<Shard>(tasks.length)
      let next = 0
      await Promise.all(
        workers.map((worker) =>
          feed(worker, () => {
            const place = next
            next += 1
            return place < tasks.length
              ? { task: tasks[place] as ShardTask, keep: (shard) => (shards[place] = shard) }
              : null
          }),
        ),
      )
      return shards
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

const endedEarly = () => new InframindError('INVARIANT_VIOLATED', 'a worker of the training ended early')

interface Job {
  readonly task: ShardTask
  readonly keep: (shard: Shard) => void
}

/** Gives `worker` one task after the other until there is none. */
function feed(worker: Worker, take: () => Job | null): Promise<void> {
  return new Promise((resolve, reject) => {
    let job: Job | null = null
    const end = (error?: Error) => {
      worker.off('message', heard)
      worker.off('error', end)
      worker.off('exit', exited)
      if (error) reject(error)
      else resolve()
    }
    const exited = () => end(endedEarly())
    const next = () => {
      job = take()
      if (job) worker.postMessage(job.task)
      else end()
    }
    const heard = (message: FromRolloutWorker) => {
      if (message.type === 'failed') return end(new InframindError('INVARIANT_VIOLATED', message.message))
      job?.keep(message.shard)
      next()
    }
    worker.on('message', heard)
    worker.on('error', end)
    worker.on('exit', exited)
    next()
  })
}
