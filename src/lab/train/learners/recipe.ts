/** @file What makes one learner different from another, over the same loop, twins and compute. */
import type { Multiplier, RewardForm } from '../rewards/index.ts'
import type { Heads } from '../rollouts/index.ts'
import type { ActorCriticSettings } from './actor-critic/index.ts'

export interface LearnerRecipe {
  readonly settings: ActorCriticSettings
  /** Default: our networks at both levels. */
  readonly heads?: Heads
  /** Quality points per logit of the base policy's scores; null: no base. */
  readonly temperature: number | null
  readonly reward: RewardForm
  /** Factor on congestion charges of the `on-time` reward. */
  readonly priceFactor: number
  /** Price of a second of the `on-time` reward, in quality points per unit of load. */
  readonly delayPrice: number
  readonly createMultiplier: () => Multiplier
  /** Whether the probability to be right takes the place of the coin. */
  readonly usesHindsight: boolean
  /** How the learning rate goes: down in a straight line to a fifth, or halved whenever validation stops to improve. */
  readonly schedule: 'linear' | 'plateau'
}
