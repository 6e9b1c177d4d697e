/**
 * @file A prompt under another strategy: the same messages with another instruction.
 *
 * The instruction is the first line of our own message. A prompt in which nothing of ours stands (one call with tools or a
 * schema) is the same under every strategy; then only the output cap and the engine's settings differ.
 */
import { type ChatMessage, type StrategyId, textOf } from '../../core/index.ts'
import { stepByStepText, strategies } from '../../team/index.ts'

const instructions = new Set(Object.values(strategies).map(({ instruction }) => instruction))
const shortInstructions = new Set(Object.values(strategies).map(({ shortInstruction }) => shortInstruction))

/** Rewrites the lines of our message; other messages stay as they are. */
function mapOurs(
  messages: readonly ChatMessage[],
  write: (rest: readonly string[], isShort: boolean) => readonly string[],
): readonly ChatMessage[] {
  return messages.map((message) => {
    if (message.role !== 'system' || typeof message.content !== 'string') return message
    const [first = '', ...rest] = message.content.split('\n')
    const isShort = shortInstructions.has(first)
    if (!isShort && !instructions.has(first)) return message
    const after = rest[0] === stepByStepText ? rest.slice(1) : rest
    return { ...message, content: write(after, isShort).join('\n') }
  })
}

/** `messages` with the instruction of `strategy`. `stepByStep`: the topology asks for step-by-step work. */
export const withStrategy = (
  messages: readonly ChatMessage[],
  { strategy, stepByStep }: { readonly strategy: StrategyId; readonly stepByStep: boolean },
): readonly ChatMessage[] =>
  mapOurs(messages, (rest, isShort) => {
    const { instruction, shortInstruction } = strategies[strategy]
    const hint = stepByStep && strategy !== 'Flash' && !isShort ? [stepByStepText] : []
    return [isShort ? shortInstruction : instruction, ...hint, ...rest]
  })

/** Whether the topology's step-by-step line stands in our message. */
export const isStepByStep = (messages: readonly ChatMessage[]): boolean =>
  messages.some(
    ({ role, content }) =>
      role === 'system' && typeof content === 'string' && content.split('\n', 2)[1] === stepByStepText,
  )

/** Everything that is said, in order, without the strategy's instruction: what the table of prompts holds. */
export const promptText = (messages: readonly ChatMessage[]): string =>
  mapOurs(messages, (rest) => rest)
    .map(textOf)
    .filter((text) => text !== '')
    .join('\n\n')
