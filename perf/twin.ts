/**
 * @file What virtual time costs: `npm run perf -- twin [--json]`.
 *
 * CPU per query of the whole stack with fixed planner and executor (runtime, queue, records, simulated engine), and how
 * many simulated seconds per second of CPU the default stack reaches on the paper's pool at 200 queries a minute.
 */
import { createTwinWorld, defaultPolicy, loadProfile, type PolicyChoice, runWorkload } from '../src/lab/index.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../src/lab/questions/index.ts'
import { cpuTimesMs, fastest, report } from './measure.ts'

const profile = loadProfile('paper-b200')
const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count: 200, seed: 1 }))
const queries = 4000
const fixed: PolicyChoice = {
  planner: { kind: 'fixed', topology: 'io', agents: 1 },
  executor: { kind: 'fixed', model: 'Mistral-Small-24B-Instruct-2501', strategy: 'Concise' },
  discipline: 'edf-demote',
}

async function run(policy: PolicyChoice): Promise<number> {
  const world = createTwinWorld({ profile, questions, seed: 1, trace: { write: () => {} }, policy })
  const { spanMs } = await runWorkload(world, {
    questions,
    queries,
    arrivalRatePerMinute: 200,
    budgetsMs: [10_000, 30_000, 60_000],
    seed: 1,
    onRun: () => {},
  })
  return spanMs
}

const fixedMs = fastest(await cpuTimesMs(5, async () => void (await run(fixed))))
let spanMs = 0
const defaultMs = fastest(
  await cpuTimesMs(5, async () => {
    spanMs = await run(defaultPolicy)
  }),
)

report({
  profile: profile.id,
  queries,
  arrivalRatePerMinute: 200,
  fixedCpuMicrosecondsPerQuery: (fixedMs * 1000) / queries,
  defaultCpuMicrosecondsPerQuery: (defaultMs * 1000) / queries,
  defaultSimulatedSecondsPerSecond: spanMs / defaultMs,
})
