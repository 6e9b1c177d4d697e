/**
 * @file `npm run perf -- twin`: how fast virtual time runs, and how its cost grows.
 *
 * On the paper's pool at 200 queries a minute, in simulated seconds per second of CPU: the simulated engines alone with a
 * single arm (event-skipping and iteration-exact; then with the answer model, too), the whole stack with a fixed arm,
 * and the default stack. Then CPU per query as queries and models (copies of the pool by name) grow: it should not depend
 * on the number of queries, and grow no faster than the number of models.
 */
import type { Profile } from '../src/core/index.ts'
import { createTwinWorld, defaultPolicy, loadProfile, type PolicyChoice, runWorkload } from '../src/lab/index.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../src/lab/questions/index.ts'
import type { Fidelity } from '../src/twin/index.ts'
import { runBare } from './load/bare-simulator.ts'
import { replicate } from './load/pool-size.ts'
import { cpuTimesMs, fastest, report } from './measure.ts'

const paper = loadProfile('paper-b200')
const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count: 200, seed: 1 }))
const arrivalRatePerMinute = 200
const queries = 4000
const arm = { model: 'Mistral-Small-24B-Instruct-2501', strategy: 'Concise' } as const
const fixed: PolicyChoice = {
  planner: { kind: 'fixed', topology: 'io', agents: 1 },
  executor: { kind: 'fixed', ...arm },
  discipline: 'edf-demote',
}

interface Cost {
  /** Simulated seconds per second of CPU. */
  readonly speed: number
  /** Per query. */
  readonly cpuMicroseconds: number
}

async function costOf(
  run: () => Promise<{ readonly spanMs: number }>,
  count: number,
  repetitions: number,
): Promise<Cost> {
  let spanMs = 0
  const cpuMs = fastest(
    await cpuTimesMs(repetitions, async () => {
      spanMs = (await run()).spanMs
    }),
  )
  return { speed: spanMs / cpuMs, cpuMicroseconds: (cpuMs * 1000) / count }
}

const costOfStack = (policy: PolicyChoice, count: number, profile: Profile = paper) =>
  costOf(
    () => {
      const world = createTwinWorld({ profile, questions, seed: 1, trace: { write: () => {} }, policy })
      const budgetsMs = [10_000, 30_000, 60_000]
      return runWorkload(world, {
        questions,
        queries: count,
        arrivalRatePerMinute,
        budgetsMs,
        seed: 1,
        onRun: () => {},
      })
    },
    count,
    count > 2000 ? 3 : 5,
  )

const costOfBare = (fidelity: Fidelity, calls: number, answers: 'drawn' | 'model' = 'drawn') =>
  costOf(
    () => runBare({ profile: paper, questions, models: [arm.model], calls, callsPerMinute: 200, fidelity, answers }),
    calls,
    5,
  )

/** Every model has 40 calls a minute: the work grows as the pool does. */
const costOfPool = (profile: Profile) => {
  const models = Object.keys(profile.models)
  const load = { profile, questions, models, callsPerMinute: 40 * models.length, fidelity: 'event-skipping' as const }
  return costOf(() => runBare({ ...load, calls: 20_000 }), 20_000, 3)
}

const skipping = await costOfBare('event-skipping', 20_000)
const exact = await costOfBare('iteration-exact', 5000)
const answering = await costOfBare('event-skipping', 20_000, 'model')
const fixedArm = await costOfStack(fixed, queries)
const wholeStack = await costOfStack(defaultPolicy, queries)
const [fewQueries, manyQueries] = [await costOfStack(defaultPolicy, 2000), await costOfStack(defaultPolicy, 16_000)]
const pools = [1, 4, 16].map((copies) => replicate(paper, copies))
const [bare5, bare20, bare80] = [await costOfPool(pools[0]!), await costOfPool(pools[1]!), await costOfPool(pools[2]!)]
const stack = (pool: Profile) => costOfStack(defaultPolicy, 1000, pool)
const [stack5, stack20, stack80] = [await stack(pools[0]!), await stack(pools[1]!), await stack(pools[2]!)]

report({
  profile: paper.id,
  queries,
  arrivalRatePerMinute,
  bareSkippingSimulatedSecondsPerSecond: skipping.speed,
  bareExactSimulatedSecondsPerSecond: exact.speed,
  answeringSkippingSimulatedSecondsPerSecond: answering.speed,
  fixedSimulatedSecondsPerSecond: fixedArm.speed,
  defaultSimulatedSecondsPerSecond: wholeStack.speed,
  fixedCpuMicrosecondsPerQuery: fixedArm.cpuMicroseconds,
  defaultCpuMicrosecondsPerQuery: wholeStack.cpuMicroseconds,
  default2000QueriesCpuMicrosecondsPerQuery: fewQueries.cpuMicroseconds,
  default16000QueriesCpuMicrosecondsPerQuery: manyQueries.cpuMicroseconds,
  bare5ModelsCpuMicrosecondsPerCall: bare5.cpuMicroseconds,
  bare20ModelsCpuMicrosecondsPerCall: bare20.cpuMicroseconds,
  bare80ModelsCpuMicrosecondsPerCall: bare80.cpuMicroseconds,
  default5ModelsCpuMicrosecondsPerQuery: stack5.cpuMicroseconds,
  default20ModelsCpuMicrosecondsPerQuery: stack20.cpuMicroseconds,
  default80ModelsCpuMicrosecondsPerQuery: stack80.cpuMicroseconds,
})
