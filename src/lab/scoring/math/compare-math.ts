/**
 * @file Compares two MATH answers: `isStrict` by their normalised texts, `isEquivalent` by what they mean.
 *
 * Never throws and never hangs: an answer beyond `longest` characters is compared as a text, depths and sizes are bounded
 * in every part. Ambiguities are settled so: `1,234` outside brackets is a number, within brackets two; a percent
 * sign or a unit may be left out; `\log` is of base 10; `i` is the imaginary unit and `e` Euler's number.
 */
import { areFormsEqual, isAtOdds, namedValue } from './compare-forms.ts'
import { readForm } from './form.ts'
import type { Form } from './form-types.ts'
import { tokenise } from './latex-tokens.ts'
import { plainText } from './plain-text.ts'
import { printForm } from './print-form.ts'
import { regroup } from './regroup.ts'

const longest = 1000

/** The form of an answer as written; null: too long or too deeply nested to read. */
function readAnswer(raw: string): Form | null {
  if (raw.length > longest) return null
  try {
    return readForm(regroup(tokenise(plainText(raw))))
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

const spell = (form: Form): string => printForm(namedValue(form)?.value ?? form)

/** The normal form of `raw`: of two answers with equal ones, neither name nor unit differing, each is right for the other. */
export function normaliseMath(raw: string): string {
  const form = readAnswer(raw)
  return form === null ? raw.trim() : spell(form)
}

export interface MathComparison {
  /** `math_strict`: equal as normalised texts. */
  readonly isStrict: boolean
  /** `math_equiv`: strict, or equal as numbers, at points, or by algebra. */
  readonly isEquivalent: boolean
}

/** Whether `a` and `b` are the same answer. Symmetric; every answer that says something equals itself. */
export async function compareMath(a: string, b: string): Promise<MathComparison> {
  const [formA, formB] = [readAnswer(a), readAnswer(b)]
  if (formA === null || formB === null) {
    const isSame = a.trim() === b.trim()
    return { isStrict: isSame, isEquivalent: isSame }
  }
  const isStrict = spell(formA) === spell(formB) && !isAtOdds(formA, formB)
  return { isStrict, isEquivalent: isStrict || (await areFormsEqual(formA, formB)) }
}
