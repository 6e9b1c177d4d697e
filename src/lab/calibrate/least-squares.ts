/**
 * @file Least squares for a handful of coefficients: linear ones that must not be negative, and a search over two more.
 *
 * With up to 6 unknowns, every choice of those that are zero can be tried: the best feasible one is the exact answer
 * (the Kuhn-Tucker conditions hold at some support), with no iteration to stop and so the same bits every time.
 * Cost: 2^unknowns solutions of a small system, after one pass over the rows.
 */

/** `terms`: the row's regressors; `target`: what their weighted sum should be. */
export interface LinearRow {
  readonly terms: readonly number[]
  readonly target: number
}

export interface LinearFit {
  /** >= 0, in the order of the terms. */
  readonly weights: readonly number[]
  /** Sum of squared residuals. */
  readonly residual: number
}

interface Moments {
  readonly gram: readonly (readonly number[])[]
  readonly cross: readonly number[]
  readonly square: number
}

/** Weights >= 0 with the least sum of squared residuals. At least one row; up to about 10 terms. */
export function fitNonNegative(rows: readonly LinearRow[]): LinearFit {
  const moments = momentsOf(rows)
  const size = moments.cross.length
  let best: LinearFit = { weights: new Array<number>(size).fill(0), residual: moments.square }
  for (let support = 1; support < 2 ** size; support += 1) {
    const chosen = moments.cross.flatMap((_, index) => (support & (1 << index) ? [index] : []))
    const solved = solve(
      chosen.map((a) => chosen.map((b) => moments.gram[a]![b]!)),
      chosen.map((a) => moments.cross[a]!),
    )
    if (solved === null || solved.some((weight) => weight < 0)) continue
    const explained = chosen.reduce((sum, index, place) => sum + solved[place]! * moments.cross[index]!, 0)
    const residual = moments.square - explained
    if (residual >= best.residual) continue
    const weights = new Array<number>(size).fill(0)
    for (const [place, index] of chosen.entries()) weights[index] = solved[place]!
    best = { weights, residual }
  }
  return best
}

function momentsOf(rows: readonly LinearRow[]): Moments {
  const size = rows[0]?.terms.length ?? 0
  const gram = Array.from({ length: size }, () => new Array<number>(size).fill(0))
  const cross = new Array<number>(size).fill(0)
  let square = 0
  for (const { terms, target } of rows) {
    square += target * target
    for (let a = 0; a < size; a += 1) {
      cross[a]! += terms[a]! * target
      for (let b = 0; b < size; b += 1) gram[a]![b]! += terms[a]! * terms[b]!
    }
  }
  return { gram, cross, square }
}

/** Solution of a symmetric positive system by Gaussian elimination; null where two terms cannot be told apart. */
function solve(matrix: number[][], right: number[]): number[] | null {
  const size = right.length
  const scale = matrix.map((row, index) => Math.sqrt(row[index]!))
  if (scale.some((value) => value === 0)) return null
  const rows = matrix.map((row, a) => [
    ...row.map((value, b) => value / (scale[a]! * scale[b]!)),
    right[a]! / scale[a]!,
  ])
  for (let pivot = 0; pivot < size; pivot += 1) {
    if (rows[pivot]![pivot]! < 1e-10) return null
    for (let other = pivot + 1; other < size; other += 1) {
      const factor = rows[other]![pivot]! / rows[pivot]![pivot]!
      for (let place = pivot; place <= size; place += 1) rows[other]![place]! -= factor * rows[pivot]![place]!
    }
  }
  const solution = new Array<number>(size).fill(0)
  for (let row = size - 1; row >= 0; row -= 1) {
    let value = rows[row]![size]!
    for (let place = row + 1; place < size; place += 1) value -= rows[row]![place]! * solution[place]!
    solution[row] = value / rows[row]![row]!
  }
  return solution.map((value, index) => value / scale[index]!)
}

export interface PairSearch {
  readonly from: readonly [number, number]
  /** First step in either direction. */
  readonly step: number
  /** Steps are halved until they are below this. */
  readonly until: number
}

/** The pair near `from` with the least `cost`, by pattern search: eight neighbours, then half the step. */
export function searchPair(
  cost: (a: number, b: number) => number,
  { from, step, until }: PairSearch,
): [number, number] {
  const moves = [-1, 0, 1].flatMap((a) => [-1, 0, 1].map((b) => [a, b] as const))
  let at: [number, number] = [...from]
  let least = cost(...at)
  for (let size = step; size >= until; ) {
    const centre = at
    for (const [a, b] of moves) {
      const next: [number, number] = [centre[0] + a * size, centre[1] + b * size]
      const value = cost(...next)
      if (value < least) {
        at = next
        least = value
      }
    }
    if (at === centre) size /= 2
  }
  return at
}
