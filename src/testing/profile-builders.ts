/** @file A valid profile for tests: one GPU and the models named, no truth, round numbers. */
import {
  type Domain,
  domains,
  type MachineProfile,
  type ModelId,
  type ModelPrior,
  type Profile,
  profileSchemaId,
  type StrategyId,
  strategyIds,
} from '../core/index.ts'

const quantity = <T>(value: T, unit: string) => ({ value, unit, tag: 'assumed' as const, source: 'test' })

const table = <T>(entry: (domain: Domain, strategy: StrategyId) => T) =>
  Object.fromEntries(
    domains.map((domain) => [
      domain,
      Object.fromEntries(strategyIds.map((strategy) => [strategy, entry(domain, strategy)])),
    ]),
  ) as Record<Domain, Record<StrategyId, T>>

const qualities = { Flash: 0.4, Concise: 0.6, DeepThink: 0.8 } as const
const lengths = { Flash: 20, Concise: 200, DeepThink: 1_000 } as const

/** 8 slots, 10 ms a step, 100,000 tokens of KV cache. */
export function aMachineProfile(overrides: Partial<MachineProfile> = {}): MachineProfile {
  return {
    slots: quantity(8, 'sequences'),
    kvTokens: quantity(100_000, 'tokens'),
    blockTokens: quantity(16, 'tokens'),
    maxModelLen: quantity(32_768, 'tokens'),
    step: quantity({ decodeC0: 9, decodeC3: 0, b0: 9, w0: 0, k1: 0.01, k2: 0, k3: 0, k4: 0 }, 'ms'),
    host: quantity(1, 'ms'),
    ...overrides,
  }
}

/** Right 40, 60 and 80 % of the time with 20, 200 and 1,000 tokens from shallow to deep, in every domain; 10 ms a token. */
export function aModelPrior(overrides: Partial<ModelPrior> = {}): ModelPrior {
  return {
    tier: 'small',
    quality: quantity(
      table((_domain, strategy) => qualities[strategy]),
      'probability',
    ),
    outputTokens: quantity(
      table((_domain, strategy) => ({ mean: lengths[strategy], sigma: 0.5 })),
      'tokens',
    ),
    ttft: quantity({ fixedMs: 50, perTokenMs: 0.01 }, 'ms'),
    tpot: quantity({ idleMs: 10, perKvTokenMs: 0 }, 'ms'),
    ...overrides,
  }
}

/** A pool of `models` on one GPU. Default: `small`. */
export function aProfile(models: readonly ModelId[] = ['small'], overrides: Partial<Profile> = {}): Profile {
  return {
    schema: profileSchemaId,
    id: 'test',
    gpus: [{ id: 'gpu0', engines: [...models] }],
    models: Object.fromEntries(models.map((model) => [model, aMachineProfile()])),
    apiOverheadMs: quantity(5, 'ms'),
    prefillChunkTokens: quantity(2_048, 'tokens'),
    colocationEta: quantity(0, 'fraction'),
    prior: { models: Object.fromEntries(models.map((model) => [model, aModelPrior()])) },
    sources: [],
    ...overrides,
  }
}
