/**
 * @file Numbers as people and models write them, read into one canonical decimal string.
 *
 * Reads thousands separators, decimals, signs, fractions (3/4, 1 1/2, LaTeX), powers of ten (1e5, 3 x 10^5), small powers,
 * with LaTeX, markdown, currency signs and units around them. An expression that is not a plain number (2\sqrt{3}, x + 1,
 * 3-5) reads as none. Decimals are exact; quotients are rounded to 12 significant digits. Callers hand in short pieces
 * (`longestPiece` characters), so every pattern here runs on bounded input.
 */

/** Pieces longer than this are not read as a number. Characters. */
export const longestPiece = 200
// A canonical form longer than this helps nobody: 1e300 and its like read as none.
const longestNumber = 100

const noise =
  /\\[,!;: ]|\{,\}|\\\$|[$€£*`\u00a0\u2009\u202f]|\\left|\\right|\\%|\\(?:displaystyle|approx)|\^\{?\\circ\}?/g

/** LaTeX spacing, degree signs, markdown and currency taken out, minus signs made plain. */
export const plainMath = (piece: string): string =>
  piece.replace(noise, (found) => (found === '{,}' ? ',' : '')).replace(/\u2212/g, '-')

// A sign, then a LaTeX fraction or digits with an optional fraction part and exponent; not inside a word or an exponent.
const start =
  /(?<![\w^.\\]|[A-Za-z]-)([-+]?)(?:\\[dt]?frac\s?\{\s?([-+]?\d+)\s?\}\s?\{\s?(\d+)\s?\}|(\d{1,3}(?:,\d{3})+(?!\d)|\d+|(?=\.\d))(?:\.(\d+))?(?:e([-+]?\d{1,3})(?!\w))?)/gi
const timesTen = /^\s?(?:×|x|\*|\\times|\\cdot)\s?10\^\{?([-+]?\d{1,3})\}?/i
const power = /^\^\{?(\d{1,2})\}?(?!\d)/
const overText = /^\s?\/\s?(\d+)(?!\d|\.\d|\/)/
const mixedText = /^ (\d+)\/(\d+)(?!\d|\.\d|\/)/
// What shows that the number was only a part of an expression.
const goesOn = /^\s?(?:\\(?:pi|sqrt|frac|times|cdot|pm|ln|log)|[π√^]|[-+*/×]\s?[\d\\({√π]|[-+*/×]\s?[a-z]\b|[xyznki]\b)/
const partOf = /(?:sqrt|[\^_√])\s?[{(]?\s?$|[)}\dπ]\s?[*/+×-]$/

/** `digits . fraction x 10^exponent` as a canonical decimal string: no exponent, no superfluous zeros, no minus zero. */
function toDecimal(isNegative: boolean, digits: string, fraction: string, exponent: number): string | null {
  const all = digits + fraction
  const point = digits.length + exponent
  const padded = point <= 0 ? '0'.repeat(1 - point) + all : all.padEnd(point, '0')
  const whole = padded.slice(0, Math.max(point, 1)).replace(/^0+(?=\d)/, '')
  const rest = padded.slice(Math.max(point, 1)).replace(/0+$/, '')
  const magnitude = rest === '' ? whole : `${whole}.${rest}`
  if (magnitude.length > longestNumber) return null
  return isNegative && magnitude !== '0' ? `-${magnitude}` : magnitude
}

/** A computed value as a canonical decimal string, exact where it is a safe integer. Null unless finite. */
function fromValue(value: number): string | null {
  if (!Number.isFinite(value)) return null
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value)
  const [mantissa = '0', exponent = '0'] = Math.abs(value).toExponential(11).split('e')
  const [digits = '0', fraction = ''] = mantissa.split('.')
  return toDecimal(value < 0, digits, fraction, Number(exponent))
}

interface FoundNumber {
  /** Canonical; null: an expression, not a plain number. */
  readonly value: string | null
  readonly index: number
  /** Index after it, what changes its value (a power, a divisor) included. */
  readonly end: number
}

/** Digits followed by what may change their value: x 10^n, ^n, /n, or a fraction after a space. `length`: of the change. */
function applySuffix(
  match: RegExpExecArray,
  after: string,
): { readonly value: string | null; readonly length: number } {
  const [, sign = '', , , digitText = '', fraction = '', exponentText = '0'] = match
  const isNegative = sign === '-'
  const digits = digitText.replaceAll(',', '')
  const exponent = Number(exponentText)
  const decimal = toDecimal(isNegative, digits === '' ? '0' : digits, fraction, exponent)
  const ten = timesTen.exec(after)
  if (ten) return { value: toDecimal(isNegative, digits, fraction, exponent + Number(ten[1])), length: ten[0].length }
  const raised = power.exec(after)
  if (raised) {
    const value = Number(digits) ** Number(raised[1])
    const isExact = fraction === '' && Number.isSafeInteger(value)
    return { value: isExact ? fromValue(isNegative ? -value : value) : null, length: raised[0].length }
  }
  const over = overText.exec(after)
  if (over) return { value: fromValue(Number(decimal) / Number(over[1])), length: over[0].length }
  const mixed = fraction === '' ? mixedText.exec(after) : null
  if (mixed) {
    const value = Number(digits) + Number(mixed[1]) / Number(mixed[2])
    return { value: fromValue(isNegative ? -value : value), length: mixed[0].length }
  }
  return { value: decimal, length: 0 }
}

function readMatch(piece: string, match: RegExpExecArray): FoundNumber {
  const [whole, sign = '', over, under] = match
  const end = match.index + whole.length
  const before = piece.slice(Math.max(0, match.index - 8), match.index)
  if (over !== undefined && under !== undefined) {
    const quotient = Number(over) / Number(under)
    const isPart = partOf.test(before) || goesOn.test(piece.slice(end))
    return { value: isPart ? null : fromValue(sign === '-' ? -quotient : quotient), index: match.index, end }
  }
  const { value, length } = applySuffix(match, piece.slice(end))
  const isPart = partOf.test(before) || goesOn.test(piece.slice(end + length))
  return { value: isPart ? null : value, index: match.index, end: end + length }
}

/** All numbers of `piece` in order, after `plainMath`. `piece`: at most `longestPiece` characters. */
export function numbersIn(piece: string): readonly FoundNumber[] {
  const found: FoundNumber[] = []
  start.lastIndex = 0
  for (let match = start.exec(piece); match !== null; match = start.exec(piece)) {
    const number = readMatch(piece, match)
    found.push(number)
    start.lastIndex = Math.max(number.end, match.index + 1)
  }
  return found
}

/** The first number of `piece`; null: it has none. */
export function firstNumber(piece: string): FoundNumber | null {
  start.lastIndex = 0
  const match = start.exec(piece)
  return match === null ? null : readMatch(piece, match)
}
