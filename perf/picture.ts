/**
 * @file How latency spreads as a team grows: `npm run perf -- picture [--json]`.
 *
 * One arm for every step, so that nothing but the number of agents differs: side by side (`io`, merged by vote, or by one
 * more call where answers cannot be compared) and one after the other (`chain`), on the synthetic questions at 10 queries
 * a minute, in virtual time with a budget that binds nobody. A team ends with its slowest member or with the sum of all,
 * each a draw from a wide distribution of lengths; its calls also meet each other in the queue. Every figure is simulated;
 * they stand in docs/results.md.
 */
import { mean, quantileSorted, type StrategyId } from '../src/core/index.ts'
import { createTwinWorld, loadProfile, runWorkload } from '../src/lab/index.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../src/lab/questions/index.ts'

const profile = loadProfile('paper-b200')
const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count: 200, seed: 1 }))
const arm = { model: 'Qwen2.5-Coder-14B-Instruct', strategy: 'Concise' satisfies StrategyId } as const
const queries = 1500
const ratePerMinute = 10
const noBudgetMs = 3_600_000

type Layout = 'io' | 'chain'

async function play(topology: Layout, agents: number): Promise<readonly number[]> {
  const world = createTwinWorld({
    profile,
    questions,
    seed: 1,
    trace: { write: () => {} },
    policy: {
      planner: { kind: 'fixed', topology, agents },
      executor: { kind: 'fixed', ...arm },
      discipline: 'fcfs',
    },
    settings: { insures: false, enforcesDeadline: false },
  })
  const seconds: number[] = []
  await runWorkload(world, {
    questions,
    queries,
    arrivalRatePerMinute: ratePerMinute,
    budgetsMs: [noBudgetMs],
    seed: 1,
    onRun: ({ record }) => void seconds.push((record.finishedAtMs - record.arrivedAtMs) / 1000),
  })
  return seconds.sort((a, b) => a - b)
}

function spreadOf(sorted: readonly number[]) {
  const centre = mean(sorted)
  const variance = mean(sorted.map((value) => (value - centre) ** 2))
  return {
    mean_s: centre,
    deviation_s: Math.sqrt(variance),
    p50_s: quantileSorted(sorted, 0.5),
    p95_s: quantileSorted(sorted, 0.95),
  }
}

const rows: object[] = []
for (const topology of ['io', 'chain'] as const) {
  for (const agents of [1, 2, 3, 4, 5, 6]) {
    const spread = spreadOf(await play(topology, agents))
    rows.push({ topology, agents, ...spread })
    if (process.argv.includes('--json')) continue
    const figures = Object.entries(spread).map(([name, value]) => `${name} ${value.toFixed(2)}`)
    console.log(`${topology.padEnd(5)} ${agents} agents: ${figures.join(', ')}`)
  }
}
if (process.argv.includes('--json'))
  console.log(JSON.stringify({ profile: profile.id, arm, queries, ratePerMinute, seed: 1, rows }, null, 2))
