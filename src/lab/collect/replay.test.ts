/** @file What replays are sent, in which order, and how they wait for each other. */
import { afterEach, expect, it } from 'vitest'
import { aPromptLine } from '../../../test/collect-builders.ts'
import { createFolders, createPool, promptsOf, small } from '../../../test/collect-pool.ts'
import { type Engine, textOf } from '../../core/index.ts'
import { promptsToReplay } from './replay.ts'

const folders = createFolders()
afterEach(folders.clear)

it('further prompts come between the others, which keep their order; another seed has another one', () => {
  const prompts = Array.from({ length: 60 }, (_, workflow) => aPromptLine({ id: `${workflow}:0/0` }))
  const order = (count: number, seed = 1) => promptsToReplay(prompts.slice(0, count), seed, null).map(({ id }) => id)
  const few = order(30)
  expect(order(60).filter((id) => few.includes(id))).toEqual(few)
  expect(order(60)).toHaveLength(60)
  expect(order(30, 2)).not.toEqual(few)
  expect(promptsToReplay(prompts, 1, 7).map(({ id }) => id)).toEqual(order(60).slice(0, 7))
})

it('no two replays begin alike, and prompts are kept without what makes them differ', async () => {
  const out = folders.next()
  const pool = createPool({ models: [small] })
  const begun: string[] = []
  const engines = pool.engines.map(
    (engine): Engine => ({
      ...engine,
      run: (call, signal, observer) => {
        if (call.id.startsWith('collect/')) begun.push(textOf(call.messages()[0]!).split('\n')[0]!)
        return engine.run(call, signal, observer)
      },
    }),
  )
  await pool.run(out, {}, { engines })
  expect(begun.length).toBeGreaterThan(30)
  expect(new Set(begun).size).toBe(begun.length)
  expect(JSON.stringify(promptsOf(out))).not.toContain(begun[0])
})

it('a level that does not come to rest is told of, after half a minute', async () => {
  const pool = createPool({ models: [small] })
  let running = 0
  const engines = pool.engines.map(
    (engine): Engine => ({
      ...engine,
      // Somebody else's requests come in with every look, and stay.
      read: async (signal) => ({ ...(await engine.read(signal)), running: running++ }),
    }),
  )
  const notes: string[] = []
  const options = { levels: [2], replay: 1, workflows: 1 }
  const { end } = await pool.run(folders.next(), options, { engines, onNote: (text) => void notes.push(text) })
  expect(end).toBe('complete')
  expect(notes).toEqual([expect.stringMatching(/stay on it 30 s after level 2/)])
})
