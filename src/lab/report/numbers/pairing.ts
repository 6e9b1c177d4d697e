/**
 * @file Paired differences: the same queries under two methods, summed per question and seed.
 *
 * All methods of a cell meet the same arrivals and questions under a seed, so query i of one is query i of the other; its
 * question is drawn again from the seed. Sums and resampled worlds are kept, as every method is compared many times.
 */
import { ConfigError } from '../../../core/index.ts'
import { questionOrder, type RunResult, unpackBits } from '../../bench/results/index.ts'
import type { Cell, SeedResult } from '../results/results.ts'
import {
  bootstrapRatio,
  createDenominator,
  createResampling,
  type Denominator,
  type Replicated,
  type Resampling,
  type Sizes,
  type SumsByQuestion,
} from '../statistics/two-way-bootstrap.ts'

interface Asked {
  readonly resampling: Resampling
  readonly denominator: Denominator
}

export class Pairing {
  readonly #orders = new Map<string, Int32Array>()
  readonly #resamplings = new Map<string, Resampling>()
  readonly #asked = new Map<string, Asked>()
  readonly #correct = new WeakMap<SeedResult, Int32Array>()

  /**
   * Correct goodput of `first` less that of `second` over the seeds that both have, as a fraction of the arrivals; null
   * where they share no seed. Throws ConfigError where they did not meet the same queries.
   */
  goodputDifference(cell: Cell, [first, second]: readonly [string, string]): Replicated | null {
    const others = new Map(cell.byMethod.get(second)?.map((result) => [result.row.seed, result]))
    const pairs = (cell.byMethod.get(first) ?? []).flatMap((ours) => {
      const theirs = others.get(ours.row.seed)
      return theirs === undefined ? [] : [{ ours, theirs }]
    })
    if (pairs.length === 0) return null
    for (const { ours, theirs } of pairs) requireSameQueries(ours, theirs)
    const differences = pairs.map(({ ours, theirs }) => minus(this.#correctOf(ours), this.#correctOf(theirs)))
    return bootstrapRatio(
      differences,
      this.#askedOf(
        cell,
        pairs.map(({ ours }) => ours),
      ),
    )
  }

  /** Queries that were correct and on time, by question. */
  #correctOf(result: SeedResult): Int32Array {
    const known = this.#correct.get(result)
    if (known !== undefined) return known
    const order = this.#orderOf(result.run, result.row.arrived)
    const sums = new Int32Array(result.run.questionCount)
    for (const [query, isCorrect] of unpackBits(result.cell.correctOnTimeBits, result.row.arrived).entries()) {
      if (isCorrect) addOne(sums, order[query] as number)
    }
    this.#correct.set(result, sums)
    return sums
  }

  /** Which question each measured query asked. */
  #orderOf({ seed, questionCount, setSizes, warmUpQueries }: RunResult, arrived: number): Int32Array {
    const key = [seed, setSizes.join(','), warmUpQueries, arrived].join('|')
    const known = this.#orders.get(key)
    if (known !== undefined) return known
    const draws = questionOrder(seed, questionCount, setSizes)
    for (let query = 0; query < warmUpQueries; query += 1) draws.next()
    const order = Int32Array.from({ length: arrived }, () => draws.next().value)
    this.#orders.set(key, order)
    return order
  }

  #askedOf(cell: Cell, results: readonly SeedResult[]): Asked {
    const { questionCount, setSizes } = (results[0] as SeedResult).run
    const seeds = results.map(({ row }) => row.seed).join(',')
    const key = [cell.dataset, cell.ratePerMinute, cell.budgetSeconds, setSizes.join(','), seeds].join('|')
    const known = this.#asked.get(key)
    if (known !== undefined) return known
    const resampling = this.#resamplingOf(cell.dataset, { setSizes, seedCount: results.length })
    const counts: SumsByQuestion = results.map(({ run, row }) => {
      const sums = new Int32Array(questionCount)
      for (const question of this.#orderOf(run, row.arrived)) addOne(sums, question)
      return sums
    })
    const asked = { resampling, denominator: createDenominator(counts, resampling) }
    this.#asked.set(key, asked)
    return asked
  }

  #resamplingOf(name: string, sizes: Sizes): Resampling {
    const key = `${name}/${sizes.setSizes.join(',')}/${sizes.seedCount}`
    const known = this.#resamplings.get(key) ?? createResampling(name, sizes)
    this.#resamplings.set(key, known)
    return known
  }
}

function addOne(sums: Int32Array, question: number): void {
  sums[question] = (sums[question] as number) + 1
}

const minus = (first: Int32Array, second: Int32Array): Int32Array =>
  first.map((value, question) => value - (second[question] as number))

function requireSameQueries(first: SeedResult, second: SeedResult): void {
  const factsOf = ({ run, row }: SeedResult) =>
    `${row.arrived} queries after ${run.warmUpQueries}, from ${run.setSizes.join(' + ')} questions`
  if (factsOf(first) === factsOf(second)) return
  throw new ConfigError(
    [
      {
        path: `runs/${second.run.key}.json`,
        expected: `the queries of ${first.run.key}: ${factsOf(first)}`,
        got: factsOf(second),
        fix: 'Run the same bench command again into an empty folder: these runs are of different commands.',
      },
    ],
    second.run.key,
  )
}
