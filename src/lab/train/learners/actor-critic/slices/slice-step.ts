/**
 * @file Loss and gradient over one slice of a minibatch, from decisions that were told once for an epoch.
 *
 * The same in this thread and in another: what comes out depends on parameters, decisions and chosen rows alone.
 */
import {
  type ActorCriticStats,
  clearBatch,
  createActorCriticStep,
  createBatch,
  type LossCoefficients,
} from '../../../losses/index.ts'
import type { DecisionRows } from '../../../rollouts/index.ts'
import { createLevelNetwork, type ScorerConfig } from '../level-network.ts'
import { createDecisionTable, type DecisionLabels, type DecisionTable } from './decision-table.ts'

/** What a network is made of: plain data, so that another thread can make the same. */
export interface SliceSpec {
  readonly scorer: ScorerConfig
  /** Most candidates of a decision. */
  readonly places: number
  readonly privilegedSize: number
  readonly loss: 'clipped-surrogate' | 'policy-gradient'
  /** Most rows of a slice. */
  readonly rows: number
}

export interface SliceGradient {
  readonly gradientFlat: Float32Array
  readonly stats: ActorCriticStats
}

export interface SliceStep {
  /** The decisions of an epoch; the arrays of `labels` are read at every call. */
  begin(rows: readonly DecisionRows[], labels: DecisionLabels): void
  /** Means over the `chosen` decisions, `rows` at most. */
  gradient(parameters: Float32Array, chosen: Int32Array, coefficients: LossCoefficients): SliceGradient
  /** The critic's value of the decisions from `from` to before `to`. */
  evaluate(parameters: Float32Array, from: number, to: number): Float32Array
}

const nothing: DecisionLabels = {
  advantages: new Float32Array(0),
  rewards: new Float32Array(0),
  privileged: new Float32Array(0),
}

/** Call `startJax` first. */
export function createSliceStep(spec: SliceSpec): SliceStep {
  const { rows, privilegedSize } = spec
  const { network, write } = createLevelNetwork(spec.scorer, spec)
  const step = createActorCriticStep({ network, rows, loss: spec.loss })
  const batch = createBatch(network, rows)
  let table: DecisionTable = createDecisionTable([])
  let labels = nothing
  const fill = (count: number, indexOf: (row: number) => number) => {
    clearBatch(batch)
    const { advantages, rewards, privileged } = labels
    for (let row = 0; row < count; row += 1) {
      const index = indexOf(row)
      write(batch, row, {
        decision: table.decision(index),
        labels: {
          advantage: advantages[index] ?? 0,
          returns: rewards[index] ?? 0,
          privileged: privileged.subarray(index * privilegedSize, (index + 1) * privilegedSize),
        },
      })
    }
  }
  return {
    begin(told, toldLabels) {
      table = createDecisionTable(told)
      labels = toldLabels
    },
    gradient(parameters, chosen, coefficients) {
      fill(chosen.length, (row) => chosen[row] as number)
      return step.step(parameters, batch, coefficients)
    },
    evaluate(parameters, from, to) {
      const values = new Float32Array(to - from)
      for (let start = from; start < to; start += rows) {
        const size = Math.min(rows, to - start)
        fill(size, (row) => start + row)
        values.set(step.evaluate(parameters, batch).values.subarray(0, size), start - from)
      }
      return values
    },
  }
}
