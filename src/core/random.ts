/**
 * @file Seeded randomness. Every draw of a run can be repeated from its seed; nothing else is a source of chance.
 *
 * `keyed(seed, key)` makes an independent stream for a name, so that a draw does not depend on how many were made
 * before it: two policies that meet the same question see the same luck (common random numbers).
 */
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import { hashText, mixBits } from './hash.ts'

export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number
  /** Standard normal. */
  normal(): number
  /** Exponential with mean `mean`. */
  exponential(mean: number): number
  /** Integer in [0, n). */
  below(n: number): number
  /** One element; `items` must not be empty. */
  pick<T>(items: readonly T[]): T
}

/**
 * Four state words by mixing a Weyl sequence from the seed. The generator's own seeding would make the first draws a
 * linear function of the seed: near 1 for every small one. At most one word is 0, as the mixing is a bijection.
 */
const stateOf = (seed: number): number[] => [1, 2, 3, 4].map((word) => mixBits((seed + word * 0x9e3779b9) | 0) | 0)

/** A stream from a 32-bit seed. */
export function createRandom(seed: number): Random {
  const generator = xoroshiro128plusFromState(stateOf(seed))
  let spare: number | null = null
  const uniform = () => (generator.next() >>> 0) / 2 ** 32
  const normal = () => {
    if (spare !== null) {
      const value = spare
      spare = null
      return value
    }
    // Box-Muller; 1 - u keeps the logarithm finite.
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
  const below = (n: number) => Math.floor(uniform() * n)
  return {
    uniform,
    normal,
    exponential: (mean) => -mean * Math.log(1 - uniform()),
    below,
    pick: <T>(items: readonly T[]) => items[below(items.length)] as T,
  }
}

/** An independent stream for `key` under `seed`. */
export function keyedRandom(seed: number, key: string): Random {
  return createRandom(hashText(key, seed))
}
