import { expect, it } from 'vitest'
import type { RunRecord } from '../src/core/index.ts'
import { createTwinWorld, loadProfile, runWorkload } from '../src/lab/index.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../src/lab/questions/index.ts'
import type { Fidelity } from '../src/twin/index.ts'

const profile = loadProfile('paper-b200')
const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count: 60, seed: 1 }))

/** Records of the default stack on the paper's pool. */
async function records(fidelity: Fidelity, arrivalRatePerMinute: number, sharesGpus: boolean) {
  const written: RunRecord[] = []
  const trace = { write: (record: RunRecord) => void written.push(record) }
  const world = createTwinWorld({ profile, questions, seed: 1, trace, fidelity, sharesGpus })
  const budgetsMs = [10_000, 30_000, 100_000]
  await runWorkload(world, { questions, queries: 150, arrivalRatePerMinute, budgetsMs, seed: 1 })
  return { written, statistics: world.engines.map((engine) => engine.statistics()) }
}

it.each([
  [10, true],
  [100, true],
  [300, true],
  [100, false],
] as const)(
  'the whole stack at %i queries a minute, GPUs shared: %s: the same records to the last bit',
  async (rate, sharesGpus) => {
    const exact = await records('iteration-exact', rate, sharesGpus)
    expect(await records('event-skipping', rate, sharesGpus)).toEqual(exact)
  },
)
