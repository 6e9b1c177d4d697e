import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../test/paper-profile.ts'
import { MemoryTrace } from '../testing/index.ts'
import { createSyntheticQuestions } from './questions/index.ts'
import { createTwinWorld, type TwinWorldOptions } from './twin-world.ts'
import { runWorkload } from './workload.ts'

const profile = paperProfile()
const questions = createSyntheticQuestions({ dataset: 'synthetic-choice', count: 40, seed: 2 })
const own = profile.gpus.map(({ engines }) => engines)

async function play(options: Partial<TwinWorldOptions>) {
  const world = createTwinWorld({ profile, questions, seed: 4, trace: new MemoryTrace(), ...options })
  const load = { questions, queries: 60, arrivalRatePerMinute: 300, budgetsMs: [20_000], seed: 4 }
  const { runs } = await runWorkload(world, load)
  return { engines: world.engines.map(({ id }) => id), runs }
}

describe('a placement of engines in the twin', () => {
  it('like the profile’s plays the same, to the last byte', async () => {
    expect(JSON.stringify(await play({ placement: own }))).toBe(JSON.stringify(await play({})))
  })

  it('has a model as often as it is named, and those that share a GPU slow each other down', async () => {
    const [small, large] = ['Llama-3.2-3B-Instruct', 'Mistral-Small-24B-Instruct-2501'] as const
    const apart = await play({ placement: [[small], [large], [large]] })
    expect(apart.engines.toSorted()).toEqual([`${small}#1`, `${large}#1`, `${large}#2`].toSorted())
    const together = await play({ placement: [[small, large, large]] })
    expect(together.engines).toEqual(apart.engines)
    const meanMs = ({ runs }: Awaited<ReturnType<typeof play>>) =>
      runs.reduce((sum, { record }) => sum + record.finishedAtMs - record.arrivedAtMs, 0) / runs.length
    expect(meanMs(together)).toBeGreaterThan(meanMs(apart))
  })
})
