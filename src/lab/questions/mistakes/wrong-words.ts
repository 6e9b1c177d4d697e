/** @file Plausible wrong answers to an answer in words: another option letter, another of its kind, another name of the problem. */

import type { Asked } from './asked.ts'
import { distinctMistakes, shuffled } from './distinct-answers.ts'

const wrapped = /^\\(?:text|mbox|mathrm|textbf)\{\s*(.*?)\s*\}$/

/** Words of a kind: one is the usual mistake for another. */
const kinds: readonly (readonly string[])[] = [
  ['even', 'odd', 'neither', 'both'],
  ['yes', 'no', 'sometimes', 'undefined'],
  ['true', 'false', 'neither', 'both'],
  ['north', 'east', 'south', 'west'],
  ['circle', 'ellipse', 'parabola', 'hyperbola', 'line', 'point'],
  ['acute', 'right', 'obtuse', 'straight'],
  ['red', 'blue', 'green', 'yellow'],
  ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
]
const letters = [...'ABCDEFGHIJ']

/** Other words in the wrapping of `key`; none where the key is no word. */
export function wrongWords(key: string, { problem, random }: Asked): readonly string[] {
  const word = wrapped.exec(key)?.[1] ?? (/^[A-Za-z][A-Za-z ]{2,}$/.test(key) ? key : null)
  if (word === null) return []
  const bare = word.replace(/[().]/g, '')
  const wrap = (other: string) => key.replace(bare, () => other)
  if (/^[A-J]$/.test(bare)) return letters.slice(0, 5).map(wrap)
  const kind = kinds.find((words) => words.includes(bare.toLowerCase())) ?? []
  // Names stand in the middle of sentences with a capital.
  const names = problem.match(/(?<=[a-z,:;] |")[A-Z][a-z]{2,}/g) ?? []
  return distinctMistakes(bare, [...shuffled(kind, random), ...shuffled([...new Set(names)], random)]).map(wrap)
}
