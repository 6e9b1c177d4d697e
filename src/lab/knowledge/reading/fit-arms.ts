/**
 * @file One regression on the features of the questions for every arm, their weights shrunk together.
 *
 *   linear:   E[y] = intercept[arm] + weights[arm] . x       least squares
 *   logistic: logit P = intercept[arm] + weights[arm] . x    cross-entropy against shares of right answers
 * with a ridge penalty on each level of the weights (see arm-levels.ts); intercepts are free. A question counts once for
 * an arm however often it was answered: what its answers have in common (its difficulty) is no evidence twice over, and
 * penalties are chosen by leaving out whole questions. P is the mean over what the features do not show.
 *
 * All arms answer the same questions, so one eigenbasis serves them all, and there every level of every feature is an
 * equation of its own. The logistic steps put the bound p (1 - p) <= 1/4 in place of the true curvature: each step is such
 * a solution, none can overshoot, some thirty suffice. Source: Boehning and Lindsay 1988 (the bound).
 */
import { clamp, logistic, logit } from '../../../core/index.ts'
import { type ArmTable, type LevelPenalties, scaleLevels } from './arm-levels.ts'
import type { Design } from './design.ts'

export interface ArmFit {
  /** [arms]: at features of zero. */
  readonly intercepts: Float64Array
  /** [arms, features], row-major. */
  readonly weights: Float64Array
}

export interface FitTerms {
  readonly table: ArmTable
  readonly penalties: LevelPenalties
  readonly kind: 'linear' | 'logistic'
}

const mostSteps = 60
/** Of a weight or intercept: steps below it end the fit. */
const smallestChange = 1e-4

/** `targets`: [questions, arms], row-major: shares of right answers 0-1, or any numbers where the fit is linear. */
export function fitArms(design: Design, targets: Float64Array, terms: FitTerms): ArmFit {
  const arms = terms.table.models * terms.table.strategies
  const going: Going = {
    intercepts: startOf(targets, arms, terms.kind),
    inner: new Float64Array(design.features * arms),
    arms,
    terms,
  }
  const steps = terms.kind === 'linear' ? 1 : mostSteps
  for (let step = 0; step < steps; step += 1) if (improve(design, targets, going) < smallestChange) break
  return asTheyCame(design, going)
}

/** `weights . row` of one arm. */
export function weigh(weights: Float64Array, arm: number, row: Float64Array): number {
  let sum = 0
  for (let k = 0; k < row.length; k += 1) sum += weights[arm * row.length + k]! * row[k]!
  return sum
}

/** Intercepts without features: means, or their logits. */
function startOf(targets: Float64Array, arms: number, kind: FitTerms['kind']): Float64Array {
  const sums = new Float64Array(arms)
  for (let place = 0; place < targets.length; place += 1) sums[place % arms]! += targets[place]!
  const means = sums.map((sum) => sum / (targets.length / arms))
  return kind === 'linear' ? means : means.map((mean) => logit(clamp(mean, 0.005, 0.995)))
}

interface Going {
  readonly intercepts: Float64Array
  /** In the eigenbasis, [features, arms]: the arms of one feature lie together, as levels want them. */
  readonly inner: Float64Array
  readonly arms: number
  readonly terms: FitTerms
}

/** One step for all; the largest change of a weight or intercept, in units of the target's scale. */
function improve(design: Design, targets: Float64Array, going: Going): number {
  const { questions, features, values } = design
  const { intercepts, inner, arms, terms } = going
  const curvature = terms.kind === 'linear' ? 1 : 0.25
  const { slopes, gradient } = slopesOf(design, targets, going)
  let largest = 0
  for (let arm = 0; arm < arms; arm += 1) {
    const change = slopes[arm]! / (curvature * questions)
    intercepts[arm]! += change
    largest = Math.max(largest, Math.abs(change))
  }
  for (let k = 0; k < features; k += 1) {
    const curve = curvature * values[k]!
    const old = inner.subarray(k * arms, (k + 1) * arms)
    const next = gradient.subarray(k * arms, (k + 1) * arms)
    // The least of the bound: (curve * weight + gradient) / (curve + penalty), level by level.
    for (let arm = 0; arm < arms; arm += 1) next[arm]! += curve * old[arm]!
    scaleLevels(next, terms.table, (level) => (curve > 1e-9 ? 1 / (curve + terms.penalties[level]) : 0))
    const unit = Math.sqrt(values[k]! / questions)
    for (let arm = 0; arm < arms; arm += 1) largest = Math.max(largest, Math.abs(next[arm]! - old[arm]!) * unit)
    old.set(next)
  }
  return largest
}

interface Slopes {
  /** [arms] */
  readonly slopes: Float64Array
  /** [features, arms] */
  readonly gradient: Float64Array
}

/** Where the likelihood rises, without penalties. */
function slopesOf(design: Design, targets: Float64Array, { intercepts, inner, arms, terms }: Going): Slopes {
  const { questions, features, rotated } = design
  const isLogistic = terms.kind === 'logistic'
  const gradient = new Float64Array(inner.length)
  const slopes = new Float64Array(arms)
  const errors = new Float64Array(arms)
  for (let q = 0; q < questions; q += 1) {
    const row = rotated.subarray(q * features, (q + 1) * features)
    errors.set(intercepts)
    addProducts(errors, row, inner)
    for (let arm = 0; arm < arms; arm += 1) {
      const predicted = isLogistic ? logistic(errors[arm]!) : errors[arm]!
      errors[arm] = targets[q * arms + arm]! - predicted
      slopes[arm]! += errors[arm]!
    }
    addOuter(gradient, row, errors)
  }
  return { slopes, gradient }
}

/** sums[arm] += row . inner[:, arm] */
function addProducts(sums: Float64Array, row: Float64Array, inner: Float64Array): void {
  const arms = sums.length
  for (let k = 0; k < row.length; k += 1) {
    const value = row[k]!
    for (let arm = 0; arm < arms; arm += 1) sums[arm]! += value * inner[k * arms + arm]!
  }
}

/** gradient[k, arm] += row[k] * errors[arm] */
function addOuter(gradient: Float64Array, row: Float64Array, errors: Float64Array): void {
  const arms = errors.length
  for (let k = 0; k < row.length; k += 1) {
    const value = row[k]!
    for (let arm = 0; arm < arms; arm += 1) gradient[k * arms + arm]! += value * errors[arm]!
  }
}

/** Back to the features as they came: not rotated, not centred. */
function asTheyCame({ features, vectors, means }: Design, { intercepts, inner, arms }: Going): ArmFit {
  const weights = new Float64Array(arms * features)
  for (let feature = 0; feature < features; feature += 1) {
    const ofArms = new Float64Array(arms)
    addProducts(ofArms, vectors.subarray(feature * features, (feature + 1) * features), inner)
    for (let arm = 0; arm < arms; arm += 1) weights[arm * features + feature] = ofArms[arm]!
  }
  return { intercepts: intercepts.map((intercept, arm) => intercept - weigh(weights, arm, means)), weights }
}
