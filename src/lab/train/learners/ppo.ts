/**
 * @file `ppo`: our networks from scratch, with no base policy to lean on; `ppoPaper`: the paper's networks and settings.
 *
 * What the masks leave is all they are given: first they must find out that right answers in time are worth something at all.
 * `ppoPaper`: clip 0.2, three passes, entropy 0.10, minibatches of 64, Adam 3e-4 reduced on plateaus, reward
 * solved - lambda x latency / budget with its one multiplier, outcomes as drawn; the planner by REINFORCE.
 */
import { createPaperMultiplier } from '../rewards/index.ts'
import { ourSettings, paperSettings } from './actor-critic/index.ts'
import type { LearnerRecipe } from './recipe.ts'
import { residual } from './residual.ts'

export const ppo: LearnerRecipe = { ...residual, settings: { ...ourSettings, klCoef: 0 }, temperature: null }

export const ppoPaper: LearnerRecipe = {
  settings: paperSettings,
  heads: { planner: 'paper', executor: 'joint' },
  temperature: null,
  reward: 'paper',
  priceFactor: 0,
  delayPrice: 0,
  createMultiplier: createPaperMultiplier,
  usesHindsight: false,
  schedule: 'plateau',
}
