/**
 * @file The messages of one step: the caller's conversation, and one message of ours.
 *
 * The caller's messages stand unchanged and in order. Ours is one system message right after the caller's leading system
 * and developer messages: beside their text, never instead of it, and never a user turn, so that chat templates which
 * insist on alternating turns still take the conversation. A request with tools or a schema that one call answers gets
 * nothing of ours at all; ordinary chat gets one sentence.
 */
import type { ChatMessage, PlannedStep, Query, StrategyId } from '../../core/index.ts'
import { role as findRole, type Role } from '../roles/index.ts'
import { stepByStepText, strategies } from '../strategies/index.ts'
import { leadingCount, type Voice, voiceOf, writeHeading, writeNotesHeading } from './frame.ts'
import { type StepInput, writeNotes } from './notes.ts'
import { kindText, notesCaution, outputText, timeText } from './step-text.ts'

export interface ComposeInput {
  readonly query: Pick<Query, 'messages' | 'domain' | 'answerFormat' | 'soloReason'>
  readonly step: Pick<PlannedStep, 'kind' | 'role' | 'isLast'>
  readonly strategy: StrategyId
  /** Outputs of the steps that this one reads, in the order of `reads`. */
  readonly inputs: readonly StepInput[]
  /** Until the query's deadline. */
  readonly remainingMs: number
  /** Budget of one note's text. */
  readonly edgeTokens: number
  /** The topology's `stepByStep`. Absent: false. */
  readonly stepByStep?: boolean
}

function noteLines(input: ComposeInput, role: Role): readonly string[] {
  const { query, step, inputs, edgeTokens } = input
  if (inputs.length === 0) return []
  // Results alone help one who solves; who revises or merges must see how they came about.
  const aggregation = role.aggregation === 'hints' && step.kind !== 'review' ? 'plain' : role.aggregation
  const notes = writeNotes(inputs, { format: query.answerFormat, aggregation, edgeTokens })
  return [writeNotesHeading(inputs.length), notesCaution, ...notes]
}

function fullLines(input: ComposeInput, role: Role): readonly string[] {
  const { query, step, strategy, inputs, remainingMs, stepByStep = false } = input
  const format = query.answerFormat
  return [
    strategies[strategy].instruction,
    ...(stepByStep && strategy !== 'Flash' ? [stepByStepText] : []),
    writeHeading({ kind: step.kind, role: step.role, format }),
    role.text,
    ...(inputs.length === 0 ? [] : [kindText(step.kind, role) ?? '']),
    outputText(role, format, step),
    timeText(remainingMs),
    ...noteLines(input, role),
  ]
}

function shortLines(input: ComposeInput, role: Role): readonly string[] {
  const { query, step, strategy, inputs } = input
  const instruction = strategies[strategy].shortInstruction
  if (inputs.length === 0) return [instruction]
  return [
    instruction,
    writeHeading({ kind: step.kind, role: null, format: query.answerFormat }),
    kindText(step.kind, null) ?? '',
    ...noteLines(input, role),
  ]
}

const linesOf: Readonly<Record<Voice, (input: ComposeInput, role: Role) => readonly string[]>> = {
  full: fullLines,
  short: shortLines,
  silent: () => [],
}

/** The messages to send for one step. Throws `INVARIANT_VIOLATED` where no file has the step's role. */
export function composeMessages(input: ComposeInput): readonly ChatMessage[] {
  const { query, step, inputs } = input
  const { messages } = query
  const lines = linesOf[voiceOf(query, step, inputs.length)](input, findRole(step.role, query.domain))
  if (lines.length === 0) return messages
  const ours: ChatMessage = { role: 'system', content: lines.join('\n') }
  const lead = leadingCount(messages)
  return [...messages.slice(0, lead), ours, ...messages.slice(lead)]
}
