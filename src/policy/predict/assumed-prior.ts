/**
 * @file A prior for a model that the profile does not know: read off its tier, or the parameter count in its name.
 *
 * Everything here is assumed and tagged so. Quality follows the mean of the calibrated models of the tier; speed is that
 * of weights streamed from memory (a decode step reads every weight once), with a datacentre card in mind. A few calls
 * correct lengths and speed; quality stays assumed until the model is calibrated.
 */
import { type Domain, domains, type ModelId, type ModelPrior, type StrategyId, strategyIds } from '../../core/index.ts'
import { isReasoningModelName } from './reasoning-model.ts'

export type ModelTier = ModelPrior['tier']

/** Parameters in billions that a tier stands for where the name does not say. */
const typicalBillions: Readonly<Record<ModelTier, number>> = { small: 7, medium: 18, large: 40 }

type ByStrategy = readonly [flash: number, concise: number, deepThink: number]

const qualityByTier: Readonly<Record<ModelTier, Readonly<Record<Domain, ByStrategy>>>> = {
  small: {
    math: [0.36, 0.42, 0.57],
    code: [0.6, 0.66, 0.65],
    knowledge: [0.32, 0.36, 0.36],
    general: [0.4, 0.45, 0.46],
  },
  medium: {
    math: [0.48, 0.64, 0.7],
    code: [0.76, 0.8, 0.8],
    knowledge: [0.48, 0.55, 0.56],
    general: [0.55, 0.6, 0.61],
  },
  large: {
    math: [0.58, 0.72, 0.77],
    code: [0.82, 0.86, 0.86],
    knowledge: [0.6, 0.66, 0.67],
    general: [0.65, 0.7, 0.71],
  },
}

const meanTokens: Readonly<Record<Domain, ByStrategy>> = {
  math: [80, 200, 650],
  code: [160, 220, 680],
  knowledge: [70, 210, 700],
  general: [90, 240, 600],
}
const sigmas: ByStrategy = [1.3, 0.75, 0.75]
/** Models that think before they answer write about this many tokens at any depth. */
const reasoningTokens: ByStrategy = [1_000, 1_200, 1_650]

/** Parameters in billions by the name's `32b`, `8x7b` (all experts), `1.5B`; null where it does not say. */
export function billionsInName(model: ModelId): number | null {
  const match = /(?:^|[^a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)b(?![a-z0-9])/i.exec(model)
  return match ? Number(match[1] ?? 1) * Number(match[2]) : null
}

/** Tier by parameter count: small below 10 billion, large from 30 on, medium between and where unknown. */
export function tierOf(model: ModelId): ModelTier {
  const billions = billionsInName(model)
  if (billions === null) return 'medium'
  if (billions < 10) return 'small'
  return billions < 30 ? 'medium' : 'large'
}

/** Parameters in billions, as the name says or as is typical of the tier. */
export const billionsOf = (model: ModelId, tier: ModelTier): number => billionsInName(model) ?? typicalBillions[tier]

/** An assumed prior for `model`; every quantity carries the tag `assumed`. */
export function assumePrior(model: ModelId, tier: ModelTier = tierOf(model)): ModelPrior {
  const billions = billionsOf(model, tier)
  const isReasoning = isReasoningModelName(model)
  const assumed = <T>(value: T, unit: string) => ({
    value,
    unit,
    tag: 'assumed' as const,
    source: `tier ${tier}, ${billions} billion parameters`,
  })
  const strategyIndex = (strategy: StrategyId) => strategyIds.indexOf(strategy) as 0 | 1 | 2
  const table = <T>(cell: (domain: Domain, index: 0 | 1 | 2) => T) =>
    Object.fromEntries(
      domains.map((domain) => [
        domain,
        Object.fromEntries(strategyIds.map((strategy) => [strategy, cell(domain, strategyIndex(strategy))])),
      ]),
    ) as Record<Domain, Record<StrategyId, T>>
  return {
    tier,
    quality: assumed(
      table((domain, index) => qualityByTier[tier][domain][index]),
      'probability',
    ),
    outputTokens: assumed(
      table((domain, index) => ({
        mean: isReasoning ? reasoningTokens[index] : meanTokens[domain][index],
        sigma: isReasoning ? 0.8 : sigmas[index],
      })),
      'tokens',
    ),
    ttft: assumed({ fixedMs: 40, perTokenMs: 0.0015 * billions }, 'ms'),
    tpot: assumed({ idleMs: 4 + 0.5 * billions, perKvTokenMs: 0.00003 }, 'ms per token'),
  }
}
