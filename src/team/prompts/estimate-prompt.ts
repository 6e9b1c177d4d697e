/**
 * @file How long a step's prompt will be, before its depth is chosen and without composing it. O(inputs), below 1 us.
 *
 * Lengths of our own lines stand for any strategy; a quarter of the characters counts as tokens, as everywhere.
 */
import type { PlannedStep, Query } from '../../core/index.ts'
import { isComparable } from '../answers/index.ts'
import { role as findRole } from '../roles/index.ts'
import { strategies } from '../strategies/index.ts'
import { voiceOf } from './frame.ts'

export interface EstimateInput {
  readonly query: Pick<Query, 'promptTokens' | 'domain' | 'answerFormat' | 'soloReason'>
  readonly step: Pick<PlannedStep, 'kind' | 'role' | 'isLast'>
  /** Output tokens of each step that this one reads, measured or expected. */
  readonly inputTokens: readonly number[]
  /** Budget of one note's text. */
  readonly edgeTokens: number
}

const meanLength = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + text.length, 0) / texts.length
const all = Object.values(strategies)
const shortTokens = meanLength(all.map(({ shortInstruction }) => shortInstruction)) / 4
const instructionTokens = meanLength(all.map(({ instruction }) => instruction)) / 4

// Heading, output format and time; the notes' heading with the text about the kind of step; one note's header.
const frameTokens = 46
const notesTokens = 46
const noteHeaderTokens = 16

/** Estimated prompt tokens of a step, the caller's messages included. */
export function estimateStepPromptTokens({ query, step, inputTokens, edgeTokens }: EstimateInput): number {
  const voice = voiceOf(query, step, inputTokens.length)
  if (voice === 'silent') return query.promptTokens
  const role = findRole(step.role, query.domain)
  const own = voice === 'full' ? instructionTokens + frameTokens + role.text.length / 4 : shortTokens
  if (inputTokens.length === 0) return Math.ceil(query.promptTokens + own)
  const isHinted = role.aggregation === 'hints' && step.kind === 'review' && isComparable(query.answerFormat)
  let notes = notesTokens
  for (const tokens of inputTokens) notes += noteHeaderTokens + (isHinted ? 0 : Math.min(tokens, edgeTokens))
  return Math.ceil(query.promptTokens + own + notes)
}
