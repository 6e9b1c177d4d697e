/** @file Teams as graphs: topologies as data, what they cost, and the steps they lay out. */
export { mergeInEffect, type TopologyCost } from './describe-topology.ts'
export { type LayOutInput, layOut } from './lay-out.ts'
export { builtInTopologies, type Topology } from './topology.ts'
export { createTopologyBook, type TopologyBook } from './topology-book.ts'
