/** @file Where a simulated engine gets its answers from: a port, so that engine and answer model can be tested apart. */
import type { EngineCall, ModelId } from '../../core/index.ts'

export interface SimulatedAnswer {
  /** The whole answer, as if it were not cut. */
  readonly text: string
  /** Tokens of the whole answer; the engine cuts at the call's cap. >= 1. */
  readonly outputTokens: number
  /** Tokens of the prompt as the simulated tokenizer counts them. */
  readonly promptTokens: number
  /** Right by the question's key, as if not cut; null: no key is held for this question. */
  readonly isRight: boolean | null
}

export interface AnswerSource {
  /** Deterministic in (source's seed, call.id, model): asking twice gives the same answer. */
  answer(call: EngineCall, model: ModelId): SimulatedAnswer
}
