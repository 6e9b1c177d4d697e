/**
 * @file Reads back from messages what a call means: the inverse of `composeMessages`, for a simulated engine behind HTTP.
 *
 * Our message is known by its place, the last of the leading system and developer messages, and by its first line, a
 * strategy's instruction word for word. A caller who imitates it in any other place is not heard, nor an agent who
 * imitates headings inside its note. Limits: where nothing of ours stands in the prompt (a relayed request, tools or a
 * schema answered by one call), an imitation in our place is taken for ours; and of a note without a comparable answer
 * that was cut to its budget, what is left is all that is read.
 */
import { type CallMeaning, type ChatMessage, type StepKind, type StrategyId, textOf } from '../../core/index.ts'
import { isNotesHeading, leadingCount, readHeading, readInstruction } from './frame.ts'
import { modelsOf, type ReadNotes, readNotes } from './notes.ts'

type Part = Omit<CallMeaning, 'questionText'>

const nothingOfOurs: Part = { strategy: null, kind: 'solve', role: null, inputs: [] }
const alone = (strategy: StrategyId, kind: StepKind = 'solve'): Part => ({ strategy, kind, role: null, inputs: [] })

const noNotes: ReadNotes = { gists: [], models: [] }

function readOurs(text: string): Part {
  const lines = text.split('\n')
  const instruction = readInstruction(lines[0] as string)
  if (!instruction) return nothingOfOurs
  // The step-by-step line of some topologies may stand between instruction and heading.
  const headingAt = [1, 2].find((index) => readHeading(lines[index] ?? '') !== null)
  const heading = headingAt === undefined ? null : readHeading(lines[headingAt] as string)
  if (!heading) return instruction.isShort && lines.length === 1 ? alone(instruction.strategy) : nothingOfOurs
  const notesAt = lines.findIndex(isNotesHeading)
  // After the notes' heading comes one line of caution.
  const { gists, models } = notesAt < 0 ? noNotes : readNotes(lines, notesAt + 2)
  const inputModels = modelsOf(models)
  return {
    strategy: instruction.strategy,
    kind: heading.kind,
    role: heading.role,
    inputs: gists,
    ...(inputModels === null ? {} : { inputModels }),
  }
}

/** What the call that carries `messages` means. The question is the text of the last user message; empty without one. */
export function readMeaning(messages: readonly ChatMessage[]): CallMeaning {
  const question = messages.findLast(({ role }) => role === 'user')
  const ours = messages[leadingCount(messages) - 1]
  const isText = ours?.role === 'system' && typeof ours.content === 'string'
  const part = isText ? readOurs(ours.content as string) : nothingOfOurs
  return { questionText: question ? textOf(question) : '', ...part }
}
