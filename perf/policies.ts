/**
 * @file What the default policies are worth in the simulated paper pool: `npm run perf -- policies [--json]`.
 *
 * Correct goodput (right and on time, of all arrivals) and the mean latency on the synthetic questions, beside the best
 * of a few fixed arms, chosen in hindsight per cell. A first look on one seed, not the benchmark: intervals, real
 * question sets and other baselines come with it. Every figure is simulated and rests on the twin's assumed team model.
 */
import { strategyIds } from '../src/core/index.ts'
import { createTwinWorld, defaultPolicy, loadProfile, type PolicyChoice, runWorkload } from '../src/lab/index.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../src/lab/questions/index.ts'

const profile = loadProfile('paper-b200')
const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count: 200, seed: 1 }))
const queries = 600

interface Cell {
  readonly correctGoodput: number
  readonly onTime: number
  readonly meanMs: number
  readonly callsPerQuery: number
}

async function play(policy: PolicyChoice, arrivalRatePerMinute: number, budgetMs: number): Promise<Cell> {
  const world = createTwinWorld({ profile, questions, seed: 1, trace: { write: () => {} }, policy })
  const sum = { right: 0, onTime: 0, ms: 0, calls: 0 }
  await runWorkload(world, {
    questions,
    queries,
    arrivalRatePerMinute,
    budgetsMs: [budgetMs],
    seed: 1,
    onRun: ({ record, question, text }) => {
      sum.onTime += record.isOnTime ? 1 : 0
      sum.right += record.isOnTime && text !== '' && world.answers.isRight(question, text) ? 1 : 0
      sum.ms += record.finishedAtMs - record.arrivedAtMs
      sum.calls += record.calls
    },
  })
  return {
    correctGoodput: sum.right / queries,
    onTime: sum.onTime / queries,
    meanMs: sum.ms / queries,
    callsPerQuery: sum.calls / queries,
  }
}

const fixedArm = (model: string, strategy: (typeof strategyIds)[number]): PolicyChoice => ({
  planner: { kind: 'fixed', topology: 'io', agents: 1 },
  executor: { kind: 'fixed', model, strategy },
  discipline: 'edf-demote',
})

const rows: object[] = []
for (const rate of [10, 50, 200]) {
  for (const budgetMs of [10_000, 30_000, 100_000]) {
    const ours = await play(defaultPolicy, rate, budgetMs)
    let best = { arm: '', cell: ours, goodput: -1 }
    for (const model of Object.keys(profile.models)) {
      for (const strategy of strategyIds) {
        const cell = await play(fixedArm(model, strategy), rate, budgetMs)
        if (cell.correctGoodput > best.goodput)
          best = { arm: `${model}:${strategy}`, cell, goodput: cell.correctGoodput }
      }
    }
    const row = {
      rate_per_min: rate,
      budget_s: budgetMs / 1000,
      default: ours,
      bestFixed: { arm: best.arm, ...best.cell },
    }
    rows.push(row)
    if (!process.argv.includes('--json')) {
      const say = ({ correctGoodput, onTime, meanMs }: Cell) =>
        `${(correctGoodput * 100).toFixed(1)} % right and on time, ${(onTime * 100).toFixed(1)} % on time, mean ${(meanMs / 1000).toFixed(1)} s`
      console.log(
        `${rate}/min, ${budgetMs / 1000} s: default ${say(ours)} | best fixed ${say(best.cell)} (${best.arm})`,
      )
    }
  }
}
if (process.argv.includes('--json'))
  console.log(JSON.stringify({ profile: profile.id, queries, seed: 1, rows }, null, 2))
