/**
 * @file What a question is known by: an id for its exact wording, a group for what must stay in one part of a split.
 *
 * Both are hashes of the source's own words, so neither order, file nor how we word the message changes them. Published
 * sets repeat themselves: the same story with other numbers, several questions on one passage. Whatever shares a group
 * would leak from training into test.
 */
import { hashText } from '../../core/index.ts'

const hex = (text: string, seed: number): string => hashText(text, seed).toString(16).padStart(8, '0')

/** 64 bits of hash, 16 hexadecimal digits. Two of a million texts coincide with a chance below 1e-7. */
export const textHash = (text: string): string => `${hex(text, 1)}${hex(text, 2)}`

/** A text with its numbers masked, lower-case, white space collapsed. */
const maskNumbers = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\d[\d.,]*/g, '#')
    .replace(/\s+/g, ' ')
    .trim()

/** Group of a text of its own: equal up to its numbers. */
export const textGroup = (text: string): string => `text-${textHash(maskNumbers(text))}`

/** Group of a GSM8K or GSM-Hard story, by its first 40 letters: the second set is the first with other numbers. */
export const storyGroup = (text: string): string =>
  `story-${textHash(
    text
      .toLowerCase()
      .replace(/[^a-z]/g, '')
      .slice(0, 40),
  )}`

/** Long enough to reach beyond the stock sentence that announces a passage. Characters. */
const passageLength = 240

/** Group of a question that may stand after a passage: by the beginning where the text is long, by all of it else. */
export const passageGroup = (text: string): string => `text-${textHash(maskNumbers(text).slice(0, passageLength))}`
