/**
 * @file What a query was worth, in the three forms that can be chosen from.
 *
 * - `paper`: solved - lambda x latency / budget. A right answer at four times its budget still beats a wrong one in time.
 * - `hinge`: solved - lambda x penalty, which starts where the latency nears the budget.
 * - `on-time`: solved counts only in time; what the calls used is charged at the congestion prices of their engines, every
 *   second in a loaded pool at `delayPrice` x load (others wait there meanwhile), and lambda charges a broken deadline.
 */
import type { EpisodeFacts } from '../rollouts/index.ts'

export const rewardForms = ['paper', 'hinge', 'on-time'] as const
export type RewardForm = (typeof rewardForms)[number]

export interface RewardTerms {
  readonly form: RewardForm
  /** Price of a broken deadline, or of time, in quality points; >= 0. */
  readonly lambda: number
  /** Factor on congestion charges of `on-time`; 0: selfish. */
  readonly priceFactor: number
  /** Quality points a second and unit of load, of `on-time`; absent: 0. */
  readonly delayPrice?: number
}

/** Share of the budget from which `hinge` charges, and how much it charges for a whole budget more. */
const hingeFrom = 0.9
const hingeSlope = 2

/** The worth of an episode; not bounded below where answers come very late. */
export function rewardOf(episode: EpisodeFacts, { form, lambda, priceFactor, delayPrice = 0 }: RewardTerms): number {
  const { correctness, latencyRatio, isOnTime, charges, load, budgetMs } = episode
  if (form === 'paper') return correctness - lambda * latencyRatio
  if (form === 'hinge') return correctness - lambda * hingeSlope * Math.max(0, latencyRatio - hingeFrom)
  const delay = delayPrice * Math.min(load, 1) * ((latencyRatio * budgetMs) / 1000)
  return (isOnTime ? correctness : -lambda) - priceFactor * charges - delay
}
