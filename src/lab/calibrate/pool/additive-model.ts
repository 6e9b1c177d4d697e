/**
 * @file Effects that add up, each pulled towards nothing: how few measurements of many cells share what they know.
 *
 * A cell's offset from what the base profile says is the sum of the effects of its keys (its model, its domain, its set,
 * its depth). Every effect is normal around 0 with a deviation of its own kind: a model that is better everywhere shows in
 * the model's effect, and a cell without data gets the offsets of its kin. One Newton step of the penalised likelihood is
 * a ridge regression; its inverse gives the cells' deviations.
 *
 * Cost: cubic in the number of effects, some tens.
 */

/** Working observation of one cell: its offset, and how sure that is (inverse variance). */
export interface CellObservation {
  readonly keys: readonly string[]
  readonly offset: number
  readonly precision: number
}

export interface CellOffset {
  readonly offset: number
  /** Deviation of the posterior. */
  readonly deviation: number
}

export interface AdditiveModel {
  /** Offset of a cell; keys that were never observed count as effects of 0 with their prior deviation. */
  of(keys: readonly string[]): CellOffset
}

/** `deviationOf`: prior deviation of an effect, by its key. */
export function fitAdditive(
  observations: readonly CellObservation[],
  deviationOf: (key: string) => number,
): AdditiveModel {
  const places = new Map<string, number>()
  for (const { keys } of observations) for (const key of keys) if (!places.has(key)) places.set(key, places.size)
  const matrix = [...places.keys()].map((key, row) =>
    Array.from({ length: places.size }, (_, column) => (row === column ? deviationOf(key) ** -2 : 0)),
  )
  const right = new Array<number>(places.size).fill(0)
  for (const { keys, offset, precision } of observations) {
    for (const a of keys) {
      right[places.get(a)!]! += precision * offset
      for (const b of keys) matrix[places.get(a)!]![places.get(b)!]! += precision
    }
  }
  const inverse = inverseOf(matrix)
  const effects = inverse.map((row) => row.reduce((sum, value, index) => sum + value * right[index]!, 0))
  return {
    of: (keys) => {
      const known = keys.flatMap((key) => places.get(key) ?? [])
      const unknown = keys.filter((key) => !places.has(key))
      let variance = unknown.reduce((sum, key) => sum + deviationOf(key) ** 2, 0)
      for (const a of known) for (const b of known) variance += inverse[a]![b]!
      return { offset: known.reduce((sum, place) => sum + effects[place]!, 0), deviation: Math.sqrt(variance) }
    },
  }
}

/** Inverse of a symmetric positive matrix, by Gauss-Jordan elimination. */
function inverseOf(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length
  const rows = matrix.map((row, index) => [
    ...row,
    ...Array.from({ length: size }, (_, place) => Number(place === index)),
  ])
  for (let pivot = 0; pivot < size; pivot += 1) {
    const lead = rows[pivot]![pivot]!
    for (let place = 0; place < 2 * size; place += 1) rows[pivot]![place]! /= lead
    for (let other = 0; other < size; other += 1) {
      const factor = rows[other]![pivot]!
      if (other === pivot || factor === 0) continue
      for (let place = 0; place < 2 * size; place += 1) rows[other]![place]! -= factor * rows[pivot]![place]!
    }
  }
  return rows.map((row) => row.slice(size))
}
