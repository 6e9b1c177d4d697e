/**
 * @file Fits the coefficients of a step's time to measured points, and says how far off they are.
 *
 * Steps that only decode: t = decodeC0 + decodeC3 KV. Steps with prefill: the hinge form of `StepTime`. Its kink
 * (w0, k1) is searched on a logarithmic scale; for each kink the other four follow by least squares. Errors are
 * relative, so a step of 2 ms counts as much as one of 200 ms. Coefficients are rounded to `digits` significant
 * digits before the error is taken: what is shipped is what is judged.
 *
 * Source of the form: the calibration's hinge; the split by `region` is ours: the error within what an engine does
 * (few sequences, one chunk of prefill) is halved by leaving out the steps that it never takes.
 */
import type { StepTime } from '../../core/index.ts'
import { fitNonNegative, searchPair } from './least-squares.ts'

/** One measured step. */
export interface StepPoint {
  readonly prefillTokens: number
  readonly decodeSequences: number
  /** Context tokens of all decoding sequences together. */
  readonly kvTokens: number
  readonly ms: number
}

/** Which steps an engine takes: points outside are left out of fit and error. */
export interface StepRegion {
  readonly maxDecodeSequences: number
  readonly maxPrefillTokens: number
}

export interface RelativeError {
  readonly mean: number
  readonly max: number
  readonly points: number
}

export interface StepTimeFit {
  readonly coefficients: StepTime
  readonly decode: RelativeError
  readonly prefill: RelativeError
  readonly all: RelativeError
}

const digits = 4

/** As an engine with 16 slots and a chunk of 2,048 tokens steps. */
export const servingRegion: StepRegion = { maxDecodeSequences: 16, maxPrefillTokens: 2048 }

/** Fit over the points of `region`; both kinds of step must be among them. */
export function fitStepTime(points: readonly StepPoint[], region: StepRegion = servingRegion): StepTimeFit {
  const within = points.filter((point) => isWithin(point, region))
  const decode = within.filter(({ prefillTokens }) => prefillTokens === 0)
  const prefill = within.filter(({ prefillTokens }) => prefillTokens > 0)
  const coefficients = { ...fitDecode(decode), ...fitHinge(prefill) }
  return {
    coefficients,
    decode: stepTimeError(coefficients, decode),
    prefill: stepTimeError(coefficients, prefill),
    all: stepTimeError(coefficients, within),
  }
}

export const isWithin = (point: StepPoint, region: StepRegion): boolean =>
  point.decodeSequences <= region.maxDecodeSequences && point.prefillTokens <= region.maxPrefillTokens

/** Time of a step in ms, without host overhead. */
export function stepTimeOf(coefficients: StepTime, point: Omit<StepPoint, 'ms'>): number {
  const { decodeC0, decodeC3, b0, w0, k1, k2, k3, k4 } = coefficients
  const { prefillTokens, decodeSequences, kvTokens } = point
  if (prefillTokens === 0) return decodeC0 + decodeC3 * kvTokens
  return (
    b0 +
    (w0 ** 4 + (k1 * (prefillTokens + decodeSequences)) ** 4) ** 0.25 +
    k2 * decodeSequences +
    k3 * kvTokens +
    k4 * prefillTokens ** 2
  )
}

/** Mean and largest |predicted / measured - 1|. */
export function stepTimeError(coefficients: StepTime, points: readonly StepPoint[]): RelativeError {
  const errors = points.map((point) => Math.abs(stepTimeOf(coefficients, point) / point.ms - 1))
  const sum = errors.reduce((total, error) => total + error, 0)
  return { mean: sum / errors.length, max: Math.max(...errors), points: errors.length }
}

const significant = (value: number): number => Number(value.toPrecision(digits))

function fitDecode(points: readonly StepPoint[]): Pick<StepTime, 'decodeC0' | 'decodeC3'> {
  const { weights } = fitNonNegative(points.map(({ kvTokens, ms }) => ({ terms: [1 / ms, kvTokens / ms], target: 1 })))
  return { decodeC0: significant(weights[0]!), decodeC3: significant(weights[1]!) }
}

/** Coefficients that remain once the kink is given; targets and terms are relative to the measured time. */
function fitAroundKink(points: readonly StepPoint[], { w0, k1 }: Pick<StepTime, 'w0' | 'k1'>) {
  return fitNonNegative(
    points.map(({ prefillTokens, decodeSequences, kvTokens, ms }) => ({
      terms: [1, decodeSequences, kvTokens, prefillTokens ** 2].map((term) => term / ms),
      target: 1 - (w0 ** 4 + (k1 * (prefillTokens + decodeSequences)) ** 4) ** 0.25 / ms,
    })),
  )
}

function fitHinge(points: readonly StepPoint[]): Omit<StepTime, 'decodeC0' | 'decodeC3'> {
  const shortest = Math.min(...points.map(({ ms }) => ms))
  const perToken = Math.min(...points.map(({ ms, prefillTokens }) => ms / prefillTokens))
  const cost = (lnW0: number, lnK1: number) =>
    fitAroundKink(points, { w0: Math.exp(lnW0), k1: Math.exp(lnK1) }).residual
  // The floor may be small beside b0 or make up most of it: two places to start from, the better end counts.
  const ends = [0.1, 0.8].map((share) =>
    searchPair(cost, { from: [Math.log(share * shortest), Math.log(perToken)], step: 0.5, until: 1e-4 }),
  )
  const [lnW0, lnK1] = ends.sort((a, b) => cost(a[0], a[1]) - cost(b[0], b[1]))[0]!
  const kink = { w0: significant(Math.exp(lnW0)), k1: significant(Math.exp(lnK1)) }
  const [b0, k2, k3, k4] = fitAroundKink(points, kink).weights.map(significant)
  return { b0: b0!, ...kink, k2: k2!, k3: k3!, k4: k4! }
}
