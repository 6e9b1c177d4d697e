/** @file An episode for tests: a query at 60 a minute with 30 s, answered right by one agent in 9 s, on an idle pool. */
import type { EpisodeFacts } from '../src/lab/train/rollouts/index.ts'

export const anEpisode = (parts: Partial<EpisodeFacts> = {}): EpisodeFacts => ({
  shard: 0,
  ratePerMinute: 60,
  budgetMs: 30_000,
  load: 0,
  isOnTime: true,
  isStrict: true,
  correctness: 1,
  latencyRatio: 0.3,
  charges: 0,
  privileged: new Float32Array(4),
  team: 'io 1',
  arms: ['a:Concise'],
  ...parts,
})
