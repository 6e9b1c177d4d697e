/** @file Baselines that learn: what they have learnt, and how it decides. */
export {
  asRouted,
  type Cascade,
  createCascade,
  mostRoutedAgents,
  offerOf,
  type Route,
  type RouterChoice,
  type RouteTerms,
  routedCandidates,
} from './cascade.ts'
export { type RoutedQuestion, routerFeatureNames, routerScorerConfig } from './router-features.ts'
export {
  type PriceSetting,
  priceSettings,
  type RouterLevel,
  type RouterPolicy,
  type RouterSettings,
  routerKind,
  routerLevels,
  routerPolicyOf,
} from './router-policy.ts'
export { allEdges, type GraphEdge, layOutSwarm, takeEdges } from './swarm-graph.ts'
export { likeliestGraph, parseSwarmPolicy, type SwarmPolicy, swarmSchemaId } from './swarm-policy.ts'
