/** @file Advice on a pool: which models, how many replicas of each, for a traffic and a number of GPUs. */
export { type Advice, adviceSchema, adviceSchemaId } from './advice.ts'
export { adviceText } from './advice-text.ts'
export { type AdviseOptions, advise } from './advise.ts'
export { readGraded, unknownModels } from './graded-diversity.ts'
export { createTraffic, type Mix, type TrafficDomain, trafficDomains, withModels } from './traffic.ts'
