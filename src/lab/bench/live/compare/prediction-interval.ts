/**
 * @file The interval in which one more value is expected, after some values of the same kind.
 *
 * Normal values of unknown mean and deviation: mean +- t(n-1, 0.975) s sqrt(1 + 1/n). A share near 0 or 1 is not normal;
 * the interval is then rough, and where all values agree it is that one value.
 *
 * Source: Student's prediction interval, e.g. Geisser 1993. The quantile of t is expanded about the normal one (Abramowitz
 * and Stegun 1964, 26.7.5), within 0.001 for n - 1 >= 9.
 */
import { invariant, mean, normalQuantile } from '../../../../core/index.ts'

/** Quantile of Student's t for `degrees` >= 9 of freedom. */
export function studentQuantile(p: number, degrees: number): number {
  const z = normalQuantile(p)
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
  ]
  return terms.reduce((sum, term, index) => sum + term / degrees ** (index + 1), z)
}

/** 95 % by default. `values`: at least 10, all finite. Throws `INVARIANT_VIOLATED`. */
export function predictionInterval(values: readonly number[], coverage = 0.95): readonly [low: number, high: number] {
  const count = values.length
  invariant(count >= 10, `a prediction interval needs at least 10 values, got ${count}`)
  const centre = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (count - 1)
  const half = studentQuantile(0.5 + coverage / 2, count - 1) * Math.sqrt(variance * (1 + 1 / count))
  return [centre - half, centre + half]
}
