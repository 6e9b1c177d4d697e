/**
 * @file What a call means, said without its text: for a simulated engine in the same process, which needs no messages.
 *
 * It says exactly what `readMeaning` would find in the composed messages, so that the twin answers alike in one process
 * and behind HTTP (except where a note was cut to its budget).
 */
import type { CallMeaning, PlannedStep, Query, StrategyId } from '../../core/index.ts'
import { voiceOf } from './frame.ts'
import { gistOf, modelNamed, modelsOf, type StepInput } from './notes.ts'

export interface MeaningInput {
  readonly query: Pick<Query, 'text' | 'answerFormat' | 'soloReason'>
  readonly step: Pick<PlannedStep, 'kind' | 'role' | 'isLast'>
  readonly strategy: StrategyId
  readonly inputs: readonly StepInput[]
}

/** The meaning of the call that `composeMessages` would write for the same step. */
export function meaningOf({ query, step, strategy, inputs }: MeaningInput): CallMeaning {
  const voice = voiceOf(query, step, inputs.length)
  const questionText = query.text
  if (voice === 'silent') return { questionText, strategy: null, kind: 'solve', role: null, inputs: [] }
  if (voice === 'short' && inputs.length === 0) return { questionText, strategy, kind: 'solve', role: null, inputs: [] }
  const role = voice === 'full' ? step.role : null
  const gists = inputs.map((input) => gistOf(input, query.answerFormat))
  const inputModels = modelsOf(inputs.map(modelNamed))
  return {
    questionText,
    strategy,
    kind: step.kind,
    role,
    inputs: gists,
    ...(inputModels === null ? {} : { inputModels }),
  }
}
