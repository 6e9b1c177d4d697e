/** @file What is wrong with a file of questions, as users read it: where, what was expected, what came, how to mend it. */
import { ConfigError, type ConfigProblem } from '../../../core/index.ts'

const source = 'the question data'
const problemsShown = 10

/** One thing wrong. `path`: `math500.jsonl:12`. */
export const dataError = (problem: ConfigProblem): ConfigError => new ConfigError([problem], source)

/** Maps `items`, going on after a ConfigError so that all problems are told at once. Throws ConfigError with the first ten. */
export function mapCollecting<T, U>(items: readonly T[], map: (item: T, index: number) => U): U[] {
  const mapped: U[] = []
  const problems: ConfigProblem[] = []
  for (const [index, item] of items.entries()) {
    try {
      mapped.push(map(item, index))
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems)
      if (problems.length >= problemsShown) break
    }
  }
  if (problems.length > 0) throw new ConfigError(problems.slice(0, problemsShown), source)
  return mapped
}
