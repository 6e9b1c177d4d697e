/**
 * @file Least squares with a pull towards what was assumed, for a dozen parameters of a smooth model.
 *
 * Minimises sum_i residual_i(x)^2 + sum_k ((x_k - start_k) / spread_k)^2 within bounds: Gauss-Newton steps, damped until they
 * improve (Levenberg 1944, Marquardt 1963), derivatives by forward differences, bounds by projection. Deterministic.
 */

export interface Parameter {
  /** Assumed, and where the search starts. */
  readonly start: number
  /** How far off the assumption may easily be: one standard deviation of its prior. > 0 */
  readonly spread: number
  readonly low: number
  readonly high: number
}

export interface Minimum {
  readonly values: readonly number[]
  /** The sum that was minimised. */
  readonly cost: number
  readonly steps: number
}

/** Residuals in units of their own standard deviation. */
export type Residuals = (values: readonly number[]) => readonly number[]

const mostSteps = 60
const difference = 1e-4
const leastGain = 1e-7

export function minimise(parameters: readonly Parameter[], residuals: Residuals): Minimum {
  const all = (values: readonly number[]): readonly number[] => [
    ...residuals(values),
    ...values.map((value, k) => (value - parameters[k]!.start) / parameters[k]!.spread),
  ]
  let values: readonly number[] = parameters.map(({ start }) => start)
  let now = all(values)
  let cost = sumOfSquares(now)
  let damping = 1e-3
  let steps = 0
  while (steps < mostSteps && damping < 1e9) {
    steps += 1
    const { hessian, gradient } = normalEquations(all, { values, now, parameters })
    const before = cost
    while (damping < 1e9) {
      const step = solve(
        hessian.map((row, k) => row.map((value, other) => (k === other ? value * (1 + damping) : value))),
        gradient,
      )
      const tried = values.map((value, k) => project(value - step[k]!, parameters[k]!))
      const next = all(tried)
      const nextCost = sumOfSquares(next)
      if (nextCost < cost) {
        ;[values, now, cost] = [tried, next, nextCost]
        damping = Math.max(1e-9, damping / 5)
        break
      }
      damping *= 4
    }
    if (before - cost < leastGain * before) break
  }
  return { values, cost, steps }
}

const sumOfSquares = (list: readonly number[]): number => list.reduce((sum, value) => sum + value * value, 0)
const project = (value: number, { low, high }: Parameter): number => Math.min(high, Math.max(low, value))

interface Point {
  readonly values: readonly number[]
  readonly now: readonly number[]
  readonly parameters: readonly Parameter[]
}

/** J'J and J'r at a point. */
function normalEquations(all: Residuals, { values, now, parameters }: Point) {
  const columns = values.map((value, k) => {
    const { high } = parameters[k]!
    const h = value + difference <= high ? difference : -difference
    const moved = all(values.map((other, index) => (index === k ? other + h : other)))
    return moved.map((residual, row) => (residual - now[row]!) / h)
  })
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, row) => sum + value * b[row]!, 0)
  return {
    hessian: columns.map((a) => columns.map((b) => dot(a, b))),
    gradient: columns.map((a) => dot(a, now)),
  }
}

/** Solves a small positive definite system by elimination with the largest pivot. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const rows = matrix.map((row, k) => [...row, right[k]!])
  const size = rows.length
  for (let k = 0; k < size; k += 1) {
    const pivot = rows
      .slice(k)
      .reduce((best, row, at) => (Math.abs(row[k]!) > Math.abs(rows[best]![k]!) ? at + k : best), k)
    ;[rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!]
    for (let row = k + 1; row < size; row += 1) {
      const factor = rows[row]![k]! / rows[k]![k]!
      for (let column = k; column <= size; column += 1) rows[row]![column]! -= factor * rows[k]![column]!
    }
  }
  const solution = new Array<number>(size).fill(0)
  for (let k = size - 1; k >= 0; k -= 1) {
    const known = solution.reduce((sum, value, column) => (column > k ? sum + value * rows[k]![column]! : sum), 0)
    solution[k] = (rows[k]![size]! - known) / rows[k]![k]!
  }
  return solution
}
