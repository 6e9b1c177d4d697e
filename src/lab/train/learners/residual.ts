/**
 * @file `residual`: the base policy's scores over a temperature, plus a learnt correction that starts at zero.
 *
 *     pi(candidate) = softmax( e^s score_base / tau + correction(context, candidate, the others) )
 *
 * Trained by PPO with a penalty on the divergence from the base: KL(pi || pi_base). It starts as good as the base and can
 * only be led away from it by evidence. tau = 0.02: differences of two points of quality are one nat.
 */
import { createViolationMultiplier } from '../rewards/index.ts'
import { ourSettings } from './actor-critic/index.ts'
import type { LearnerRecipe } from './recipe.ts'

export const residual: LearnerRecipe = {
  settings: ourSettings,
  temperature: 0.02,
  reward: 'on-time',
  priceFactor: 1,
  delayPrice: 0.004,
  createMultiplier: createViolationMultiplier,
  usesHindsight: true,
  schedule: 'linear',
}
