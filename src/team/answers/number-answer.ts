/**
 * @file Reads the final number of a solution: after the last cue that has one, else the last number of the closing lines.
 *
 * A box may hold an expression, a tuple or a word instead of a plain number: it is then compared as written, less spacing
 * and other marks that mean nothing, so that answers of that kind can agree too. An expression announced without a box
 * ends the search with none: falling back to an earlier number would make answers agree that do not.
 */
import { type Cue, readLastCue } from './cues.ts'
import { firstNumber, longestPiece, numbersIn, plainMath } from './number-form.ts'

// Between the cue and its number the sentence must not end.
const sentenceEnd = /[.!?;]\s|[A-Za-z.!?]\s*\n/
const negation = /^\s*not\b/i
// "x = 5" and "2 + 3 = 5" announce what stands after the equals sign; prose before it ("42, where n = 7") does not.
const proseOrComma = /(?<!\\)\b[A-Za-z]{3,}|,/
const listMarker = /^\s*(?:\d+[.)]|#+|-)\s+/

function afterEquals(statement: string): string {
  const at = statement.lastIndexOf('=')
  return at < 0 || proseOrComma.test(statement.slice(0, at).replace(/\\[a-z]+/gi, ' '))
    ? statement
    : statement.slice(at + 1)
}

function statementOf(piece: string): string {
  const digitAt = piece.search(/\d/)
  if (digitAt < 0) return piece
  const endsAt = piece.slice(digitAt).search(/\n|[.!?;]\s/)
  return endsAt < 0 ? piece : piece.slice(0, digitAt + endsAt)
}

const wording = /\\(?:text|textbf|mathrm|mbox)\s?\{([^{}]*)\}?/g
const spacing = /\\(?:left|right|displaystyle|quad|qquad)(?![a-z])|\\[,;:! ]|[$\s]/gi

/** What stands in a box that is no plain number, in one of its many equal forms; undefined: nothing does. */
function expressionIn(piece: string): string | undefined {
  const bare = piece
    .replace(wording, '$1')
    .replace(spacing, '')
    .replace(/\\[dt]frac/g, '\\frac')
  const form = bare.replace(/^[a-z]=/i, '').replace(/\.$/, '')
  return form === '' ? undefined : form
}

/** A box holds one number with its name and unit, else an expression. An empty box is a template. */
function readBox(piece: string): string | null | undefined {
  const inside = afterEquals(plainMath(piece).replace(wording, ' '))
  const [number, second] = numbersIn(inside)
  if (number === undefined || second !== undefined) return expressionIn(piece)
  const isExpression = /\\[a-z]|[a-z]\s*[-+*^(]|[-+*/^]\s*[a-z]/i.test(
    inside.slice(0, number.index) + inside.slice(number.end),
  )
  return isExpression ? expressionIn(piece) : number.value
}

function readStatement(piece: string): string | null | undefined {
  const clean = plainMath(piece)
  if (negation.test(clean)) return undefined
  const statement = afterEquals(statementOf(clean))
  const number = firstNumber(statement)
  if (number === null || sentenceEnd.test(statement.slice(0, number.index))) return undefined
  return number.value
}

const readCue = ({ piece, isBoxed }: Cue): string | null | undefined =>
  isBoxed ? readBox(piece) : readStatement(piece)

/** The last number of the last line that has one, looking back over three lines with text. */
function readClosingLines(text: string): string | null {
  let end = text.length
  for (let lines = 0; lines < 3 && end > 0; ) {
    const from = text.lastIndexOf('\n', end - 1) + 1
    const line = text.slice(Math.max(from, end - longestPiece), end)
    end = from - 1
    if (line.trim() === '') continue
    lines += 1
    const numbers = numbersIn(plainMath(line).replace(listMarker, ''))
    const last = numbers.at(-1)
    if (last) return last.value
  }
  return null
}

/** Canonical final number of `text`; null: none can be read. Linear time. */
export function numberAnswer(text: string): string | null {
  const cued = readLastCue(text, readCue)
  return cued === undefined ? readClosingLines(text) : cued
}
