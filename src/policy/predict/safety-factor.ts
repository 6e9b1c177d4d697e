/**
 * @file The safety factor f of "f times the expected latency must fit", calibrated while serving.
 *
 * Optimistic feasible search over a grid. Each epoch of runs gives the factor in use a mean reward (predicted quality of
 * what was chosen, halved where degraded, nothing where late) and a share of late runs. A factor is possibly feasible
 * while the lower bounds of its late share and of the share that only a fall-back saved are within their targets; among those the largest optimistic reward wins, else the
 * smallest late share. Counts fade, so that the search follows drift. At most one grid step per epoch; up at once, down
 * only after two quiet epochs, because a late answer costs more than a shallow one.
 *
 * Source: optimistic feasible search; best f measured 1.5 with good estimates, 2.2 with biased ones. Ours bounds the late
 * share by Wilson's interval (1927): Hoeffding's would need ten thousand runs to see half a percent. A larger f is never
 * later than a smaller one, so what is infeasible rules out all below it.
 */
import { clamp, type RunOutcome } from '../../core/index.ts'

export const safetyGrid: readonly number[] = [1, 1.25, 1.5, 1.8, 2.2, 2.7, 3.3]

const defaultStart = 2.2
const fewestRuns = 50
/** Share of runs that must be on time. */
const onTimeTarget = 0.995
/** Share of runs that may need a fall-back (insurance, best so far, cut) to be on time. */
const fallbackTarget = 0.05
const discount = 0.99
/** One-sided 90 % bound. */
const boundZ = 1.28
const quietEpochsBeforeDown = 2

interface Arm {
  runs: number
  rewards: number
  late: number
  fallbacks: number
}

/** The evidence is against this factor: too many late runs, or too many that only a fall-back saved. */
const isInfeasible = ({ runs, late, fallbacks }: Arm): boolean =>
  runs >= 1 && (wilsonLower(late, runs) > 1 - onTimeTarget || wilsonLower(fallbacks, runs) > fallbackTarget)

/** Lower bound of a share of `hits` in `count` trials. */
function wilsonLower(hits: number, count: number): number {
  const share = hits / count
  const square = boundZ * boundZ
  const centre = share + square / (2 * count)
  const half = boundZ * Math.sqrt((share * (1 - share)) / count + square / (4 * count * count))
  return Math.max(0, (centre - half) / (1 + square / count))
}

function nearestPlace(factor: number): number {
  let nearest = 0
  for (const [place, value] of safetyGrid.entries()) {
    if (Math.abs(value - factor) <= Math.abs((safetyGrid[nearest] as number) - factor)) nearest = place
  }
  return nearest
}

/** What decisions see of the factor, and tell it. */
export type Safety = Pick<SafetyFactor, 'value' | 'recordChoice' | 'recordRun'>

/** The factor of `of` for a policy that only looks on: what it decides teaches nothing. */
export const borrowSafety = (of: Safety): Safety => ({
  get value() {
    return of.value
  },
  recordChoice: () => {},
  recordRun: () => {},
})

export class SafetyFactor {
  readonly #arms: readonly Arm[] = safetyGrid.map(() => ({ runs: 0, rewards: 0, late: 0, fallbacks: 0 }))
  #place: number
  #epoch = 1
  #quietEpochs = 0
  #runs = 0
  #late = 0
  #fallbacks = 0
  #rewards = 0
  /** Mean predicted quality of recent choices. */
  #quality = 0.5

  /** Starts at the value of the grid that is nearest to `startAt`; of two as near, at the larger. */
  constructor(startAt = defaultStart) {
    this.#place = nearestPlace(startAt)
  }

  /** The factor in use. */
  get value(): number {
    return safetyGrid[this.#place] as number
  }

  /** An arm with this predicted quality was chosen under the factor in use. */
  recordChoice(quality: number): void {
    this.#quality += 0.05 * (quality - this.#quality)
  }

  recordRun(outcome: RunOutcome): void {
    const isLate = !outcome.isAnswered || !outcome.isOnTime
    this.#runs += 1
    // In time by a fall-back speaks against the factor too: without it, saved runs would let it drift ever lower.
    if (outcome.isFallback) this.#fallbacks += 1
    if (isLate) this.#late += 1
    else this.#rewards += this.#quality * (outcome.isDegraded ? 0.5 : 1)
    if (this.#runs >= fewestRuns) this.#endEpoch()
  }

  #endEpoch(): void {
    for (const arm of this.#arms) {
      arm.runs *= discount
      arm.rewards *= discount
      arm.late *= discount
      arm.fallbacks *= discount
    }
    const used = this.#arms[this.#place] as Arm
    used.runs += this.#runs
    used.rewards += this.#rewards
    used.late += this.#late
    used.fallbacks += this.#fallbacks
    this.#quietEpochs = this.#late === 0 ? this.#quietEpochs + 1 : 0
    this.#runs = 0
    this.#late = 0
    this.#fallbacks = 0
    this.#rewards = 0
    this.#epoch += 1
    this.#move(this.#wanted())
  }

  /** Place of the grid that the evidence points to. */
  #wanted(): number {
    let lowestFeasible = 0
    for (const [place, arm] of this.#arms.entries()) if (isInfeasible(arm)) lowestFeasible = place + 1
    if (lowestFeasible >= this.#arms.length) return this.#arms.length - 1
    let best = lowestFeasible
    let bestReward = -Infinity
    for (let place = lowestFeasible; place < this.#arms.length; place += 1) {
      const reward = this.#optimisticReward(place)
      if (reward > bestReward) {
        best = place
        bestReward = reward
      }
    }
    return best
  }

  #optimisticReward(place: number): number {
    const { runs, rewards } = this.#arms[place] as Arm
    // Never tried: hopeful only downwards, since a larger factor can but choose shallower answers.
    if (runs < 1) return place < this.#place ? 1 : -Infinity
    const width = Math.sqrt(Math.log(safetyGrid.length * this.#epoch * this.#epoch) / (2 * runs))
    // Rewards of runs under one policy spread over a tenth of their range or so.
    return Math.min(1, rewards / runs + 0.1 * width)
  }

  #move(wanted: number): void {
    if (wanted > this.#place) this.#place += 1
    else if (wanted < this.#place && this.#quietEpochs >= quietEpochsBeforeDown) {
      this.#place -= 1
      this.#quietEpochs = 0
    }
    this.#place = clamp(this.#place, 0, safetyGrid.length - 1)
  }
}
