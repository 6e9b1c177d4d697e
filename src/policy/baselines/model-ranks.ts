/**
 * @file How the models of a pool compare before anything has run: by the prior alone, never by what runs now.
 *
 * Strength is the prior's quality, size the tier. Ties fall to the order of the pool.
 */
import {
  type ClusterState,
  type Domain,
  domains,
  type ModelId,
  type ModelPrior,
  mean,
  type StrategyId,
} from '../../core/index.ts'

export type PriorOf = (model: ModelId) => ModelPrior

export interface ModelRanks {
  /** In the order of the pool. */
  readonly models: readonly ModelId[]
  /** Strongest first for questions of `domain` at `strategy`. */
  byStrength(domain: Domain, strategy: StrategyId): readonly ModelId[]
  /** Largest tier first; within a tier the strongest over all domains. */
  bySize(strategy: StrategyId): readonly ModelId[]
  /** Probability of a right answer, 0-1. */
  quality(model: ModelId, domain: Domain, strategy: StrategyId): number
  /** `quality` as a mean over the domains. */
  meanQuality(model: ModelId, strategy: StrategyId): number
  /** Engine time of one answer on an idle engine: what it costs, whatever the load. ms. */
  answerMs(model: ModelId, domain: Domain, strategy: StrategyId): number
}

const sizes: readonly ModelPrior['tier'][] = ['small', 'medium', 'large']

/** Prompt that costs are compared at: it hardly matters, since decoding takes most of the time. */
const typicalPromptTokens = 200

/** `priorOf` is asked once for each model. */
export function rankModels(models: readonly ModelId[], priorOf: PriorOf): ModelRanks {
  const priors = new Map(models.map((model) => [model, priorOf(model)]))
  const known = (model: ModelId) => priors.get(model) ?? priorOf(model)
  const quality = (model: ModelId, domain: Domain, strategy: StrategyId) => known(model).quality.value[domain][strategy]
  const meanQuality = (model: ModelId, strategy: StrategyId) =>
    mean(domains.map((domain) => quality(model, domain, strategy)))
  const answerMs = (model: ModelId, domain: Domain, strategy: StrategyId) => {
    const { ttft, tpot, outputTokens } = known(model)
    const prefillMs = ttft.value.fixedMs + ttft.value.perTokenMs * typicalPromptTokens
    return prefillMs + outputTokens.value[domain][strategy].mean * tpot.value.idleMs
  }
  const ordered = (worth: (model: ModelId) => number) => [...models].sort((a, b) => worth(b) - worth(a))
  return {
    models,
    quality,
    meanQuality,
    answerMs,
    byStrength: (domain, strategy) => ordered((model) => quality(model, domain, strategy)),
    // Quality is below 1, so it orders within a tier only.
    bySize: (strategy) => ordered((model) => 2 * sizes.indexOf(known(model).tier) + meanQuality(model, strategy)),
  }
}

/** Models that this run may see, in the order of the pool: a caller's key may hide some. All where the state shows none. */
export const visible = ({ models }: ModelRanks, state: ClusterState): readonly ModelId[] => {
  const seen = models.filter((model) => state.model(model) !== undefined)
  return seen.length > 0 ? seen : models
}
