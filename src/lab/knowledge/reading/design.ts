/**
 * @file The features of many questions, turned so that each new feature can be fitted by itself.
 *
 * Centred, and rotated into the eigenbasis of their second moments: there x'x is diagonal, whatever is fitted on it.
 */
import { symmetricEigen } from './symmetric-eigen.ts'

export interface Design {
  readonly questions: number
  readonly features: number
  /** [questions, features], row-major: centred and rotated. */
  readonly rotated: Float64Array
  /** Sum of squares of each rotated feature. */
  readonly values: Float64Array
  /** [features, features], row-major: column k is rotated feature k in terms of the features as they came. */
  readonly vectors: Float64Array
  /** Of the features as they came. */
  readonly means: Float64Array
}

/** `rows`: features of each question, all of one length; at least one row. */
export function createDesign(rows: readonly Float64Array[]): Design {
  const [questions, features] = [rows.length, rows[0]?.length ?? 0]
  const means = meansOf(rows)
  const centred = rows.map((row) => row.map((value, index) => value - means[index]!))
  const { values, vectors } = symmetricEigen(secondMoments(centred, features), features)
  const rotated = new Float64Array(questions * features)
  for (const [index, row] of centred.entries()) rotated.set(multiply(row, vectors, features), index * features)
  return { questions, features, rotated, values, vectors, means }
}

/** Mean of each feature over `rows`. */
export function meansOf(rows: readonly Float64Array[]): Float64Array {
  const means = new Float64Array(rows[0]?.length ?? 0)
  for (const row of rows) for (let k = 0; k < row.length; k += 1) means[k]! += row[k]! / rows.length
  return means
}

function secondMoments(rows: readonly Float64Array[], features: number): Float64Array {
  const moments = new Float64Array(features * features)
  for (const row of rows) {
    for (let a = 0; a < features; a += 1)
      for (let b = 0; b < features; b += 1) moments[a * features + b]! += row[a]! * row[b]!
  }
  return moments
}

function multiply(row: Float64Array, vectors: Float64Array, features: number): Float64Array {
  const product = new Float64Array(features)
  for (let a = 0; a < features; a += 1)
    for (let k = 0; k < features; k += 1) product[k]! += row[a]! * vectors[a * features + k]!
  return product
}
