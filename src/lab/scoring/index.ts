/** @file Scoring: what answer a reply gives, and whether it is right. */
export { compareMath, extractMath, type MathComparison, normaliseMath } from './math/index.ts'
export { type Rescored, type RescoreOptions, rescore } from './rescore.ts'
export { type Scored, score } from './score.ts'
export { codeLimits } from './score-code.ts'
export type { Score, ScoringDeps } from './score-types.ts'
