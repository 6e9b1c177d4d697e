/**
 * @file Tokens of a LaTeX answer: commands, numbers, letters, words, signs.
 *
 * Spelling is settled here: what only sets type (`\left`, `\,`, `\displaystyle`) is dropped, and of several commands for
 * one thing one is kept (`\dfrac`, `\tfrac` -> `\frac`; `\le` -> `\leq`; `*`, `\times` -> `\cdot`). Linear time.
 */

export interface Token {
  readonly kind: 'command' | 'number' | 'letter' | 'words' | 'sign'
  /** As written in canonical spelling; words without their command. */
  readonly text: string
}

// Order matters: environments and words before plain commands.
const tokenPattern =
  /\\(begin|end)\s*\{\s*([A-Za-z]+)\*?\s*\}|\\(?:text|textbf|textit|textrm|textnormal|mathrm|mathbf|mathit|mathsf|mbox|hbox|operatorname)\s*\{([^{}]*)\}|(\\[A-Za-z]+|\\\s|\\.)|(\d+(?:\.\d+)?|\.\d+)|([A-Za-z])|\s+|([\s\S])/g

const dropped = new Set(
  [
    '\\left \\right \\middle \\big \\Big \\bigg \\Bigg \\bigl \\bigr \\Bigl \\Bigr \\biggl \\biggr \\displaystyle',
    '\\textstyle \\limits \\nolimits \\quad \\qquad \\text \\textbf \\mathrm \\mathbf \\mathit \\mbox \\operatorname',
    '\\, \\! \\; \\: \\> \\/ ~ $ ` \\( \\) \\[ \\] \\hline \\hspace \\phantom \\bf \\rm \\it \\mathbin \\mathopen \\mathclose',
  ].flatMap((line) => line.split(' ')),
)

const sameAs: Readonly<Record<string, string>> = {
  '\\dfrac': '\\frac',
  '\\tfrac': '\\frac',
  '\\cfrac': '\\frac',
  '\\dbinom': '\\binom',
  '\\tbinom': '\\binom',
  '\\le': '\\leq',
  '\\leqslant': '\\leq',
  '\\ge': '\\geq',
  '\\geqslant': '\\geq',
  '\\lt': '<',
  '\\gt': '>',
  '\\ne': '\\neq',
  '\\times': '\\cdot',
  '*': '\\cdot',
  '\\ast': '\\cdot',
  '\\div': '/',
  '\\lbrace': '\\{',
  '\\rbrace': '\\}',
  '\\lbrack': '[',
  '\\rbrack': ']',
  '\\langle': '(',
  '\\rangle': ')',
  '\\lvert': '|',
  '\\rvert': '|',
  '\\vert': '|',
  '\\varnothing': '\\emptyset',
  '\\%': '%',
  '\\colon': ':',
  '\\overline': '\\bar',
  '\\arcsin': '\\asin',
  '\\arccos': '\\acos',
  '\\arctan': '\\atan',
  '\\degree': '\\degrees',
  '\\operatorname': '',
}

/** Brackets of a matrix do not change what it is; bars make it a determinant. */
const matrixNames = new Set(['matrix', 'pmatrix', 'bmatrix', 'Bmatrix', 'smallmatrix', 'array'])

/** Digits without superfluous zeros: `007` -> `7`, `.50` -> `0.5`. */
function plainDigits(digits: string): string {
  const [whole = '', fraction = ''] = digits.split('.')
  const kept = fraction.replace(/0+$/, '')
  const head = whole.replace(/^0+(?=\d)/, '') || '0'
  return kept === '' ? head : `${head}.${kept}`
}

const token = (kind: Token['kind'], text: string): Token => ({ kind, text })

// Letters that in `\text` are units rather than variables.
const unitLetter = /^\s*[mshglL]\s*$/

/** What stands in `\text{...}`: words, or mathematics where no word is in it (`\text{(C)}`, `\mathbf{42}`). */
function wordTokens(content: string): readonly Token[] {
  if (/[A-Za-z]{2}/.test(content) || unitLetter.test(content))
    return [token('words', content.trim().replace(/\s+/g, ' '))]
  return tokenise(content)
}

/** Splits `text` into tokens. Braces are signs of their own; blanks are gone. */
export function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (const match of text.matchAll(tokenPattern)) tokens.push(...readMatch(text, match))
  return foldDegrees(tokens)
}

function readMatch(text: string, match: RegExpExecArray): readonly Token[] {
  const [, edge, environment = '', words, command, digits, letter, sign] = match
  if (edge !== undefined)
    return [token('command', `\\${edge}{${matrixNames.has(environment) ? 'matrix' : environment}}`)]
  if (words !== undefined) return wordTokens(words)
  if (digits !== undefined) return [token('number', isRepeating(text, match) ? digits : plainDigits(digits))]
  return letter === undefined ? signTokens(command ?? sign ?? '') : [token('letter', letter)]
}

/** `0.10\bar{6}`: here the zero counts. */
const isRepeating = (text: string, match: RegExpExecArray): boolean =>
  /^\s*\\(?:overline|bar)/.test(text.slice(match.index + match[0].length, match.index + match[0].length + 12))

function signTokens(written: string): readonly Token[] {
  if (written === '' || dropped.has(written) || /^\\\s$/.test(written)) return []
  const text = sameAs[written] ?? written
  return [token(/^\\[A-Za-z]/.test(text) ? 'command' : 'sign', text)]
}

const degreeForms: readonly (readonly string[])[] = [
  ['^', '{', '\\circ', '}'],
  ['^', '\\circ'],
]

/** `^\circ` and `^{\circ}` become one token. */
function foldDegrees(tokens: readonly Token[]): readonly Token[] {
  if (!tokens.some(({ text }) => text === '\\circ')) return tokens
  const folded: Token[] = []
  for (let index = 0; index < tokens.length; index += 1) {
    const form = degreeForms.find((texts) => texts.every((text, at) => tokens[index + at]?.text === text))
    folded.push(form ? token('command', '\\degrees') : (tokens[index] as Token))
    if (form) index += form.length - 1
  }
  return folded
}

/** Tokens as LaTeX again, blanks only where a command would swallow a letter or two numbers would become one. */
export function printTokens(tokens: readonly Token[]): string {
  let printed = ''
  for (const { kind, text } of tokens) {
    const needsBlank = (kind === 'letter' && /\\[A-Za-z]+$/.test(printed)) || (kind === 'number' && /\d$/.test(printed))
    printed += kind === 'words' ? `\\text{${text}}` : needsBlank ? ` ${text}` : text
  }
  return printed
}
