import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { twinThreadLimits } from './twin-threads.ts'

it('a thread has the memory that is asked for it', async () => {
  const says =
    'const { parentPort, resourceLimits } = require("node:worker_threads"); parentPort.postMessage(resourceLimits)'
  const worker = new Worker(says, { eval: true, resourceLimits: twinThreadLimits })
  const [limits] = await once(worker, 'message')
  expect(limits).toMatchObject(twinThreadLimits)
  await worker.terminate()
})
