/**
 * @file One imagined end of a plan: the step's arm as proposed, later steps by slack-share greedy under one factor f.
 *
 * Steps start when those they wait for have ended. Each takes shift + LogNormal, plus the change of its model's queue
 * until then, times the model's shared error. For steps that end the plan the chance to be in time is computed instead
 * of drawn, which takes most of the noise away. Without tests or a judge, worth is quality^sensitivity, multiplied along
 * the plan. Where an escalation waits for probes, the probes agree on questions that all of them get right (difficulty
 * is shared), and then it does not run.
 */
import { clamp } from '../../../core/index.ts'
import { chanceWithin, type PricedArm } from '../../predict/index.ts'
import type { Draws } from './draws.ts'
import { addedWaitMs, type Growth, trendMs } from './queue-trend.ts'
import type { RestStep } from './rest-of-plan.ts'

/** An arm as rollouts use it. */
export interface Option {
  readonly line: PricedArm
  /** Place of its model among growths and draws. */
  readonly model: number
  /** quality^sensitivity, 0-1. */
  readonly worth: number
  /** Price, less the worth of a model that no sibling uses. Quality points. */
  readonly cost: number
  /** What later steps maximise: weighted quality less cost. */
  readonly score: number
}

export interface RolloutStep extends RestStep {
  /** Arms to choose from; of the first step unused. At least one. */
  readonly options: readonly Option[]
}

export interface RolloutTerms {
  readonly steps: readonly RolloutStep[]
  /** Time to the deadline. ms. */
  readonly leftMs: number
  readonly growths: readonly Growth[]
  readonly draws: Draws
}

/** How a rollout came out. */
export interface RolloutOutcome {
  /** Chance that all ends in time, 0-1. */
  onTime: number
  /** Chance that it ends in time and right, 0-1. */
  value: number
  /** Costs of the later steps, in quality points. */
  laterCost: number
}

export interface Proposal {
  readonly option: Option
  /** Factor f on the expected latencies of later steps. */
  readonly safety: number
}

const lateBy = (growth: Growth, line: PricedArm, trend: number): number =>
  Math.max(-line.queueMs, addedWaitMs(growth, trend))

/** The later step's arm: the best that fits its share of the time, else the fastest. */
function continueWith(
  step: RolloutStep,
  at: {
    readonly growths: readonly Growth[]
    readonly trend: number
    readonly shareMs: number
    readonly safety: number
  },
): Option {
  let best: Option | null = null
  let fastest = step.options[0] as Option
  let fastestMs = Infinity
  for (const option of step.options) {
    const expectedMs = option.line.meanMs + lateBy(at.growths[option.model] as Growth, option.line, at.trend)
    if (expectedMs < fastestMs) {
      fastest = option
      fastestMs = expectedMs
    }
    if (at.safety * expectedMs <= at.shareMs && (best === null || option.score > best.score)) best = option
  }
  return best ?? fastest
}

/** A player of rollouts over one rest of a plan. It returns the same object each time: read it before the next. */
export function createRollout(terms: RolloutTerms): (proposal: Proposal, row: number) => RolloutOutcome {
  const { steps, leftMs, growths, draws } = terms
  const endMs = new Float64Array(steps.length)
  const quality = new Float64Array(steps.length)
  const outcome: RolloutOutcome = { onTime: 1, value: 1, laterCost: 0 }

  const startOf = (step: RolloutStep): number => {
    let startMs = 0
    for (const place of step.after) startMs = Math.max(startMs, endMs[place] as number)
    return startMs
  }
  /** Whether the probes that an escalation waits for agree: all right, by the one difficulty that they share. */
  const isSpared = (step: RolloutStep, row: number): boolean => {
    if (!step.step.isEscalation || step.after.length === 0) return false
    const difficulty = draws.difficulty(row)
    return step.after.every((place) => difficulty < (quality[place] as number))
  }
  const play = (
    place: number,
    option: Option,
    at: { readonly row: number; readonly startMs: number; readonly trend: number },
  ) => {
    const { line, model } = option
    const factor = draws.factor(at.row, model)
    const addedMs = lateBy(growths[model] as Growth, line, at.trend)
    quality[place] = line.quality
    if (steps[place]?.isEnd) outcome.onTime *= chanceWithin(line, (leftMs - at.startMs) / factor - addedMs)
    else
      endMs[place] =
        at.startMs + factor * (line.shiftMs + addedMs + Math.exp(line.mu + line.sigma * draws.normal(at.row, place)))
  }

  return ({ option, safety }, row) => {
    outcome.onTime = 1
    outcome.laterCost = 0
    let worth = option.worth
    play(0, option, { row, startMs: 0, trend: 0 })
    for (let place = 1; place < steps.length; place += 1) {
      const step = steps[place] as RolloutStep
      const startMs = startOf(step)
      const trend = startMs > 0 ? trendMs(startMs) : 0
      if (isSpared(step, row)) {
        // The probes' answer stands: right, and in time if the slower of them is.
        worth = 1
        outcome.onTime *= startMs <= leftMs ? 1 : 0
        continue
      }
      const shareMs = (leftMs - startMs) * step.timeShare
      const taken = continueWith(step, { growths, trend, shareMs, safety })
      // An escalation decides alone: what the probes said is not used.
      worth = step.step.isEscalation ? taken.worth : worth * taken.worth
      outcome.laterCost += taken.cost
      play(place, taken, { row, startMs, trend })
    }
    outcome.onTime = clamp(outcome.onTime, 0, 1)
    outcome.value = outcome.onTime * worth
    return outcome
  }
}
