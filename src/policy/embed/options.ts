/** @file Finds the options of a multiple-choice question: lines or inline marks that run A, B, C ... up to J. */

const letters = 'ABCDEFGHIJ'
/** `A)`, `(A)`, `A.`, `A:` at the start of a line, or `(A)` and `A)` after white space. */
const optionMark = /(?:^|\n)[ \t]*[-*]?[ \t]*\(?([A-J])[).:](?=\s|\S)|(?<=\s)\(?([A-J])\)(?=\s)/g

/** Texts of the options in order; empty unless at least three run from A without a gap. */
export function findOptions(text: string): readonly string[] {
  const starts: { readonly from: number; readonly markAt: number }[] = []
  for (const match of text.matchAll(optionMark)) {
    const letter = match[1] ?? match[2]
    if (letter === letters[starts.length]) starts.push({ from: match.index + match[0].length, markAt: match.index })
  }
  if (starts.length < 3) return []
  return starts.map(({ from }, index) => text.slice(from, starts[index + 1]?.markAt ?? text.length).trim())
}
