/** @file Whether a network that is tied to one pool has met it: names of models, in any order. */
import { ConfigError, type ModelId } from '../../core/index.ts'

/** Throws ConfigError, naming what is missing and what is new, unless `trained` and `models` are the same models. */
export function requireSamePool(trained: readonly ModelId[], models: readonly ModelId[]): void {
  const missing = trained.filter((model) => !models.includes(model))
  const foreign = models.filter((model) => !trained.includes(model))
  if (missing.length === 0 && foreign.length === 0) return
  const fix = 'Use it on the pool that it was trained for, or a policy with the head candidate, which serves any pool.'
  const got = [...missing.map((model) => `no ${model}`), ...foreign.map((model) => `${model} beside them`)].join(', ')
  throw new ConfigError([{ path: 'settings.models', expected: `a pool of ${trained.join(', ')}`, got, fix }])
}
