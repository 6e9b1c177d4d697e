/**
 * @file Values of expressions: exact where only fractions are in them, else complex floats at a point.
 *
 * Cost is linear in the tree: every operation is bounded (`rational.ts` answers null beyond its limit, factorials end at
 * 170).
 */
import {
  add,
  type Complex,
  cos,
  divide,
  exp,
  imaginaryUnit,
  log,
  magnitude,
  multiply,
  power,
  real,
  sin,
  sqrt,
  subtract,
} from './complex.ts'
import type { Expression, Operation } from './expression.ts'
import {
  addRationals,
  divideRationals,
  multiplyRationals,
  parseDecimal,
  type Rational,
  raiseRational,
  rational,
  toFloat,
} from './rational.ts'

export interface ExactValue {
  readonly value: Rational
  /** A number in it has a decimal point: may be rounded. */
  readonly isDecimal: boolean
}

const largestFactorial = 170

export type ExactPoint = ReadonlyMap<string, Rational>
const noVariables: ExactPoint = new Map()

/** The fraction that `tree` is at `point`; null: it has other symbols, roots, functions, or is too long. */
export function exactValue(tree: Expression, point: ExactPoint = noVariables): ExactValue | null {
  if (tree.kind === 'number') return tree
  if (tree.kind === 'symbol') {
    const value = point.get(tree.name)
    return value === undefined ? null : { value, isDecimal: false }
  }
  const inputs: ExactValue[] = []
  for (const input of tree.inputs) {
    const exact = exactValue(input, point)
    if (exact === null) return null
    inputs.push(exact)
  }
  const value = combineExactly(
    tree.operation,
    inputs.map((input) => input.value),
  )
  return value && { value, isDecimal: inputs.some(({ isDecimal }) => isDecimal) }
}

function combineExactly(operation: Operation, values: readonly Rational[]): Rational | null {
  const [a, b] = values as [Rational, Rational]
  if (operation === 'Add') {
    return values.reduce<Rational | null>((sum, value) => sum && addRationals(sum, value), parseDecimal('0'))
  }
  if (operation === 'Negate') return rational(-a.over, a.under)
  if (operation === 'Multiply') return multiplyRationals(a, b)
  if (operation === 'Divide') return divideRationals(a, b)
  if (operation === 'Power') return raiseRational(a, b)
  if (operation === 'Factorial') return a.under === 1n ? factorial(a.over) : null
  if (operation === 'Binomial') return a.under === 1n && b.under === 1n ? choose(a.over, b.over) : null
  return null
}

function factorial(n: bigint): Rational | null {
  if (n < 0n || n > BigInt(largestFactorial)) return null
  let product = 1n
  for (let factor = 2n; factor <= n; factor += 1n) product *= factor
  return rational(product)
}

function choose(n: bigint, k: bigint): Rational | null {
  if (n < 0n || k < 0n || n > BigInt(largestFactorial)) return null
  let ways = k > n ? 0n : 1n
  for (let index = 1n; index <= k && ways > 0n; index += 1n) ways = (ways * (n - k + index)) / index
  return rational(ways)
}

const notANumber = real(Number.NaN)
const one = real(1)
const isReal = ({ im }: Complex): boolean => Math.abs(im) < 1e-12

const onReals =
  (fn: (value: number) => number) =>
  (a: Complex): Complex =>
    isReal(a) ? real(fn(a.re)) : notANumber
const half = (sign: 1 | -1) => (a: Complex) => {
  const [up, down] = [exp(a), exp(multiply(real(-1), a))]
  return multiply(real(0.5), sign === 1 ? add(up, down) : subtract(up, down))
}
const cosh = half(1)
const sinh = half(-1)

const sqrtOfOneMinusSquare = (a: Complex): Complex => sqrt(subtract(one, multiply(a, a)))
/** -i log(i a + sqrt(1 - a^2)). */
const arcsin = (a: Complex): Complex => {
  const turned = log(add(multiply(imaginaryUnit, a), sqrtOfOneMinusSquare(a)))
  return { re: turned.im, im: -turned.re }
}

const operations: Readonly<Partial<Record<Operation, (a: Complex, b: Complex) => Complex>>> = {
  Negate: (a) => multiply(real(-1), a),
  Multiply: multiply,
  Divide: divide,
  Power: power,
  Sqrt: sqrt,
  Root: realRoot,
  Abs: (a) => real(magnitude(a)),
  Floor: onReals(Math.floor),
  Ceil: onReals(Math.ceil),
  Exp: exp,
  Ln: log,
  Log: (a, base) => divide(log(a), log(base)),
  Sin: sin,
  Cos: cos,
  Tan: (a) => divide(sin(a), cos(a)),
  Cot: (a) => divide(cos(a), sin(a)),
  Sec: (a) => divide(one, cos(a)),
  Csc: (a) => divide(one, sin(a)),
  Sinh: sinh,
  Cosh: cosh,
  Tanh: (a) => divide(sinh(a), cosh(a)),
  Arcsin: arcsin,
  Arccos: (a) => subtract(real(Math.PI / 2), arcsin(a)),
  Arctan: onReals(Math.atan),
  Factorial: onReals(floatFactorial),
  Binomial: (n, k) => (isReal(n) && isReal(k) ? binomial(n.re, k.re) : notANumber),
}

/** NaN for what is no whole number from 0 to 170. */
function floatFactorial(n: number): number {
  if (!Number.isInteger(n) || n < 0 || n > largestFactorial) return Number.NaN
  let product = 1
  for (let factor = 2; factor <= n; factor += 1) product *= factor
  return product
}

/** n over k for any real n: n (n-1) ... (n-k+1) / k!. */
function binomial(n: number, k: number): Complex {
  if (!Number.isInteger(k) || k < 0 || k > largestFactorial) return notANumber
  let ways = 1
  for (let index = 1; index <= k; index += 1) ways *= (n - k + index) / index
  return real(ways)
}

/** An odd root of a negative number is meant as the real one. */
function realRoot(a: Complex, index: Complex): Complex {
  const isOdd = isReal(index) && Math.abs(index.re % 2) === 1
  if (isOdd && isReal(a) && a.re < 0) return real(-((-a.re) ** (1 / index.re)))
  return power(a, divide(one, index))
}

const constants: Readonly<Record<string, Complex>> = { pi: real(Math.PI), e: real(Math.E), i: imaginaryUnit }

/** The value of `tree` where variables have the values of `point`; NaN where it has none. */
export function valueAt(tree: Expression, point: ReadonlyMap<string, number>): Complex {
  if (tree.kind === 'number') return real(toFloat(tree.value))
  if (tree.kind === 'symbol') return constants[tree.name] ?? real(point.get(tree.name) ?? Number.NaN)
  const [first = notANumber, ...rest] = tree.inputs.map((input) => valueAt(input, point))
  if (tree.operation === 'Add') return rest.reduce(add, first)
  return operations[tree.operation]?.(first, rest[0] ?? notANumber) ?? notANumber
}
