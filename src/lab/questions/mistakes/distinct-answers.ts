/**
 * @file Keeps the candidates for wrong answers that differ from the key and from each other however they are compared.
 *
 * Stricter than any scorer: numbers within one part in a thousand, and texts that differ in white space, case or LaTeX
 * spacing alone, count as the same.
 */

/** Most mistakes that a question keeps: agents that err coincide by the popularity of a mistake, not for want of others. */
const mostMistakes = 8

const spacing = /\\[,!;: ]|\\(?:left|right|displaystyle)(?![a-z])|\s+/gi
const fraction = /^(-?)(?:\\[dt]?frac\{(-?[\d.]+)\}\{([\d.]+)\}|([\d.]+)\/([\d.]+))$/

/** The value of a plain number or fraction; NaN: neither. */
export function plainValue(answer: string): number {
  const plain = answer.replace(spacing, '').replace(/\\?[$%]|,(?=\d)/g, '')
  const match = fraction.exec(plain)
  if (match === null) return Number(plain === '' ? Number.NaN : plain)
  const [, sign, top, bottom, left, right] = match
  return (Number(top ?? left) / Number(bottom ?? right)) * (sign === '-' ? -1 : 1)
}

function isSame(a: string, b: string): boolean {
  const plain = (text: string) => text.replace(spacing, '').replace(/\.$/, '').toLowerCase()
  if (plain(a) === plain(b)) return true
  const [first, second] = [plainValue(a), plainValue(b)]
  return Math.abs(first - second) <= Math.max(0.01, 1e-3 * Math.min(Math.abs(first), Math.abs(second)))
}

/** The first distinct ones of `candidates`, none the same as `key`; at most 8. */
export function distinctMistakes(key: string, candidates: Iterable<string>): readonly string[] {
  const kept: string[] = []
  for (const candidate of candidates) {
    if (candidate.trim() === '' || [key, ...kept].some((other) => isSame(candidate, other))) continue
    kept.push(candidate)
    if (kept.length === mostMistakes) break
  }
  return kept
}

/** `items` in drawn order. */
export function shuffled<T>(items: readonly T[], random: { below(n: number): number }): readonly T[] {
  const left = [...items]
  return Array.from({ length: items.length }, () => left.splice(random.below(left.length), 1)[0] as T)
}
