/**
 * @file Which question each query of a run asks: drawn from a stream of its own, so that every method meets the same.
 *
 * The report draws the order again from the numbers in a run's result, to resample by question.
 */
import { keyedRandom } from '../../core/index.ts'

/**
 * Indices into a run's questions, without end. `setSizes`: the questions are those of several sets one after the other,
 * and each set is as likely as the next, whatever its size; absent: one set. `questionCount` >= 1.
 */
export function* questionOrder(
  seed: number,
  questionCount: number,
  setSizes: readonly number[] = [questionCount],
): Generator<number, never> {
  const choice = keyedRandom(seed, 'questions')
  const starts = setSizes.map((_, index) => setSizes.slice(0, index).reduce((sum, size) => sum + size, 0))
  for (;;) {
    const set = setSizes.length === 1 ? 0 : choice.below(setSizes.length)
    yield (starts[set] as number) + choice.below(setSizes[set] as number)
  }
}
