/**
 * @file Eigenvalues and eigenvectors of a small symmetric matrix, by cyclic Jacobi rotations.
 *
 * Each rotation makes one pair of entries zero; sweeps go on until all off the diagonal are negligible, some six to ten
 * for a few dozen rows. Order of the work is fixed, so the same matrix gives the same bits.
 * Source: Golub and Van Loan, Matrix Computations, section 8.5.
 */

export interface Eigen {
  /** In no particular order. */
  readonly values: Float64Array
  /** [size, size], row-major: column k belongs to value k, length 1. */
  readonly vectors: Float64Array
}

const mostSweeps = 30
const negligible = 1e-22

/** `matrix`: [size, size], row-major, symmetric; it is not changed. */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  const work = Float64Array.from(matrix)
  const vectors = new Float64Array(size * size)
  for (let index = 0; index < size; index += 1) vectors[index * size + index] = 1
  const scale = squaresOf(work, size, 'all')
  for (let sweep = 0; sweep < mostSweeps && squaresOf(work, size, 'off') > negligible * scale; sweep += 1) {
    for (let p = 0; p < size - 1; p += 1) for (let q = p + 1; q < size; q += 1) rotate({ work, vectors, size }, p, q)
  }
  return { values: Float64Array.from({ length: size }, (_, index) => work[index * size + index] as number), vectors }
}

function squaresOf(matrix: Float64Array, size: number, which: 'all' | 'off'): number {
  let sum = 0
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      if (which === 'all' || row !== column) sum += (matrix[row * size + column] as number) ** 2
    }
  }
  return sum
}

interface Work {
  readonly work: Float64Array
  readonly vectors: Float64Array
  readonly size: number
}

/** Makes the entries (p, q) and (q, p) zero. */
function rotate({ work, vectors, size }: Work, p: number, q: number): void {
  const off = work[p * size + q] as number
  if (off === 0) return
  const theta = ((work[q * size + q] as number) - (work[p * size + p] as number)) / (2 * off)
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const cosine = 1 / Math.sqrt(tangent * tangent + 1)
  const sine = tangent * cosine
  const turn = (values: Float64Array, a: number, b: number) => {
    const [x, y] = [values[a] as number, values[b] as number]
    values[a] = cosine * x - sine * y
    values[b] = sine * x + cosine * y
  }
  for (let row = 0; row < size; row += 1) turn(work, row * size + p, row * size + q)
  for (let column = 0; column < size; column += 1) turn(work, p * size + column, q * size + column)
  for (let row = 0; row < size; row += 1) turn(vectors, row * size + p, row * size + q)
}
