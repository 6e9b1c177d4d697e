/** @file A training of seconds: two twins of some twenty synthetic questions, three epochs, judged by two small cells. */
import { ourSettings } from '../src/lab/train/learners/actor-critic/index.ts'
import type { TrainOptions } from '../src/lab/train/train-options.ts'

/** Estimating a pool would take longer than all the rest. */
const know = { exact: 1, estimated: 0, biased: 0 }

export const smallTraining = (parts: Partial<TrainOptions> = {}): TrainOptions => ({
  learner: 'residual',
  ground: { profiles: ['small'], data: null, datasets: ['synthetic-math'] },
  scenarios: { queries: 25, ratesPerMinute: [60, 120], budgetsSeconds: [5, 30, null], know },
  judging: { ratesPerMinute: [100], budgetsSeconds: [5, 30], minutes: 0.2 },
  epochs: 3,
  twins: 2,
  hidden: 4,
  seed: 1,
  judgeEvery: 2,
  change: { settings: { ...ourSettings, minibatch: 32, passes: 1 } },
  ...parts,
})
