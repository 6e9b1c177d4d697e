/** @file Answers of MATH: finding them in a solution, comparing them. */
export { compareMath, type MathComparison, normaliseMath } from './compare-math.ts'
export { extractMath } from './extract-math.ts'
