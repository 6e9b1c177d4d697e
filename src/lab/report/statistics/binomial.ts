/**
 * @file A bound on the share of a rare event: how low can the true share be, given what was counted?
 *
 * One-sided Clopper-Pearson: the share p at which seeing `successes` or more has probability 1 - confidence, that is
 * I_p(successes, trials - successes + 1) = 1 - confidence. Exact for independent trials, never too narrow; queries of one
 * overloaded run fail together, so for them it is somewhat too confident.
 *
 * I_x(a, b), the regularised incomplete beta function, by its continued fraction (DLMF 8.17.22), evaluated from the front.
 */

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** log Gamma(x) for x > 0.5, relative error about 1e-15 (Lanczos 1964, g = 7). */
function logGamma(x: number): number {
  const shifted = x - 1
  let series = lanczos[0] as number
  for (const [index, coefficient] of lanczos.entries()) if (index > 0) series += coefficient / (shifted + index)
  const t = shifted + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(series)
}

const tiny = 1e-300
const mostTerms = 10_000

/** The fraction 1 / (1 + d1 / (1 + d2 / ...)) of DLMF 8.17.22, by the modified Lentz method. */
function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value)
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let c = 1
  let fraction = d
  for (let m = 1; m <= mostTerms; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    let factor = 1
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d)
      c = away(1 + term / c)
      factor = c * d
      fraction *= factor
    }
    if (Math.abs(factor - 1) < 1e-14) break
  }
  return fraction
}

/** I_x(a, b) for x in [0, 1] and a, b >= 1. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const logFront = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)
  // The fraction converges fast on the near side of the mean only; the other side is its mirror image.
  return x < (a + 1) / (a + b + 2)
    ? (Math.exp(logFront) * betaFraction(x, a, b)) / a
    : 1 - (Math.exp(logFront) * betaFraction(1 - x, b, a)) / b
}

/** Lower bound of the true share at one-sided `confidence` (fraction); 0 where nothing was tried. */
export function binomialLowerBound(successes: number, trials: number, confidence = 0.95): number {
  if (successes === 0) return 0
  const alpha = 1 - confidence
  if (successes === trials) return alpha ** (1 / trials)
  let [low, high] = [0, successes / trials]
  for (let halving = 0; halving < 60; halving += 1) {
    const middle = (low + high) / 2
    if (incompleteBeta(middle, successes, trials - successes + 1) < alpha) low = middle
    else high = middle
  }
  return low
}
