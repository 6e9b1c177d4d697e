/** @file What is known of one arm in one domain, and how a prior is made of it. */
import {
  type Domain,
  domains,
  type ModelId,
  type Profile,
  type ProfilePrior,
  type StrategyId,
} from '../../core/index.ts'

export interface ArmKnowledge {
  /** P(right) of an answer that was let finish, 0-1. */
  readonly quality: number
  /** Output tokens before any cap: mean, and spread of the logarithm. */
  readonly meanTokens: number
  readonly sigma: number
}

export type ArmsOfModel = ReadonlyMap<StrategyId, ArmKnowledge>

/** By domain of the questions, then model, then strategy. */
export type Knowledge = ReadonlyMap<Domain, ReadonlyMap<ModelId, ArmsOfModel>>

export interface Origin {
  readonly tag: 'derived' | 'fitted'
  /** How the numbers were got. */
  readonly source: string
  /** Factor on a model's times, as a biased estimate has them; 1: none. */
  readonly timeFactor: (model: ModelId) => number
}

type ModelPrior = ProfilePrior['models'][string]

/** `profile`'s prior with what is known put in its place. A domain of which nothing is known keeps the profile's figures. */
export function priorOf(profile: Profile, knowledge: Knowledge, origin: Origin): ProfilePrior {
  const models = Object.entries(profile.prior.models).map(([model, prior]) => {
    const known = domains.flatMap((domain) => {
      const arms = knowledge.get(domain)?.get(model)
      return arms ? [[domain, arms] as const] : []
    })
    return [model, timed(informed(prior, known, origin), origin.timeFactor(model))] as const
  })
  return { models: Object.fromEntries(models) }
}

function informed(prior: ModelPrior, known: readonly (readonly [Domain, ArmsOfModel])[], origin: Origin): ModelPrior {
  const quality = { ...prior.quality.value }
  const outputTokens = { ...prior.outputTokens.value }
  for (const [domain, arms] of known) {
    quality[domain] = { ...quality[domain] }
    outputTokens[domain] = { ...outputTokens[domain] }
    for (const [strategy, { quality: chance, meanTokens, sigma }] of arms) {
      quality[domain][strategy] = chance
      outputTokens[domain][strategy] = { mean: meanTokens, sigma }
    }
  }
  const { tag, source } = origin
  return {
    ...prior,
    quality: { ...prior.quality, value: quality, tag, source },
    outputTokens: { ...prior.outputTokens, value: outputTokens, tag, source },
  }
}

const timed = (prior: ModelPrior, factor: number): ModelPrior => {
  const { fixedMs, perTokenMs } = prior.ttft.value
  const { idleMs, perKvTokenMs } = prior.tpot.value
  return {
    ...prior,
    ttft: { ...prior.ttft, value: { fixedMs: fixedMs * factor, perTokenMs: perTokenMs * factor } },
    tpot: { ...prior.tpot, value: { idleMs: idleMs * factor, perKvTokenMs: perKvTokenMs * factor } },
  }
}
