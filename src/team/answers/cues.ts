/**
 * @file Where a text announces its final answer: "\boxed{", "the answer is", "Answer:", "####".
 *
 * The last announcement counts, since models correct themselves. All gaps in the pattern are bounded, so finding the
 * cues takes time linear in the text.
 */

export interface Cue {
  /** What follows the announcement: the inside of the box, or the next characters. At most 200 characters. */
  readonly piece: string
  readonly isBoxed: boolean
}

const cuePattern = /\\(?:boxed|fbox)\s?\{|\banswers?\b[^\n:=.]{0,40}?(?:\bis\b|[:=])|\b(?:option|choice) is\b|####/gi
const pieceLength = 200

/** The inside of a brace group that opens before `from`; cut off after 200 characters. */
function insideBraces(text: string, from: number): string {
  let depth = 1
  const end = Math.min(text.length, from + pieceLength)
  for (let index = from; index < end; index += 1) {
    const character = text.charCodeAt(index)
    if (character === 123) depth += 1
    else if (character === 125) {
      depth -= 1
      if (depth === 0) return text.slice(from, index)
    }
  }
  return text.slice(from, end)
}

/** Asks `read` what each cue announces, last cue first, until it answers something else than `undefined`. */
export function readLastCue<T>(text: string, read: (cue: Cue) => T | undefined): T | undefined {
  const ends: number[] = []
  cuePattern.lastIndex = 0
  while (cuePattern.test(text)) ends.push(cuePattern.lastIndex)
  for (let index = ends.length - 1; index >= 0; index -= 1) {
    const end = ends[index] as number
    const isBoxed = text.charCodeAt(end - 1) === 123
    const piece = isBoxed ? insideBraces(text, end) : text.slice(end, end + pieceLength)
    const found = read({ piece, isBoxed })
    if (found !== undefined) return found
  }
  return undefined
}
