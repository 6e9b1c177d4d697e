/** @file What one would use otherwise: published and plain methods behind the same ports, for comparison. */
export {
  type BaselineKind,
  type BaselineSpec,
  type BaselineTraits,
  baselineKinds,
  baselineTraits,
  type LearntBaselines,
  nameOfBaseline,
  parseBaseline,
} from './baseline-spec.ts'
export { type Baseline, type BaselineDeps, createBaseline } from './create-baseline.ts'
export * from './learned/index.ts'
