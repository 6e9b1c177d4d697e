/** @file What learned baselines might have learnt, made up: fresh networks and a few edges of the paper's pool. */
import { createRandom, type Domain, domains, type ModelId, type StrategyId } from '../../src/core/index.ts'
import {
  candidateScorerShapes,
  initialise,
  type RouterLevel,
  type RouterPolicy,
  routerScorerConfig,
  type SwarmPolicy,
  swarmSchemaId,
} from '../../src/policy/index.ts'

export const aSwarm = (
  edges: readonly (readonly [from: ModelId, to: ModelId, probability: number])[] = [],
  domain: Domain = 'math',
): SwarmPolicy => ({
  schema: swarmSchemaId,
  tag: 'fitted',
  source: 'made up',
  seed: 1,
  graphs: { [domain]: edges.map(([from, to, probability]) => ({ from, to, probability })) },
})

/** Networks whose last layers are drawn too, so that what they choose depends on what they see. */
export function aRouter({ seed = 1, hidden = 8, depth = 'Concise' as StrategyId } = {}): RouterPolicy {
  const draw = (level: RouterLevel) => {
    const random = createRandom(seed + (level === 'team' ? 0 : 1))
    const parameters = initialise(candidateScorerShapes(routerScorerConfig(level, hidden)), random)
    return parameters.map((value) => value + 0.2 * random.normal())
  }
  const byPrice = { low: depth, mid: depth, high: depth }
  return {
    hidden,
    priceWeights: { low: 0.0005, mid: 0.003, high: 0.015 },
    depths: Object.fromEntries(domains.map((domain) => [domain, byPrice])) as RouterPolicy['depths'],
    networks: { team: draw('team'), model: draw('model') },
  }
}
