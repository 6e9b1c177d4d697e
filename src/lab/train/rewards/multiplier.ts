/**
 * @file The Lagrange multiplier: what a broken constraint costs, learnt beside the policy.
 *
 * - `PaperMultiplier`: one number, moved by mean(latency / budget) - 1. With a mean of 0.4 it is gone after 333 updates.
 * - `ViolationMultiplier`: one number for each tier of budgets and band of loads, moved by the share of broken deadlines
 *   above the one allowed. Clipped at both ends, so it cannot wind up while a constraint holds or cannot be met.
 *
 * Source: the paper's settings (start 0.2, rate 0.001, at most 1) and dual ascent on the violation rate.
 */
import { clamp } from '../../../core/index.ts'
import type { EpisodeFacts as Episode } from '../rollouts/index.ts'

export interface Multiplier {
  of(episode: Pick<Episode, 'budgetMs' | 'load'>): number
  /** Moves by one batch. */
  update(episodes: readonly Episode[]): void
  /** All its numbers, for logs and checkpoints. */
  readonly values: Float64Array
}

export const paperMultiplier = { start: 0.2, rate: 0.001, most: 1 }
export const violationMultiplier = { start: 0.2, rate: 0.1, most: 5, allowed: 0.001 }

export function createPaperMultiplier(settings = paperMultiplier): Multiplier {
  const values = Float64Array.of(settings.start)
  return {
    values,
    of: () => values[0] as number,
    update(episodes) {
      if (episodes.length === 0) return
      const mean = episodes.reduce((sum, { latencyRatio }) => sum + latencyRatio, 0) / episodes.length
      values[0] = clamp((values[0] as number) + settings.rate * (mean - 1), 0, settings.most)
    },
  }
}

/** Upper ends of the tiers: budgets in s, loads as (running + waiting) / slots. */
const budgetTiersSeconds = [10, 30, 100, Infinity]
const loadBands = [0.3, 0.8, Infinity]

export const bandNames: readonly string[] = budgetTiersSeconds.flatMap((seconds) =>
  loadBands.map((load) => `budget<=${seconds}s load<=${load}`),
)

/** Place of an episode's tier and band among `bandNames`. */
export function bandOf({ budgetMs, load }: Pick<Episode, 'budgetMs' | 'load'>): number {
  const tier = budgetTiersSeconds.findIndex((seconds) => budgetMs <= seconds * 1000)
  const band = loadBands.findIndex((highest) => load <= highest)
  return tier * loadBands.length + band
}

export function createViolationMultiplier(settings = violationMultiplier): Multiplier {
  const values = new Float64Array(bandNames.length).fill(settings.start)
  return {
    values,
    of: (episode) => values[bandOf(episode)] as number,
    update(episodes) {
      const seen = new Float64Array(values.length)
      const broken = new Float64Array(values.length)
      for (const episode of episodes) {
        const band = bandOf(episode)
        seen[band] = (seen[band] as number) + 1
        if (!episode.isOnTime) broken[band] = (broken[band] as number) + 1
      }
      for (let band = 0; band < values.length; band += 1) {
        if (seen[band] === 0) continue
        const excess = (broken[band] as number) / (seen[band] as number) - settings.allowed
        values[band] = clamp((values[band] as number) + settings.rate * excess, 0, settings.most)
      }
    },
  }
}
