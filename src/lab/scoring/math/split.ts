/** @file Brackets among tokens: splitting outside of them, and whether one pair encloses everything. Linear time. */
import type { Token } from './latex-tokens.ts'

/** Brackets within brackets beyond this are not looked into. */
export const deepest = 8

const opening = new Set(['(', '[', '{', '\\{', '\\begin{matrix}'])
const closing = new Set([')', ']', '}', '\\}', '\\end{matrix}'])

interface Split {
  /** One more than separators. */
  readonly pieces: readonly (readonly Token[])[]
  readonly separators: readonly string[]
}

/** Splits where `isSeparator` holds outside all brackets. */
export function splitTop(tokens: readonly Token[], isSeparator: (token: Token) => boolean): Split {
  const pieces: Token[][] = [[]]
  const separators: string[] = []
  let depth = 0
  for (const token of tokens) {
    if (opening.has(token.text)) depth += 1
    else if (closing.has(token.text)) depth -= 1
    if (depth === 0 && isSeparator(token)) {
      separators.push(token.text)
      pieces.push([])
    } else pieces.at(-1)?.push(token)
  }
  return { pieces, separators }
}

/** Whether the bracket that opens `tokens` closes at their very end. */
export function isEnclosed(tokens: readonly Token[]): boolean {
  if (tokens.length < 2 || !opening.has(tokens[0]?.text ?? '')) return false
  let depth = 0
  for (const [index, { text }] of tokens.entries()) {
    if (opening.has(text)) depth += 1
    else if (closing.has(text)) depth -= 1
    if (depth === 0) return index === tokens.length - 1
  }
  return false
}
