/**
 * @file Lengths of answers as a lognormal, and how they grow with the difficulty of the question.
 *
 * ln tokens = mu + slope x difficulty + sigma z. Answers beyond `runawayTokens` (loops that the cap ends) are counted
 * apart: they are no lognormal's tail and would inflate its spread.
 */
import { mean } from '../../core/index.ts'

export interface LogNormalFit {
  readonly count: number
  /** Mean and deviation of ln tokens. */
  readonly mu: number
  readonly sigma: number
  readonly meanTokens: number
  /** Share of all answers, not fitted. */
  readonly runawayFraction: number
}

/** Fit to lengths in tokens (> 0). Runaways, where a limit is given, are left out of everything but their share. */
export function fitLogNormal(tokens: readonly number[], runawayTokens = Number.POSITIVE_INFINITY): LogNormalFit {
  const kept = tokens.filter((value) => value <= runawayTokens)
  const logs = kept.map(Math.log)
  const mu = mean(logs)
  return {
    count: kept.length,
    mu,
    sigma: Math.sqrt(mean(logs.map((value) => (value - mu) ** 2))),
    meanTokens: mean(kept),
    runawayFraction: 1 - kept.length / tokens.length,
  }
}

export interface Line {
  readonly slope: number
  readonly intercept: number
  /** Deviation of what the line leaves. */
  readonly residual: number
}

/** Least-squares line of `y` on `x`, of equal length. */
export function fitLine(x: readonly number[], y: readonly number[]): Line {
  const [meanX, meanY] = [mean(x), mean(y)]
  const slope =
    mean(x.map((value, index) => (value - meanX) * (y[index]! - meanY))) / mean(x.map((value) => (value - meanX) ** 2))
  const intercept = meanY - slope * meanX
  const residual = Math.sqrt(mean(y.map((value, index) => (value - intercept - slope * x[index]!) ** 2)))
  return { slope, intercept, residual }
}
