/** @file What one would use otherwise: published and plain methods behind the same ports, for comparison. */
export {
  type BaselineKind,
  type BaselineSpec,
  type BaselineTraits,
  baselineKinds,
  baselineTraits,
  nameOfBaseline,
  parseBaseline,
} from './baseline-spec.ts'
export { type Baseline, type BaselineDeps, createBaseline } from './create-baseline.ts'
