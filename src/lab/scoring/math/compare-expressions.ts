/**
 * @file Whether two expressions are equal: exact numbers, values at seeded points, then algebra.
 *
 * Points come before algebra though both would do: they are cheaper, and a clear difference at one point stands against
 * a library's slip. Algebra decides what has no finite value at enough points. Numbers without a decimal point are
 * compared exactly; a decimal may be rounded in its ninth significant place.
 */
import { hashText, keyedRandom } from '../../../core/index.ts'
import { isAlgebraicallyEqual } from './algebra.ts'
import { type Complex, divide, magnitude, subtract } from './complex.ts'
import { type ExactPoint, type ExactValue, exactValue, valueAt } from './evaluate.ts'
import { type Expression, variablesOf } from './expression.ts'
import { addRationals, type Rational, rational, toFloat } from './rational.ts'

const points = 8
const tolerance = 1e-8
/** Points at which one side has no finite value are replaced, up to this many draws in all. */
const mostDraws = 40
/** Rounding leaves this much where terms of size 1 cancel. */
const rounding = 1e-13

/** Whether `a` and `b` have the same value wherever both have one. */
export async function areExpressionsEqual(a: Expression, b: Expression): Promise<boolean> {
  const [exactA, exactB] = [exactValue(a), exactValue(b)]
  if (exactA && exactB) return areNumbersEqual(exactA, exactB)
  if (usesInfinity(a) || usesInfinity(b)) return false
  const verdict = compareAtPoints(a, b)
  return verdict === 'undecided' ? isAlgebraicallyEqual(a, b) : verdict === 'equal'
}

const usesInfinity = (tree: Expression): boolean => variablesOf(tree).includes('infinity')

function areNumbersEqual(a: ExactValue, b: ExactValue): boolean {
  if (a.value.over === b.value.over && a.value.under === b.value.under) return true
  if (!a.isDecimal && !b.isDecimal) return false
  const difference = addRationals(a.value, { over: -b.value.over, under: b.value.under })
  if (difference === null) return false
  const size = Math.min(1, Math.abs(toFloat(a.value)), Math.abs(toFloat(b.value)))
  return Math.abs(toFloat(difference)) <= tolerance * size
}

interface Point {
  readonly exact: ExactPoint
  readonly floats: ReadonlyMap<string, number>
}

/** Values are 64ths from -3 to 3 but not near 0, where too much is equal. The same points for the same variables. */
function* drawPoints(variables: readonly string[]): Generator<Point, void> {
  const random = keyedRandom(hashText(variables.join('|')), 'points')
  for (let draw = 0; draw < mostDraws; draw += 1) {
    const exact = new Map<string, Rational>()
    for (const name of variables) {
      const sixtyFourths = (20 + random.below(172)) * (random.uniform() < 0.3 ? -1 : 1)
      exact.set(name, rational(BigInt(sixtyFourths), 64n) as Rational)
    }
    yield { exact, floats: new Map([...exact].map(([name, value]) => [name, toFloat(value)] as const)) }
  }
}

const isFiniteValue = ({ re, im }: Complex): boolean => Number.isFinite(re) && Number.isFinite(im)

/** Exactly where both are fractions there, else within the tolerance; null: one side has no finite value. */
function agreeAt(a: Expression, b: Expression, { exact, floats }: Point): boolean | null {
  const [exactA, exactB] = [exactValue(a, exact), exactValue(b, exact)]
  if (exactA && exactB) return areNumbersEqual(exactA, exactB)
  const [left, right] = [valueAt(a, floats), valueAt(b, floats)]
  if (!isFiniteValue(left) || !isFiniteValue(right)) return null
  const size = Math.max(magnitude(left), magnitude(right))
  return magnitude(subtract(left, right)) <= Math.max(tolerance * size, rounding)
}

function compareAtPoints(a: Expression, b: Expression): 'equal' | 'different' | 'undecided' {
  let agreed = 0
  for (const point of drawPoints(variablesOf(a, b))) {
    const agrees = agreeAt(a, b, point)
    if (agrees === false) return 'different'
    if (agrees) agreed += 1
    if (agreed === points) return 'equal'
  }
  return 'undecided'
}

/** Whether `a` is a constant other than 0 times `b`: then a = 0 and b = 0 say the same. By values at points alone. */
export function areProportional(a: Expression, b: Expression): boolean {
  let factor: Complex | null = null
  let agreed = 0
  for (const { floats } of drawPoints(variablesOf(a, b))) {
    const ratio = divide(valueAt(a, floats), valueAt(b, floats))
    if (!isFiniteValue(ratio)) continue
    if (magnitude(ratio) < tolerance) return false
    factor ??= ratio
    if (magnitude(subtract(ratio, factor)) > tolerance * magnitude(factor)) return false
    agreed += 1
    if (agreed === points) return true
  }
  return false
}

/** `value` as a hundredth of itself: what a percent sign makes of it. */
export const hundredth = (tree: Expression): Expression => ({
  kind: 'call',
  operation: 'Divide',
  inputs: [tree, { kind: 'number', value: { over: 100n, under: 1n } satisfies Rational, isDecimal: false }],
})
