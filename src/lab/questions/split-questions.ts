/**
 * @file Training, validation and test parts: 45, 10 and 45 % by a hash of the question's group.
 *
 * The group alone decides, so it lies in one part in every set, run and selection: a GSM8K story and its GSM-Hard double
 * are never on both sides. Shares hold in the mean; a set of few groups (templates) strays from them.
 */
import { hashText } from '../../core/index.ts'
import type { Question } from './question.ts'

export interface QuestionParts {
  /** To learn from. */
  readonly train: readonly Question[]
  /** To choose settings by. */
  readonly validation: readonly Question[]
  /** To report on; nothing is tuned on it. */
  readonly test: readonly Question[]
}

export type PartName = keyof QuestionParts
export const partNames: readonly PartName[] = ['train', 'validation', 'test']

/**
 * Of 1,000 seeds the one that deals the templates of the synthetic sets most evenly over parts and levels: with some twenty
 * templates a set most seeds leave a part or a level empty. Published sets have no say in it.
 */
const splitSeed = 563

/** The part that questions of `group` belong to. */
export function partOf(group: string): PartName {
  const share = hashText(group, splitSeed) / 2 ** 32
  if (share < 0.45) return 'train'
  return share < 0.55 ? 'validation' : 'test'
}

/** Divides `questions`, keeping their order. */
export function splitQuestions(questions: readonly Question[]): QuestionParts {
  const parts: Record<PartName, Question[]> = { train: [], validation: [], test: [] }
  for (const question of questions) parts[partOf(question.group)].push(question)
  return parts
}

export type PartCounts = Readonly<Record<PartName, number>>

export const countParts = ({ train, validation, test }: QuestionParts): PartCounts => ({
  train: train.length,
  validation: validation.length,
  test: test.length,
})
