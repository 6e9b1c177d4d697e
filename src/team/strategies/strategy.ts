/**
 * @file The three depths of thought as text: what an agent is told about how long to think.
 *
 * A strategy is prompt text and engine settings together, because hybrid reasoning models ignore "answer at once": the
 * text is here, the settings come from the config per model (`extra_body`), the output caps are in `output-cap.ts`.
 * Each instruction is one line and unlike any other, so that it can be found again in a prompt (see prompts/read-meaning.ts).
 */
import { type ExtraBody, type JsonObject, type StrategyId, strategyIds } from '../../core/index.ts'

export interface Strategy {
  readonly id: StrategyId
  /** Opens a team member's system message. One line. */
  readonly instruction: string
  /** The same wish for a request that must keep its own form (ordinary chat, images, a schema). One line. */
  readonly shortInstruction: string
}

/** Flash, Concise and DeepThink, by id. */
export const strategies: Readonly<Record<StrategyId, Strategy>> = {
  Flash: {
    id: 'Flash',
    instruction: 'Give the answer at once: no explanation, no working, nothing around it.',
    shortInstruction: 'Reply at once, in as few words as serve the reader.',
  },
  Concise: {
    id: 'Concise',
    instruction: 'Note the two or three points that decide the matter, one line each, then give the answer.',
    shortInstruction: 'Keep the reply to what matters; leave out side remarks.',
  },
  DeepThink: {
    id: 'DeepThink',
    instruction:
      'Work step by step: state what you assume, reason through every step, check the result against the question, then give the answer.',
    shortInstruction: 'Think the reply through with care and check it before you give it.',
  },
}

/** Added where the topology asks every agent for step-by-step work (`cot`) and the strategy leaves room for it. One line. */
export const stepByStepText = 'Take the problem one step at a time, each step following from the one before.'

/** Whether `strategy` thinks deeper than `other`. */
export const deeperThan = (strategy: StrategyId, other: StrategyId): boolean =>
  strategyIds.indexOf(strategy) > strategyIds.indexOf(other)

/** The strategies not deeper than `ceiling`, from shallow to deep; all of them without a ceiling. */
export const strategiesUpTo = (ceiling?: StrategyId): readonly StrategyId[] =>
  ceiling === undefined ? strategyIds : strategyIds.slice(0, strategyIds.indexOf(ceiling) + 1)

/** Body fields that go with `strategy` on one model, from that model's `extra_body`; empty where none are set. */
export const strategyBody = (strategy: StrategyId, extraBody: ExtraBody = {}): JsonObject =>
  extraBody[strategy] ?? extraBody[strategy.toLowerCase()] ?? {}
