/**
 * @file The frame of our one message: its fixed lines, shared by the side that writes and the side that reads.
 *
 *     <strategy instruction>
 *     ## Your part: review, as Inspector (answer form: number)
 *     <role, kind of step, output format, time left>
 *     ## Notes from other agents: 2
 *     <notes>
 *
 * Where a request must keep its own form the message is the short instruction alone, or nothing.
 */
import {
  type AnswerFormat,
  type PlannedStep,
  type Query,
  type RoleId,
  type StepKind,
  type StrategyId,
  strategyIds,
} from '../../core/index.ts'
import { strategies } from '../strategies/index.ts'

/**
 * How much we may say: `full` to a member of a team; `short` where the reply must stay an ordinary one, and on the last
 * step of a team whose request has tools or a schema; `silent` where such a request is answered by one call.
 */
export type Voice = 'full' | 'short' | 'silent'

export type VoiceQuery = Pick<Query, 'soloReason'>
export type VoiceStep = Pick<PlannedStep, 'isLast' | 'kind'>

/** See `Voice`. `inputCount`: notes that the step reads. */
export function voiceOf(query: VoiceQuery, step: VoiceStep, inputCount: number): Voice {
  if (query.soloReason === null) return 'full'
  if (query.soloReason === 'chat' || query.soloReason === 'media') return 'short'
  if (!step.isLast) return 'full'
  return inputCount === 0 ? 'silent' : 'short'
}

const headingPattern =
  /^## Your part: (solve|revise|review|aggregate)(?:, as ([\w-]+))? \(answer form: (number|choice|code|text)\)$/
const notesPattern = /^## Notes from other agents: \d+$/

export interface Heading {
  readonly kind: StepKind
  /** Null: no role is told. */
  readonly role: RoleId | null
  readonly format: AnswerFormat
}

export const writeHeading = ({ kind, role, format }: Heading): string =>
  `## Your part: ${kind}${role === null ? '' : `, as ${role}`} (answer form: ${format})`

/** Null: `line` is no heading of ours. */
export function readHeading(line: string): Heading | null {
  const match = headingPattern.exec(line)
  if (!match) return null
  return { kind: match[1] as StepKind, role: match[2] ?? null, format: match[3] as AnswerFormat }
}

export const writeNotesHeading = (count: number): string => `## Notes from other agents: ${count}`
export const isNotesHeading = (line: string): boolean => notesPattern.test(line)

const byLine = new Map<string, { readonly strategy: StrategyId; readonly isShort: boolean }>(
  strategyIds.flatMap((strategy) => [
    [strategies[strategy].instruction, { strategy, isShort: false }] as const,
    [strategies[strategy].shortInstruction, { strategy, isShort: true }] as const,
  ]),
)

/** The strategy whose instruction `line` is, word for word; undefined: none. */
export const readInstruction = (line: string) => byLine.get(line)

/** Number of messages before the conversation proper: the caller's leading system and developer messages. */
export function leadingCount(messages: readonly { readonly role: string }[]): number {
  const first = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  return first < 0 ? messages.length : first
}
