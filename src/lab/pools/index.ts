/** @file Pools that are made, not measured: drawn, varied, renamed; and how they compare. */
export { capacityPerMinute } from './pool-capacity.ts'
export { type KnownModel, priorOfTruth } from './prior-of-truth.ts'
export { type Grounds, mapTable, quantity, roundTo, type Tag, tableOf } from './quantity.ts'
export { randomPool } from './random-pool.ts'
export { anonymousPool, renamedPool } from './renamed-pool.ts'
export { assumed, type Variant, type VariedPool, variedPool } from './varied-pool.ts'
