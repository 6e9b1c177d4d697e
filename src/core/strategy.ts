/** @file Reasoning depth: the second half of every decision. Texts and caps of each depth live in `team/strategies`. */
import type { ModelId } from './ids.ts'

/** From shallow to deep. */
export type StrategyId = 'Flash' | 'Concise' | 'DeepThink'
export const strategyIds: readonly StrategyId[] = ['Flash', 'Concise', 'DeepThink']

/** What the executor picks for a step: who answers, and how deeply. */
export interface Arm {
  readonly model: ModelId
  readonly strategy: StrategyId
}

/** `model:strategy`, as in records and metrics. */
export const armKey = (arm: Arm): string => `${arm.model}:${arm.strategy}`
