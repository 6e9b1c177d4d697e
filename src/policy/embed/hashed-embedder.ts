/**
 * @file Text as 384 numbers with no model: feature hashing of words, word pairs and letter groups.
 *
 * Words, pairs of neighbouring words and groups of 3, 4 and 5 characters (lower case, runs of white space as one blank)
 * each add a signed weight at a hashed place; the sum is scaled to length 1. Two texts are near when they share wording.
 * Cost is linear in the characters read: some 5 us for 80. Of a long text only its head and tail are read, where tasks
 * are stated. How much it tells of difficulty is measured in the calibration: R2 0.03-0.07.
 *
 * Source: feature hashing, Weinberger et al. 2009; signs keep the inner product unbiased.
 */
import type { Embedder } from '../../core/index.ts'
import { cacheByText } from './text-cache.ts'

/** Length of an embedding. */
export const embeddingSize = 384

const headCharacters = 3_072
const tailCharacters = 1_024
const cachedTexts = 2_048

const wordWeight = 1
const pairWeight = 0.7
const groupWeight = 0.35

const blank = 32
const isWordCode = (code: number) =>
  (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127 || code === 39

/** Adds `weight` at the place that `hash` names; its top bit gives the sign. */
function addHashed(sums: Float32Array, hash: number, weight: number): void {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  mixed ^= mixed >>> 16
  const place = ((mixed & 0x7fffff) * embeddingSize) >>> 23
  sums[place] = (sums[place] as number) + (mixed < 0 ? -weight : weight)
}

/** Lower case, white space runs as one blank, head and tail of what is long. */
function normalise(text: string): string {
  const read =
    text.length <= headCharacters + tailCharacters
      ? text
      : `${text.slice(0, headCharacters)} ${text.slice(-tailCharacters)}`
  return read.toLowerCase()
}

const mix = (hash: number, code: number) => Math.imul(hash ^ code, 0x9e3779b1) + 0x7f4a7c15

/** One pass: letter groups end at every character, words and pairs at every word's end. */
function addParts(sums: Float32Array, text: string): void {
  let word = 0
  let previousWord = 0
  // The last four characters, youngest first.
  let one = blank
  let two = blank
  let three = blank
  let four = blank
  for (let index = 0; index <= text.length; index += 1) {
    const raw = index < text.length ? text.charCodeAt(index) : blank
    const code = Math.max(raw, blank)
    if (isWordCode(code)) word = mix(word, code)
    else if (word !== 0) {
      addHashed(sums, word, wordWeight)
      if (previousWord !== 0) addHashed(sums, Math.imul(previousWord, 31) + word, pairWeight)
      previousWord = word
      word = 0
    }
    if (code === blank && one === blank) continue
    const group = mix(mix(mix(3, two), one), code)
    addHashed(sums, group, groupWeight)
    addHashed(sums, mix(group, three), groupWeight)
    addHashed(sums, mix(mix(group, three), four), groupWeight)
    four = three
    three = two
    two = one
    one = code
  }
}

/** [384], L2-normalised; all zeros but the first for a text without content. */
export function hashText384(text: string): Float32Array {
  const sums = new Float32Array(embeddingSize)
  addParts(sums, normalise(text))
  let squares = 0
  for (let index = 0; index < embeddingSize; index += 1) squares += (sums[index] as number) ** 2
  if (squares === 0) {
    sums[0] = 1
    return sums
  }
  const scale = 1 / Math.sqrt(squares)
  for (let index = 0; index < embeddingSize; index += 1) sums[index] = (sums[index] as number) * scale
  return sums
}

/** The default embedder. Results are cached by text and shared: do not change them. */
export function createHashedEmbedder(): Embedder {
  return { embed: cacheByText(hashText384, cachedTexts) }
}
