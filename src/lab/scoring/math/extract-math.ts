/**
 * @file Finds the final answer of a worked solution, as written: apart from any comparison.
 *
 * After thinking is taken out, the last cue counts: a box, "the answer is ...", "Answer: ...", "####". A cue that
 * announces plain words ("the answer is clear") counts only where no cue announces mathematics. Without a cue: the last
 * of the three closing lines that is an expression or ends in one. Nothing is guessed beyond that. Linear time.
 */
import { withoutThinking } from '../../../team/index.ts'

const cue =
  /\\(?:boxed|fbox)\s*(?=[{\d\\A-Za-z-])|\banswers?\b[^\n:=.]{0,40}?(?:\b(?:is|are)\b|[:=])|####|\b(?:option|choice) is\b/gi
/** Announced pieces are cut off here. Characters. */
const longestPiece = 1000

/** The answer that `reply` gives; null: none can be read. */
export function extractMath(reply: string): string | null {
  const said = withoutThinking(reply)
  const cues = [...said.matchAll(cue)].map((match) => ({ name: match[0], end: match.index + match[0].length }))
  let words: string | null = null
  for (const { name, end } of cues.reverse()) {
    const isBox = name.startsWith('\\')
    const piece = said.slice(end, end + longestPiece)
    const found = isBox ? readBox(piece) : readStatement(piece)
    if (found === null) continue
    if (isBox || isMathematics(found)) return found
    words ??= isPlainAnswer(found) ? found : null
  }
  return words ?? readClosingLines(said)
}

/** Inside of the braces that open `piece`; a box without braces holds one token. Null: empty. */
function readBox(piece: string): string | null {
  if (piece[0] !== '{') return /^(?:-?\d+(?:\.\d+)?|\\[A-Za-z]+|[A-Za-z])/.exec(piece)?.[0] ?? null
  let depth = 0
  for (let index = 0; index < piece.length; index += 1) {
    if (piece[index] === '\\') index += 1
    else if (piece[index] === '{') depth += 1
    else if (piece[index] === '}') depth -= 1
    if (depth === 0) return piece.slice(1, index).trim() || null
  }
  // Never closed: the text was cut. What stands on the line may be half a number.
  return null
}

const mathSpan = /\$\$([^$]+)\$\$|\$((?:[^$\\]|\\.)+)\$|\\\(([\s\S]+?)\\\)|\\\[([\s\S]+?)\\\]/
const inside = (match: RegExpExecArray | RegExpMatchArray): string =>
  (match[1] ?? match[2] ?? match[3] ?? match[4] ?? '').trim()
const sentenceEnd = /[.!?](?=\s|$)|\n|;\s/
const sideRemark = /\s*(?:,?\s+(?:because|since|where|as|so|which|when)\b|\s\((?:since|because|as|where)\b)/i
const decoration = /\*\*|__|^\s*[*_>#-]+\s|`/g

/** What a sentence announces: its mathematics where it begins with some, else its words up to the end. Null: nothing. */
function readStatement(piece: string): string | null {
  const clean = piece.replace(decoration, '').replace(/^[\s:]+/, '')
  if (/^not\b/i.test(clean)) return null
  const span = mathSpan.exec(clean)
  if (span && isLead(clean.slice(0, span.index))) return readSpans(clean, span)
  const end = clean.search(sentenceEnd)
  const sentence = end < 0 ? clean : clean.slice(0, end)
  const remark = sentence.search(sideRemark)
  const statement = (remark < 0 ? sentence : sentence.slice(0, remark)).trim()
  return statement === '' ? null : saidValue(statement)
}

/** Words such as "approximately" may stand between the cue and its mathematics, but no number and no new sentence. */
const isLead = (text: string): boolean => text.length < 60 && !/[\d.!?]\s|\d|\n\s*\n\s*\S/.test(text)

/** "$1$ and $2$" announces both. */
function readSpans(text: string, first: RegExpExecArray): string {
  const found = [inside(first)]
  let rest = text.slice(first.index + first[0].length)
  for (let next = mathSpan.exec(rest); next !== null; next = mathSpan.exec(rest)) {
    if (!/^\s*(?:,|,?\s*(?:and|or))\s*$/.test(rest.slice(0, next.index))) break
    found.push(inside(next))
    rest = rest.slice(next.index + next[0].length)
  }
  return found.length === 1 ? saidValue(found[0] as string) : found.join(', ')
}

/** "2 + 3 = 5" says 5; "x = 5" and "2x + y = 0" stay as they are. */
function saidValue(statement: string): string {
  const at = statement.lastIndexOf('=')
  const isSum =
    at > 0 && /\d/.test(statement.slice(0, at)) && !/[A-Za-z]/.test(statement.slice(0, at).replace(/\\[a-z]+/gi, ''))
  return isSum ? statement.slice(at + 1).trim() : statement
}

const isMathematics = (text: string): boolean =>
  /[\d\\^=<>]|^[A-Za-z](?:\s*[-+*/]\s*[A-Za-z])*$|^\(?[A-Za-z]\)$/.test(text)

const emptyWords =
  /^(?:clear|correct|right|wrong|obvious|incorrect|as|below|above|follows?|given|found|therefore|thus|also|still|then|the|that|this|in|it|helpful|simple|easy|unknown)\b/i
const isPlainAnswer = (text: string): boolean =>
  /[A-Za-z]/.test(text) && !emptyWords.test(text) && text.split(/\s+/).length <= 4

const prose = /(?<![\\{A-Za-z])[A-Za-z]{2,}\s+[A-Za-z]{2,}/
const lastNumber = /^[\s\S]*(?<![\w.,/])(-?\$?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\/\d+)?)(?![\w,]*\d)/

function readClosingLines(said: string): string | null {
  const display = /(?:\$\$|\\\[)([\s\S]{1,300}?)(?:\$\$|\\\])[\s.]*$/.exec(said.slice(-320))
  if (display) return saidValue((display[1] as string).trim()) || null
  const lines = said
    .slice(-2 * longestPiece)
    .split('\n')
    .map((line) => line.replace(decoration, '').trim())
  for (const line of lines
    .filter((text) => text !== '')
    .slice(-3)
    .reverse()) {
    const found = readLine(line)
    if (found !== null) return found
  }
  return null
}

function readLine(line: string): string | null {
  // A box that was not read above is empty or was cut off.
  if (/\\(?:boxed|fbox)/.test(line)) return null
  const spans = [...line.matchAll(new RegExp(mathSpan, 'g'))]
  const last = spans.at(-1)
  if (last) return saidValue(inside(last)) || null
  if (!prose.test(line) && isMathematics(line)) return saidValue(line.replace(/[.\s]+$/, '')) || null
  return lastNumber.exec(line)?.[1] ?? null
}
