/**
 * @file Reads which option, A to J, a text decides for: after the last cue that names one, else the last letter that stands alone.
 *
 * Letters are also words: "A" followed by a lower-case word is an article, a bare "I" is the writer. "I" counts only in
 * brackets, or where a cue ends its statement with it.
 */
import { type Cue, readLastCue } from './cues.ts'

const loneLetter = /(?<![\w'’&.-])([([]?)([A-J])([)\]]?)(?![\w'’&-])/g
const bracketed = /\(\s?([A-Ja-j])\s?\)/
const onlyLetter = /^[\s"'([{]*([A-Ja-j])[\s"'.)\]},;:]*$/
const decoration = /[*_`$]|\\(?:text(?:bf)?|math(?:rm|bf|cal)|left|right)\b/g

const named = /\b(?:option|choice|answer|letter)\s+$/i

/** Whether a bare "A" between these two pieces of text is the article. */
const isArticle = (letter: string, before: string, after: string): boolean =>
  letter === 'A' && /^\s+[a-z]/.test(after) && !named.test(before)

function firstLetter(statement: string): string | undefined {
  const inBrackets = bracketed.exec(statement)
  for (const match of statement.matchAll(loneLetter)) {
    if (inBrackets && inBrackets.index <= match.index) break
    const letter = match[2] as string
    const after = statement.slice(match.index + match[0].length)
    const isPlain = match[1] === '' && match[3] === ''
    if (isPlain && isArticle(letter, statement.slice(0, match.index), after)) continue
    if (isPlain && letter === 'I' && !/^\s*(?:[.,;}]|$)/.test(after)) continue
    return letter
  }
  return inBrackets?.[1]?.toUpperCase()
}

function readCue({ piece }: Cue): string | undefined {
  const clean = piece.replace(decoration, ' ').trimStart()
  const lineEnd = clean.indexOf('\n')
  const statement = lineEnd < 0 ? clean : clean.slice(0, lineEnd)
  if (/^not\b/i.test(statement)) return undefined
  const only = onlyLetter.exec(statement)
  return only ? only[1]?.toUpperCase() : firstLetter(statement)
}

function lastLoneLetter(text: string): string | null {
  const whole = text.length <= 16 ? onlyLetter.exec(text) : null
  if (whole && (whole[1]?.toUpperCase() !== 'I' || bracketed.test(text))) return whole[1]?.toUpperCase() ?? null
  let last: string | null = null
  loneLetter.lastIndex = 0
  for (let match = loneLetter.exec(text); match !== null; match = loneLetter.exec(text)) {
    const letter = match[2] as string
    const end = loneLetter.lastIndex
    const isBracketed = match[1] !== '' || match[3] !== ''
    if (!isBracketed) {
      const after = text.slice(end, end + 4)
      const isInitial = /^\. [a-z]/.test(after)
      const before = text.slice(Math.max(0, match.index - 8), match.index)
      if (letter === 'I' || isInitial || isArticle(letter, before, after)) continue
    }
    last = letter
  }
  return last
}

/** The option that `text` decides for, an upper-case letter A to J; null: none can be read. Linear time. */
export function choiceAnswer(text: string): string | null {
  return readLastCue(text, readCue) ?? lastLoneLetter(text.replace(decoration, ' ').trim())
}
