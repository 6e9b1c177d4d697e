/**
 * @file Parses the tokens of an expression into a tree. Linear time; depth is bounded by the brackets of `regroup`.
 *
 * Precedence, loosest first: sum; product (written or by standing side by side, with division, from left to right);
 * sign; power and factorial. A function name without brackets takes the product that follows, up to the next function:
 * `\sin 2x \cos x` is sin(2x) cos(x). A whole number before a proper numeric fraction is a mixed number. What the
 * grammar does not know makes the whole expression unreadable (null); it is never skipped.
 */
import { call, type Expression, type OneInput } from './expression.ts'
import type { Token } from './latex-tokens.ts'
import { parseDecimal, type Rational, rational } from './rational.ts'

const functions: Readonly<Record<string, OneInput>> = {
  '\\sin': 'Sin',
  '\\cos': 'Cos',
  '\\tan': 'Tan',
  '\\cot': 'Cot',
  '\\sec': 'Sec',
  '\\csc': 'Csc',
  '\\asin': 'Arcsin',
  '\\acos': 'Arccos',
  '\\atan': 'Arctan',
  '\\sinh': 'Sinh',
  '\\cosh': 'Cosh',
  '\\tanh': 'Tanh',
  '\\ln': 'Ln',
  '\\exp': 'Exp',
}
const inverses: Readonly<Partial<Record<OneInput, OneInput>>> = { Sin: 'Arcsin', Cos: 'Arccos', Tan: 'Arctan' }
const constants: Readonly<Record<string, string>> = { '\\pi': 'pi', '\\infty': 'infinity' }
const greek =
  /^\\(?:var)?(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|rho|sigma|tau|phi|chi|psi|omega)$/i
const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '\\lfloor': '\\rfloor', '\\lceil': '\\rceil' }

const longest = 300
const deepest = 40

class Unreadable extends Error {}

const whole = (value: bigint): Expression => ({
  kind: 'number',
  value: rational(value) as Rational,
  isDecimal: false,
})
const symbol = (name: string): Expression => ({ kind: 'symbol', name })

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0
  /** Bars open: a bar then closes instead of opening. */
  #bars = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  parseAll(): Expression {
    const tree = this.#sum()
    if (this.#at < this.#tokens.length) throw new Unreadable()
    return tree
  }

  #peek(offset = 0): string | undefined {
    return this.#tokens[this.#at + offset]?.text
  }

  #take(text: string): boolean {
    if (this.#peek() !== text) return false
    this.#at += 1
    return true
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw new Unreadable()
  }

  #sum(): Expression {
    this.#depth += 1
    if (this.#depth > deepest) throw new Unreadable()
    const terms = [this.#product()]
    for (let sign = this.#peek(); sign === '+' || sign === '-'; sign = this.#peek()) {
      this.#at += 1
      terms.push(sign === '+' ? this.#product() : call('Negate', this.#product()))
    }
    this.#depth -= 1
    return terms.length === 1 ? (terms[0] as Expression) : call('Add', ...terms)
  }

  #product(): Expression {
    let left = this.#signed()
    for (;;) {
      if (this.#take('\\cdot')) left = call('Multiply', left, this.#signed())
      else if (this.#take('/')) left = call('Divide', left, this.#signed())
      else if (this.#startsFactor()) left = call('Multiply', left, this.#power())
      else return left
    }
  }

  #signed(): Expression {
    let isNegative = false
    while (this.#peek() === '-' || this.#peek() === '+') {
      if (this.#peek() === '-') isNegative = !isNegative
      this.#at += 1
    }
    const value = this.#power()
    return isNegative ? call('Negate', value) : value
  }

  #startsFactor(): boolean {
    const token = this.#tokens[this.#at]
    if (token === undefined || token.kind === 'words') return false
    // Two numbers side by side are no product.
    if (token.kind === 'number' && this.#tokens[this.#at - 1]?.kind === 'number') return false
    if (token.text === '|') return this.#bars === 0
    if (token.kind === 'number' || token.kind === 'letter' || token.text in closers) return true
    return token.kind === 'command' && !/^\\(?:cdot|in|cup|cap|approx|rfloor|rceil|begin|end)/.test(token.text)
  }

  #power(): Expression {
    let base = this.#primary()
    for (;;) {
      if (this.#take('^')) base = call('Power', base, this.#group())
      else if (this.#take('!')) base = call('Factorial', base)
      else if (this.#take('\\degrees')) base = call('Multiply', base, call('Divide', symbol('pi'), whole(180n)))
      else if (this.#take('%')) base = call('Divide', base, whole(100n))
      else return base
    }
  }

  /** `{...}`, which every argument has after `regroup`. */
  #group(): Expression {
    this.#expect('{')
    const bars = this.#bars
    this.#bars = 0
    const inside = this.#sum()
    this.#bars = bars
    this.#expect('}')
    return inside
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new Unreadable()
    this.#at += 1
    if (token.kind === 'number') return this.#number(token.text)
    if (token.kind === 'letter') return symbol(token.text + this.#subscript())
    if (token.text in closers) return this.#bracketed(token.text)
    if (token.text === '|') return this.#absolute()
    return this.#command(token.text)
  }

  #number(digits: string): Expression {
    const value = parseDecimal(digits)
    if (value === null || this.#peek() === '_') throw new Unreadable()
    const number: Expression = { kind: 'number', value, isDecimal: digits.includes('.') }
    if (this.#peek() === '.' && this.#peek(1) === '\\bar') this.#at += 1
    if (this.#peek() === '\\bar') return this.#repeating(digits, value)
    const fraction = digits.includes('.') ? null : this.#properFraction()
    return fraction === null ? number : call('Add', number, fraction)
  }

  /** `0.1\bar{6}`: the digits under the bar repeat for ever. */
  #repeating(digits: string, value: Rational): Expression {
    const period = this.#peek(2) ?? ''
    const decimals = digits.split('.')[1]?.length ?? 0
    const isPeriod = /^\d+$/.test(period) && this.#peek(1) === '{' && this.#peek(3) === '}'
    const hasPoint = decimals > 0 || this.#peek(-1) === '.'
    if (!isPeriod || !hasPoint || period.length > 30) throw new Unreadable()
    this.#at += 4
    const under = 10n ** BigInt(decimals) * (10n ** BigInt(period.length) - 1n)
    const repeated = rational(BigInt(period), under)
    const sum =
      repeated && rational(value.over * repeated.under + repeated.over * value.under, value.under * repeated.under)
    if (!sum) throw new Unreadable()
    return { kind: 'number', value: sum, isDecimal: false }
  }

  /** `\frac{a}{b}` with whole 0 < a < b right here; null: none. */
  #properFraction(): Expression | null {
    const texts = this.#tokens.slice(this.#at, this.#at + 7).map(({ text }) => text)
    const [name, open, over = '', close, reopen, under = '', end] = texts
    if (name !== '\\frac' || open !== '{' || close !== '}' || reopen !== '{' || end !== '}') return null
    if (!/^\d+$/.test(over) || !/^\d+$/.test(under)) return null
    const [top, bottom] = [parseDecimal(over), parseDecimal(under)]
    const value = top && bottom && rational(top.over, bottom.over)
    if (!value || top.over === 0n || top.over >= bottom.over) return null
    this.#at += 7
    return { kind: 'number', value, isDecimal: false }
  }

  #subscript(): string {
    if (!this.#take('_')) return ''
    this.#expect('{')
    let inside = ''
    while (this.#peek() !== '}' && this.#peek() !== undefined) {
      inside += this.#peek()
      this.#at += 1
    }
    this.#expect('}')
    return `_${inside}`
  }

  #bracketed(open: string): Expression {
    const bars = this.#bars
    this.#bars = 0
    const inside = this.#sum()
    this.#bars = bars
    this.#expect(closers[open] as string)
    if (open === '\\lfloor') return call('Floor', inside)
    return open === '\\lceil' ? call('Ceil', inside) : inside
  }

  #absolute(): Expression {
    if (this.#bars > 0) throw new Unreadable()
    this.#bars += 1
    const inside = this.#sum()
    this.#bars -= 1
    this.#expect('|')
    return call('Abs', inside)
  }

  #command(name: string): Expression {
    const constant = constants[name]
    if (constant !== undefined) return symbol(constant)
    if (greek.test(name)) return symbol(name + this.#subscript())
    if (name === '\\frac') return call('Divide', this.#group(), this.#group())
    if (name === '\\binom') return call('Binomial', this.#group(), this.#group())
    if (name === '\\sqrt') return this.#root()
    if (name === '\\log' || name === '\\lg') return this.#logarithm()
    const operation = functions[name]
    if (operation === undefined) throw new Unreadable()
    return this.#apply(operation)
  }

  #root(): Expression {
    if (!this.#take('[')) return call('Sqrt', this.#group())
    const index = this.#sum()
    this.#expect(']')
    return call('Root', this.#group(), index)
  }

  #logarithm(): Expression {
    const base = this.#take('_') ? this.#group() : whole(10n)
    return call('Log', this.#input(), base)
  }

  /** `\sin^{2} x` is a square, `\sin^{-1} x` the inverse. */
  #apply(operation: OneInput): Expression {
    if (!this.#take('^')) return call(operation, this.#input())
    const isInverse = this.#peek(1) === '-' && this.#peek(2) === '1' && this.#peek(3) === '}'
    const power = this.#group()
    if (!isInverse) return call('Power', call(operation, this.#input()), power)
    const inverse = inverses[operation]
    if (inverse === undefined) throw new Unreadable()
    return call(inverse, this.#input())
  }

  /** What a function is applied to: one bracket, or the product up to the next function. */
  #input(): Expression {
    if (this.#peek() === '(') return this.#primary()
    let product = this.#signed()
    while (this.#startsFactor() && !((this.#peek() ?? '') in functions) && this.#peek() !== '(') {
      product = call('Multiply', product, this.#power())
    }
    return product
  }
}

/** The tree of `tokens`, which must be regrouped; null: not an expression that we can read. */
export function parseExpression(tokens: readonly Token[]): Expression | null {
  if (tokens.length === 0 || tokens.length > longest) return null
  try {
    return new Parser(tokens).parseAll()
  } catch (error) {
    if (error instanceof Unreadable) return null
    throw error
  }
}
