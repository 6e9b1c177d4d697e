/** @file All that was fitted to a pool's measurements, before it becomes a profile. */
import type { ModelId, Profile, ProfileTruth } from '../../../core/index.ts'
import type { Capacity } from './capacity.ts'
import type { LengthFit } from './fit-lengths.ts'
import type { QualityFit } from './fit-quality.ts'
import type { GradedAnswer } from './graded.ts'
import type { PoolFigures } from './refine.ts'
import type { Estimate, Interval } from './step-moments.ts'

export interface FittedPool {
  /** The base cut to the pool. */
  readonly base: Profile & { readonly truth: ProfileTruth }
  readonly figures: PoolFigures
  /** 95 % interval of the time of a decoding step, by model; absent: the model's machine was not fitted. */
  readonly decodeIntervals: ReadonlyMap<ModelId, Interval>
  readonly apiOverheadMs: Estimate
  readonly eta: Estimate
  readonly capacities: ReadonlyMap<ModelId, Capacity>
  readonly lengths: LengthFit
  readonly quality: QualityFit
  readonly graded: readonly GradedAnswer[]
  /** Measured calls, by model. */
  readonly callCounts: ReadonlyMap<ModelId, number>
  readonly id: string
}
