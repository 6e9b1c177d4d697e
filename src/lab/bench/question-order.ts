/**
 * @file Which question each query of a run asks: drawn from a stream of its own, so that every method meets the same.
 *
 * The report draws the order again from the numbers in a run's result, to resample by question.
 */
import { keyedRandom } from '../../core/index.ts'

/** Indices into a run's questions, without end. `questionCount` >= 1. */
export function* questionOrder(seed: number, questionCount: number): Generator<number, never> {
  const choice = keyedRandom(seed, 'questions')
  for (;;) yield choice.below(questionCount)
}
