/**
 * @file Cost of learning: environment steps a second on one and two threads, samples learnt a second, epochs a minute.
 *
 * `npm run perf -- train [--json] [--twins N] [--epochs N]`. A step of the environment is one decision of a learned policy,
 * planner or executor, with the head `candidate` or with the paper's networks; it includes everything that the twin does until the next one. The policy is
 * `residual` as shipped (32 wide) on paper-b200 and the synthetic sets. Pools are estimated, losses compiled and
 * every thread warmed by three passes before anything is timed; steps a second are the mean of three passes more. By the
 * wall clock: run it on a machine that has nothing else to do.
 */
import {
  createLevelLearner,
  createSliceThread,
  ourSettings,
  scorerConfigOf,
  trainEpoch,
} from '../src/lab/train/learners/actor-critic/index.ts'
import { createLevelLearners, recipes } from '../src/lab/train/learners/index.ts'
import { residual } from '../src/lab/train/learners/residual.ts'
import { startJax } from '../src/lab/train/networks/index.ts'
import { createRolloutPool, type Shard, type ShardTask } from '../src/lab/train/rollouts/index.ts'
import { defaultScenarios, drawScenarios } from '../src/lab/train/scenarios/index.ts'
import { report } from './measure.ts'

const flag = (name: string, fallback: number): number => {
  const place = process.argv.indexOf(name)
  return place < 0 ? fallback : Number(process.argv[place + 1])
}
const twins = flag('--twins', 16)
const epochs = flag('--epochs', 4)
const hidden = 32
const seed = 1
const ground = { profiles: ['paper-b200'], data: null, datasets: ['mixed'], readsQuestions: false }
// One estimate of the pool: what a training makes once would be most of a measurement this short.
const scenarios = { ...defaultScenarios, estimates: 1 }
const shape = { hidden, temperature: residual.temperature, readsQuestions: false }

await startJax()
const thread = createSliceThread()
const levels = { settings: ourSettings, seed, thread }
const planner = createLevelLearner({
  ...levels,
  level: 'planner',
  scorer: scorerConfigOf('planner', hidden),
  places: 24,
})
const executor = createLevelLearner({
  ...levels,
  level: 'executor',
  scorer: scorerConfigOf('executor', hidden),
  places: 16,
})

const decisionsOf = (shards: readonly Shard[]) =>
  shards.reduce((sum, { planner: plans, executor: choices }) => sum + plans.count + choices.count, 0)
const tasks = drawScenarios(scenarios, { count: twins, epoch: 0, seed }).map(
  (scenario, place): ShardTask => ({
    scenario,
    place,
    shape,
    weights: { planner: planner.policy(), executor: executor.policy() },
    usesHindsight: true,
  }),
)

/** The same twins under the paper's networks, whose learner takes outcomes as they are drawn. */
function paperTasks(models: readonly string[]): readonly ShardTask[] {
  const { heads = {}, settings, temperature, usesHindsight } = recipes['ppo-paper']
  const shape = { hidden, temperature, readsQuestions: false, heads, models }
  const learners = createLevelLearners({ shape, settings, seed, mostModels: models.length })
  const weights = { planner: learners.planner.policy(), executor: learners.executor.policy() }
  return tasks.map((task) => ({ ...task, shape, weights, usesHindsight }))
}

const warmUpPasses = 3
const timedPasses = 3

/** Mean of the timed passes over all twins. Those before make the estimates and warm the compiler, in every thread. */
async function stepsPerSecond(jobs: number, head: 'candidate' | 'joint' = 'candidate'): Promise<number> {
  const pool = createRolloutPool(ground, jobs)
  const played = head === 'joint' ? paperTasks(pool.models) : tasks
  try {
    for (let pass = 0; pass < warmUpPasses; pass += 1) await pool.play(played)
    const startMs = performance.now()
    let decisions = 0
    for (let pass = 0; pass < timedPasses; pass += 1) decisions += decisionsOf(await pool.play(played))
    return (1000 * decisions) / (performance.now() - startMs)
  } finally {
    await pool.close()
  }
}

async function epochFigures() {
  const pool = createRolloutPool(ground, 2)
  const { reward: form, priceFactor, delayPrice, usesHindsight } = residual
  const reward = { form, priceFactor, delayPrice }
  const multiplier = residual.createMultiplier()
  const loop = { pool, shape, planner, executor, multiplier, reward, usesHindsight, scenarios, twins, seed }
  const total = { playedMs: 0, learntMs: 0, decisions: 0, samples: 0 }
  try {
    for (let epoch = 0; epoch <= epochs; epoch += 1) {
      const at = { epoch, progress: 0, learningRate: ourSettings.learningRate }
      const result = await trainEpoch(loop, at, () => performance.now())
      // The first compiles the losses.
      if (epoch === 0) continue
      total.playedMs += result.playedMs
      total.learntMs += result.learntMs
      total.decisions += decisionsOf(result.shards)
      for (const level of [result.planner, result.executor])
        total.samples += Math.min(level.minibatches * ourSettings.minibatch, level.decisions * ourSettings.passes)
    }
  } finally {
    await Promise.all([pool.close(), thread.close()])
  }
  const wholeMs = total.playedMs + total.learntMs
  return {
    'samples learnt per second': (1000 * total.samples) / total.learntMs,
    'epochs per minute, two threads': (60_000 * epochs) / wholeMs,
    'share of time in play': total.playedMs / wholeMs,
    'share of time in learning': total.learntMs / wholeMs,
    'decisions per epoch': total.decisions / epochs,
  }
}

report({
  'environment steps per second, 1 thread': await stepsPerSecond(1),
  'environment steps per second, 2 threads': await stepsPerSecond(2),
  "environment steps per second, the paper's networks, 1 thread": await stepsPerSecond(1, 'joint'),
  "environment steps per second, the paper's networks, 2 threads": await stepsPerSecond(2, 'joint'),
  ...(await epochFigures()),
  twins,
  epochs,
  warmUpPasses,
  timedPasses,
})
