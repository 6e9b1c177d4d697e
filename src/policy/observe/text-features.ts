/** @file What the question's text shows, as numbers: lengths, digits, operators, cue words. */
import { handFeatureNames } from '../embed/index.ts'
import type { FeatureRow } from './feature-row.ts'

export const textFeatureNames: readonly string[] = handFeatureNames.map((name) => `text.${name}`)

/** Writes `textFeatureNames.length` numbers; `isRead` false: zeros, for ablation. */
export function putText(row: FeatureRow, hand: ArrayLike<number>, isRead: boolean): void {
  // What is missing is not finite: the decision is then left to others.
  for (let index = 0; index < textFeatureNames.length; index += 1) row.put(isRead ? (hand[index] ?? Number.NaN) : 0)
}
