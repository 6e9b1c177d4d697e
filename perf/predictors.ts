/**
 * @file The neural predictors against the online one: trained here, measured on traffic of other seeds; cost per decision.
 *
 * `npm run perf -- predictors [--json] [--episodes N] [--seed N]`. Trained on varied pools (paper-b200, pool-20, small) and
 * the training questions; measured on test questions, other seeds and rates, and on two profiles whose steps are kept out of
 * training. docs/training.md says what the columns mean, and what was chosen by looking at such traffic.
 */
import { createRandom, type ProfilePrior } from '../src/core/index.ts'
import { loadProfile } from '../src/lab/index.ts'
import { questionSets } from '../src/lab/questions/index.ts'
import {
  type Contender,
  drawEpisode,
  type EpisodeOptions,
  measurePredictors,
  type PartFigures,
  type TrainedPredictors,
  trainPredictors,
} from '../src/lab/train/predictors/index.ts'
import { createFeatures, createNeuralPredictor, createPredictor, type PoolPredictor } from '../src/policy/index.ts'
import { aClusterState, aQuery } from '../src/testing/index.ts'

const flag = (name: string, fallback: number): number => {
  const place = process.argv.indexOf(name)
  return place < 0 ? fallback : Number(process.argv[place + 1])
}
const seed = flag('--seed', 1)
const episodes = flag('--episodes', 60)
const mixed = questionSets({ folder: null, datasets: ['mixed'], seed: 1 }).get('mixed')
if (!mixed) throw new Error('the synthetic sets are missing')

interface Traffic {
  readonly name: string
  readonly profiles: readonly string[]
  readonly policy: EpisodeOptions['policy']
  readonly episodes: number
}
const traffics: readonly Traffic[] = [
  { name: 'random arms, pool known', profiles: ['paper-b200'], policy: 'random', episodes: 4 },
  { name: 'random arms, pools unseen', profiles: ['paper-h100', 'paper-a100'], policy: 'random', episodes: 6 },
  { name: 'default policy, pool known', profiles: ['paper-b200'], policy: 'default', episodes: 4 },
  { name: 'default policy, pools unseen', profiles: ['paper-h100', 'paper-a100'], policy: 'default', episodes: 6 },
]

async function measure(trained: TrainedPredictors) {
  const { weights } = trained
  const contenders: readonly Contender[] = [
    { name: 'online', create: (prior, models) => createPredictor({ prior, models }) },
    {
      name: 'networks',
      create: (prior, models) => createNeuralPredictor({ prior, models, weights, isCorrected: false }),
    },
    { name: 'neural', create: (prior, models) => createNeuralPredictor({ prior, models, weights }) },
  ]
  const tables: { traffic: string; figures: readonly PartFigures[] }[] = []
  for (const { name, profiles, policy, episodes: count } of traffics) {
    const options: EpisodeOptions = {
      profiles: profiles.map(loadProfile),
      questions: mixed!.test,
      policy,
      load: [0.1, 1.4],
      queries: 400,
      isPerturbed: false,
      // Not 99, on which settings of the correction and of the training traffic were chosen.
      seed: seed + 1_000,
    }
    const played = Array.from({ length: count }, (_, index) => drawEpisode(options, index))
    tables.push({ traffic: name, figures: await measurePredictors(played, contenders) })
  }
  return tables
}

/** Time to price fifteen arms, each time in another state: quantiles by the clock, and mean CPU time, which a busy machine spoils less. */
function costOf(create: (prior: ProfilePrior, models: readonly string[]) => PoolPredictor) {
  const profile = loadProfile('paper-b200')
  const models = Object.keys(profile.models)
  const random = createRandom(3)
  const states = Array.from({ length: 256 }, (_, place) =>
    aClusterState({
      atMs: place * 500,
      models: models.map((model) => ({
        model,
        replicas: [{ slots: 16, running: random.below(17), kvTokens: 60_000, contextTokens: 16_384 }],
      })),
    }),
  )
  const texts = ['What is 17 * 23?', 'Write a Python function that sums a list.', 'Which is larger?\nA) 3\nB) 5']
  const queries = texts.map((text) => aQuery({ text, features: createFeatures(text), domain: 'math' }))
  const predictor = create(profile.prior, models)
  const times: number[] = []
  let lines = 0
  let cpuStart = process.cpuUsage()
  for (let round = -4_000; round < 12_000; round += 1) {
    const state = states[(round + 4_000) % states.length]!
    const shape = { query: queries[(round + 4_000) % 3]!, kind: 'solve' as const, promptTokens: 200 }
    if (round === 0) cpuStart = process.cpuUsage()
    const startMs = performance.now()
    lines += predictor.priceList(shape, state).length
    if (round >= 0) times.push((performance.now() - startMs) * 1_000)
  }
  const { user, system } = process.cpuUsage(cpuStart)
  times.sort((a, b) => a - b)
  const at = (p: number) => Number(times[Math.floor(p * (times.length - 1))]!.toFixed(1))
  return { arms: lines / 16_000, p50Us: at(0.5), p99Us: at(0.99), cpuUs: Number(((user + system) / 12_000).toFixed(1)) }
}

const startMs = performance.now()
const trained = await trainPredictors({
  profiles: ['paper-b200', 'pool-20', 'small'].map(loadProfile),
  questions: mixed.train,
  episodes,
  seed,
})
const training = {
  seconds: Number(((performance.now() - startMs) / 1000).toFixed(1)),
  rows: trained.rows,
  heldOutRows: trained.heldOutRows,
  parameters: trained.weights.latency.length + trained.weights.length.length,
  epochs: { latency: trained.losses.latency.length - 1, length: trained.losses.length.length - 1 },
}
const tables = await measure(trained)
const cost = {
  online: costOf((prior, models) => createPredictor({ prior, models })),
  neural: costOf((prior, models) => createNeuralPredictor({ prior, models, weights: trained.weights })),
}

if (process.argv.includes('--json'))
  console.log(JSON.stringify({ node: process.version, seed, training, tables, cost }))
else {
  const share = (value: number | null) => (value === null ? '-' : (100 * value).toFixed(0)).padStart(5)
  console.log(JSON.stringify(training))
  for (const { traffic, figures } of tables) {
    console.log(`\n${traffic}\npart     predictor    calls    bias  spread  pinball   50 %  80 %  95 %`)
    for (const { part, contender, count, bias, spread, pinball, within50, within80, within95 } of figures)
      console.log(
        `${part.padEnd(8)} ${contender.padEnd(9)} ${String(count).padStart(8)} ${bias.toFixed(3).padStart(7)} ${spread
          .toFixed(3)
          .padStart(7)} ${pinball.toFixed(4).padStart(8)} ${share(within50)} ${share(within80)} ${share(within95)}`,
      )
  }
  for (const [name, { arms, p50Us, p99Us, cpuUs }] of Object.entries(cost))
    console.log(`\n${name}: ${arms} arms priced in p50 ${p50Us} us, p99 ${p99Us} us, ${cpuUs} us of CPU`)
}
