/**
 * @file What a question is about and what form its answer has, by cheap rules.
 *
 * Three kinds of task are known to gain from a team or from depth: mathematics (an answer that can be compared), code,
 * and multiple choice. Anything else is `general`: ordinary conversation, answered by one agent. The rules lean towards
 * `general`, because a team that was not asked for costs more than one that was missed.
 * Cost: a few regular expressions over the last user message; cached by text.
 */
import type { AnswerFormat, ChatMessage, Domain } from '../../core/index.ts'
import { findOptions } from './options.ts'
import { cacheByText } from './text-cache.ts'

export interface Classification {
  readonly domain: Domain
  readonly answerFormat: AnswerFormat
  /** `chat`: ordinary conversation, one agent must do. */
  readonly soloReason: 'chat' | null
}

export interface ClassifyInput {
  readonly messages: readonly ChatMessage[]
  /** Text of the last user message. */
  readonly text: string
  /** Domain that the caller named; the answer's form is then read within it. */
  readonly domainHint?: Domain | null
}

/** Task marks of code: a request to write, fix or test, or program text itself. */
const codeMarks: readonly RegExp[] = [
  /\b(?:write|implement|create|complete|fix|debug|refactor|optimi[sz]e|code|develop|port|rewrite)\b[^.?!\n]{0,80}\b(?:function|method|class|program|script|code|algorithm|regex|regular expression|sql query|unit tests?|parser|api endpoint|decorator|module)\b/i,
  /\b(?:python|javascript|typescript|java|rust|golang|haskell|c\+\+|c#|sql|bash|ruby|kotlin|swift)\b[^.?!\n]{0,60}\b(?:function|program|script|code|class|query|one-liner|snippet|method)\b/i,
  /^\s*def \w+\(.*\)\s*(?:->.*)?:/m,
  /^\s*assert \w+\(/m,
  /^\s*>>> /m,
  /\b(?:why|what) (?:does|is wrong with|doesn't)\b[^.?!\n]{0,40}\b(?:this code|my code|this function|this script|this program)\b/i,
  /\b(?:traceback \(most recent call last\)|stack trace|segmentation fault|syntaxerror|typeerror|nullpointerexception)\b/i,
]

/** Each mark of mathematics with its weight; 2 make a task of it. */
const mathMarks: readonly (readonly [RegExp, number])[] = [
  [
    /\\(?:frac|sqrt|sum|int|prod|lim|cdot|times|begin|left|pi|theta|alpha|infty|le|ge|log|sin|cos|tan|binom|angle|triangle|mathbb|overline)\b/,
    2,
  ],
  [/\$[^$\n]*[\d\\^_=+][^$\n]*\$/, 2],
  [/\d\s*[-+*/^×÷]\s*\(?-?\d/, 2],
  [/\b[a-z]\s*(?:\^\s*\d|²|³)|\b\d+[a-z]\s*[-+=]/, 2],
  [/\b[a-z]\s*=\s*-?\d/, 1],
  [
    /\b(?:solve|evaluate|compute|calculate|simplify|factor|factori[sz]e|integrate|differentiate|find the (?:value|sum|product|number|area|volume|probability|remainder|limit|derivative|integral|smallest|largest|greatest|least|roots?|slope|median|mean|average|distance|perimeter|length))\b/i,
    1,
  ],
  [
    /\b(?:prime|divisible|remainder|modulo|polynomial|equation|triangle|circle|radius|perimeter|integer|integers|digits?|square root|cube root|cubed|squared|probability|logarithm|derivative|integral|matrix|vector|arithmetic sequence|geometric (?:sequence|series)|permutations?|combinations?|factorial|hypotenuse|parallelogram|coordinates?|quadratic|fraction|percent(?:age)?)\b/i,
    1,
  ],
  [
    /\b(?:how (?:many|much|far|long|old|fast|tall|heavy|often)|what (?:is|was|are) the (?:total|average|sum|difference))\b/i,
    1,
  ],
  [
    /\b(?:ratio|distance|speed|price|cost|profit|average|volume|area|divisors?|multiples?|weighs?|twice as|half as|per hour)\b/i,
    1,
  ],
  [/\\[[(].*\d/, 2],
  [/\b(?:times|plus|minus|divided by|multiplied by)\s+(?:-?\d|[a-z]\b)/i, 1],
]

/** Words that ask for a text, whatever numbers stand in it. */
const proseMarks =
  /\b(?:essay|poem|story|haiku|email|e-mail|letter|recipe|itinerary|slogan|lyrics|summari[sz]e|translate|paraphrase|proofread|recommend|suggest|advice|opinion|brainstorm|plan a|describe|tell me about|explain|history of|rewrite this|what do you think)\b/i

const mathScoreNeeded = 2

/** Numbers in digits, and the words that stand for one in a word problem. */
const quantities =
  /\d[\d,.]*|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|dozen|half|third|quarter|twice|double|triple|thrice)\b/gi

function isCode(text: string): boolean {
  return codeMarks.some((mark) => mark.test(text))
}

function isMath(text: string): boolean {
  // A text that asks for prose must look like mathematics beyond having numbers.
  let score = proseMarks.test(text) ? -1.5 : 0
  const found = text.match(quantities)?.length ?? 0
  if (found >= 2) score += found >= 4 ? 2 : 1
  // Two general cues without any quantity are a question about the world, not a sum.
  else if (found === 0 && !/\\|\b(?:prime|polynomial|equation|integral|derivative|matrix|sphere)\b/i.test(text))
    return false
  for (const [mark, weight] of mathMarks) if (mark.test(text)) score += weight
  return score >= mathScoreNeeded
}

const readTask = cacheByText((text: string): Classification => {
  if (isCode(text)) return { domain: 'code', answerFormat: 'code', soloReason: null }
  if (findOptions(text).length > 0) return { domain: 'knowledge', answerFormat: 'choice', soloReason: null }
  if (isMath(text)) return { domain: 'math', answerFormat: 'number', soloReason: null }
  return { domain: 'general', answerFormat: 'text', soloReason: 'chat' }
}, 2_048)

/** Form of the answer within a domain that the caller named. */
function formatWithin(domain: Domain, text: string): AnswerFormat {
  if (domain === 'code') return 'code'
  if (domain === 'general') return 'text'
  if (findOptions(text).length > 0) return 'choice'
  return domain === 'math' ? 'number' : 'text'
}

/** Domain, form of the answer, and whether one agent must do. Never throws; an empty text is conversation. */
export function classify({ text, domainHint }: ClassifyInput): Classification {
  if (!domainHint) return readTask(text)
  const answerFormat = formatWithin(domainHint, text)
  return { domain: domainHint, answerFormat, soloReason: domainHint === 'general' ? 'chat' : null }
}
