/**
 * @file A minibatch in two slices, side by side where there is a second thread: its gradient is the mean of theirs.
 *
 * Slices are cut the same way with or without the thread, so the sum is the same, bit for bit.
 */
import type { ActorCriticStats, LossCoefficients } from '../../../losses/index.ts'
import type { DecisionRows } from '../../../rollouts/index.ts'
import type { DecisionLabels } from './decision-table.ts'
import { createSliceStep, type SliceGradient, type SliceSpec, type SliceStep } from './slice-step.ts'
import type { SliceThread } from './slice-thread.ts'

export interface SlicedStep {
  begin(rows: readonly DecisionRows[], labels: DecisionLabels): void
  gradient(parameters: Float32Array, chosen: Int32Array, coefficients: LossCoefficients): Promise<SliceGradient>
  /** The critic's values of the first `count` decisions. */
  evaluate(parameters: Float32Array, count: number): Promise<Float32Array>
}

/** The other slice, wherever it is computed. */
type OtherSlice = Pick<SliceStep, 'begin'> & {
  readonly [Name in 'gradient' | 'evaluate']: (
    ...args: Parameters<SliceStep[Name]>
  ) => ReturnType<SliceStep[Name]> | Promise<ReturnType<SliceStep[Name]>>
}

/** `spec.rows`: of a whole minibatch. `thread` null: this one computes both slices. */
export function createSlicedStep(spec: SliceSpec, thread: SliceThread | null): SlicedStep {
  const half: SliceSpec = { ...spec, rows: Math.ceil(spec.rows / 2) }
  const own = createSliceStep(half)
  const other: OtherSlice = thread ? thread.open(half) : own
  return {
    begin(rows, labels) {
      own.begin(rows, labels)
      if (other !== own) other.begin(rows, labels)
    },
    async gradient(parameters, chosen, coefficients) {
      const [first, second] = [chosen.subarray(0, half.rows), chosen.subarray(half.rows)]
      if (second.length === 0) return own.gradient(parameters, first, coefficients)
      const theirs = pending(other.gradient(parameters, second, coefficients))
      const ours = own.gradient(parameters, first, coefficients)
      return meanOf(ours, await theirs, second.length / chosen.length)
    },
    async evaluate(parameters, count) {
      const middle = Math.ceil(count / 2)
      const theirs = pending(other.evaluate(parameters, middle, count))
      const ours = own.evaluate(parameters, 0, middle)
      const values = new Float32Array(count)
      values.set(ours)
      values.set(await theirs, middle)
      return values
    },
  }
}

/** A result that may fail while nobody waits for it, as where the own slice fails first: that error is the one to tell. */
function pending<T>(result: T | Promise<T>): Promise<T> {
  const promise = Promise.resolve(result)
  promise.catch(() => {})
  return promise
}

/** `share`: of the second among the rows. */
function meanOf(first: SliceGradient, second: SliceGradient, share: number): SliceGradient {
  const gradientFlat = new Float32Array(first.gradientFlat.length)
  for (let index = 0; index < gradientFlat.length; index += 1)
    gradientFlat[index] =
      (1 - share) * (first.gradientFlat[index] as number) + share * (second.gradientFlat[index] as number)
  const names = Object.keys(first.stats) as (keyof ActorCriticStats)[]
  const stats = Object.fromEntries(
    names.map((name) => [name, (1 - share) * first.stats[name] + share * second.stats[name]]),
  ) as unknown as ActorCriticStats
  return { gradientFlat, stats }
}
