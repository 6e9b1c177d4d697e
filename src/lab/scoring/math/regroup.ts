/**
 * @file Puts braces round every argument and takes away all others: `\frac12` -> `\frac{1}{2}`, `{3}x^2` -> `3x^{2}`.
 *
 * Afterwards braces mean arguments alone, so that texts of one meaning have one spelling and the parser has one rule.
 */
import type { Token } from './latex-tokens.ts'

/** Braces deeper than this are nobody's answer. */
const deepest = 30

const argumentsOf: Readonly<Record<string, number>> = {
  '\\frac': 2,
  '\\binom': 2,
  '\\sqrt': 1,
  '\\bar': 1,
  '\\mathbb': 1,
  '\\mathcal': 1,
  '^': 1,
  _: 1,
}
// Only here does a lone digit count as an argument: `\frac12` is a half, but `2^10` is meant as 2^{10}.
const takesOneDigit = new Set(['\\frac', '\\binom'])

const sign = (text: string): Token => ({ kind: 'sign', text })

class Regrouper {
  #rest: Token[]
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#rest = [...tokens].reverse()
  }

  /** Everything up to the end, or to the closing sign, which is taken. */
  until(close: string | null): Token[] {
    const done: Token[] = []
    this.#depth += 1
    if (this.#depth > deepest) throw new RangeError('braces too deep')
    while (this.#rest.length > 0) {
      if (close !== null && this.#peek() === close) {
        this.#rest.pop()
        break
      }
      if (close === ')' && this.#peek() === '(') {
        this.#rest.pop()
        done.push(sign('('), ...this.until(')'), sign(')'))
      } else for (const token of this.#unit()) done.push(token)
    }
    this.#depth -= 1
    return done
  }

  #peek(): string | undefined {
    return this.#rest.at(-1)?.text
  }

  /** The next token with its arguments. */
  #unit(): Token[] {
    const token = this.#rest.pop()
    if (token === undefined || token.text === '}') return []
    if (token.text === '{') return this.until('}')
    const count = token.kind === 'words' ? 0 : (argumentsOf[token.text] ?? 0)
    const done = [token]
    if (token.text === '\\sqrt' && this.#peek() === '[') {
      this.#rest.pop()
      done.push(sign('['), ...this.until(']'), sign(']'))
    }
    for (let taken = 0; taken < count; taken += 1) {
      done.push(sign('{'), ...this.#argument(token.text), sign('}'))
    }
    return done
  }

  #argument(of: string): Token[] {
    const next = this.#rest.at(-1)
    if (next === undefined) return []
    if (next.text === '(' && of !== '_' && !takesOneDigit.has(of)) {
      this.#rest.pop()
      return this.until(')')
    }
    if (takesOneDigit.has(of) && next.kind === 'number' && /^\d{2,}$/.test(next.text)) {
      this.#rest.pop()
      this.#rest.push({ kind: 'number', text: next.text.slice(1) })
      return [{ kind: 'number', text: next.text.slice(0, 1) }]
    }
    if (next.text === '-' && of === '^') {
      this.#rest.pop()
      return [next, ...this.#unit()]
    }
    this.#depth += 1
    if (this.#depth > deepest) throw new RangeError('arguments too deep')
    const unit = this.#unit()
    this.#depth -= 1
    return unit
  }
}

/** `tokens` with braces round arguments only. Throws RangeError where braces are nested beyond reason. */
export const regroup = (tokens: readonly Token[]): readonly Token[] => new Regrouper(tokens).until(null)
