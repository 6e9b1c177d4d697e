/**
 * @file Notes: how the outputs of other agents stand in a prompt, and how they are found there again.
 *
 *     Note 1 of 2, from MathAnalyst (qwen-14b); final answer: 42; lines: 3
 *     (three lines of that agent's text)
 *
 * The number of lines stands in the header, so that a note ends where it ends whatever its text contains: an agent that
 * writes a header of its own changes nothing. A final answer that can be compared stands in the header too, since the
 * text may be cut to its budget: whole lines, the beginning and above all the end, where answers stand.
 */
import type { AnswerFormat, Arm, ModelId, RoleId } from '../../core/index.ts'
import { extractCode, isComparable, withoutThinking } from '../answers/index.ts'
import type { Aggregation } from '../roles/index.ts'

/** The output of a step, as a later step is shown it. An `AnswerInHand` is one. */
export interface StepInput {
  readonly role: RoleId
  /** Which model said it: named in the note, since a merger may trust one more than another. Absent: not named. */
  readonly arm?: Pick<Arm, 'model'>
  readonly text: string
  /** Final answer in normal form; null: none could be read. */
  readonly answer: string | null
  /** Result of the visible tests on its program; absent or null: not run. */
  readonly testsPassed?: boolean | null
}

export interface NoteStyle {
  readonly format: AnswerFormat
  /** `hints`: the final answer alone where there is one; `code`: of a long text the program alone. */
  readonly aggregation: Aggregation
  /** Budget of one note's text. */
  readonly edgeTokens: number
}

const charactersPerToken = 4
const header =
  /^Note \d+ of \d+, from ([\w-]+)(?: \(([^\s();]+)\))?(?:; final answer: ([\w.+-]+))?(?:; visible tests: (?:passed|failed))?; lines: (\d+)$/

/** What an agent said, its thinking left out. */
const noteText = (input: StepInput): string => withoutThinking(input.text).trim()

const comparableAnswer = (input: StepInput, format: AnswerFormat): string | null =>
  isComparable(format) && input.answer !== null && /^[\w.+-]+$/.test(input.answer) ? input.answer : null

/** What a note amounts to: its final answer where it can be compared, else the whole text without thinking. */
export const gistOf = (input: StepInput, format: AnswerFormat): string =>
  comparableAnswer(input, format) ?? noteText(input)

/** The model's name as a note may hold it; null: it is not named. */
export const modelNamed = ({ arm }: StepInput): ModelId | null =>
  arm !== undefined && /^[^\s();]+$/.test(arm.model) ? arm.model : null

/** The models, where every input names its own; null otherwise. */
export function modelsOf(named: readonly (ModelId | null)[]): readonly ModelId[] | null {
  const models = named.filter((model) => model !== null)
  return models.length > 0 && models.length === named.length ? models : null
}

/** As many whole lines as fit, from the start of `lines`. */
function linesWithin(lines: readonly string[], budget: number): readonly string[] {
  let used = 0
  const count = lines.findIndex((line) => {
    used += line.length + 1
    return used > budget
  })
  return count < 0 ? lines : lines.slice(0, count)
}

/** The end of a line too long for its budget; never half a surrogate pair. */
function endOf(line: string, budget: number): readonly string[] {
  if (budget <= 0) return []
  const end = line.slice(-budget)
  return [/^[\udc00-\udfff]/.test(end) ? end.slice(1) : end]
}

/** `text` cut to about `tokens`: a quarter for its first lines, the rest for its last, a marker between. O(length). */
export function cutToTokens(text: string, tokens: number): string {
  const budget = Math.max(0, Math.floor(tokens)) * charactersPerToken
  if (text.length <= budget) return text
  const lines = text.split('\n')
  const head = linesWithin(lines, budget / 4)
  const room = budget - head.reduce((sum, line) => sum + line.length + 1, 0)
  const whole = linesWithin(lines.slice(head.length).reverse(), room).toReversed()
  const tail = whole.length > 0 ? whole : endOf(lines.at(-1) as string, room)
  const cutLines = lines.length - head.length - whole.length
  return [...head, `[... ${cutLines} ${cutLines === 1 ? 'line' : 'lines'} cut ...]`, ...tail].join('\n')
}

function bodyOf(input: StepInput, answer: string | null, style: NoteStyle): string {
  if (style.aggregation === 'hints' && answer !== null) return ''
  const text = noteText(input)
  const isLong = text.length > style.edgeTokens * charactersPerToken
  const shown = style.aggregation === 'code' && isLong ? (extractCode(text) ?? text) : text
  return cutToTokens(shown, style.edgeTokens)
}

/** The notes as lines of a prompt. */
export function writeNotes(inputs: readonly StepInput[], style: NoteStyle): readonly string[] {
  return inputs.flatMap((input, index) => {
    const answer = comparableAnswer(input, style.format)
    const body = bodyOf(input, answer, style)
    const lines = body === '' ? [] : body.split('\n')
    const told = answer === null ? '' : `; final answer: ${answer}`
    const isTested = input.testsPassed !== undefined && input.testsPassed !== null
    const tests = isTested ? `; visible tests: ${input.testsPassed ? 'passed' : 'failed'}` : ''
    const model = modelNamed(input)
    const author = model === null ? input.role : `${input.role} (${model})`
    return [`Note ${index + 1} of ${inputs.length}, from ${author}${told}${tests}; lines: ${lines.length}`, ...lines]
  })
}

export interface ReadNotes {
  readonly gists: readonly string[]
  /** By note; null: it names none. */
  readonly models: readonly (ModelId | null)[]
}

/** The notes that begin at `lines[from]`; reading ends where no header of ours stands. */
export function readNotes(lines: readonly string[], from: number): ReadNotes {
  const gists: string[] = []
  const models: (ModelId | null)[] = []
  for (let index = from; index < lines.length; ) {
    const match = header.exec(lines[index] as string)
    if (!match) break
    const count = Number(match[4])
    models.push(match[2] ?? null)
    gists.push(match[3] ?? lines.slice(index + 1, index + 1 + count).join('\n'))
    index += 1 + count
  }
  return { gists, models }
}
