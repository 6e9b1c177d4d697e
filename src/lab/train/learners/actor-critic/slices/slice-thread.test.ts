/** @file A thread that dies: whoever waits for it hears so, and so does whoever asks afterwards. */
import { expect, it } from 'vitest'
import { createSliceThread } from './slice-thread.ts'

it('rejects what it was asked and what it is asked after it has ended', async () => {
  const thread = createSliceThread()
  const slice = thread.open({
    scorer: { contextSize: 1, candidateSize: 1, hidden: 4 },
    places: 2,
    privilegedSize: 0,
    loss: 'clipped-surrogate',
    rows: 2,
  })
  const asked = slice.evaluate(new Float32Array(1), 0, 1)
  const heard = expect(asked).rejects.toThrow()
  await thread.close()
  await heard
  await expect(slice.evaluate(new Float32Array(1), 0, 1)).rejects.toThrow()
})
