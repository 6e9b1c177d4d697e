/**
 * @file A query: what came in, and by when its answer must be out.
 *
 * One deadline for the whole job: `deadlineAtMs = arrivedAtMs + budgetMs`, the same for every call made on its behalf.
 */
import type { ChatMessage } from './chat.ts'
import type { RunId, TopologyId } from './ids.ts'
import type { JsonObject } from './json.ts'
import type { StrategyId } from './strategy.ts'

/** What a query is about; chooses roles, prompts and which numbers of the profile apply. */
export type Domain = 'math' | 'code' | 'knowledge' | 'general'
export const domains: readonly Domain[] = ['math', 'code', 'knowledge', 'general']

/** Form of the answer: `number` and `choice` can be compared and voted on, `code` and `text` cannot. */
export type AnswerFormat = 'number' | 'choice' | 'code' | 'text'

/** Limits that the caller or the virtual model sets. Absent: no limit beyond the gateway's own. */
export interface QueryLimits {
  readonly topology?: TopologyId
  /** 1-6. */
  readonly maxAgents?: number
  /** This depth for every step. */
  readonly strategy?: StrategyId
  /** No step thinks deeper than this (from `reasoning_effort`). */
  readonly deepestStrategy?: StrategyId
  /** Calls to engines, insurance and retries included. */
  readonly maxCalls?: number
  /** Prompt and output tokens over all steps. */
  readonly maxTotalTokens?: number
  /** Late: answer with the best there is (default), or fail with 504. */
  readonly onDeadline?: 'best-effort' | 'fail'
}

/** Numbers read off the text, shared by planner, executor and predictors. */
export interface QueryFeatures {
  /** Hashed words and letter groups: [384], L2-normalised. */
  readonly embedding: Float32Array
  /** Hand-made features (lengths, digits, operators ...), order as in `policy/embed`. */
  readonly hand: Float32Array
}

/** Where a budget of `auto` came from: factor x predicted 95 % quantile of the default team, within bounds. */
export interface AutoBudget {
  readonly predictedP95Ms: number
  readonly factor: number
}

export interface Query {
  readonly runId: RunId
  readonly arrivedAtMs: number
  readonly budgetMs: number
  /** Absent: the budget was given. */
  readonly autoBudget?: AutoBudget
  readonly deadlineAtMs: number
  /** The caller's conversation, unchanged and in order. */
  readonly messages: readonly ChatMessage[]
  /** Text of the last user message: what is classified, embedded and, in the twin, looked up. */
  readonly text: string
  /** Estimated tokens of all messages. */
  readonly promptTokens: number
  readonly domain: Domain
  readonly answerFormat: AnswerFormat
  /** Why one agent must do (tools, response_format, ordinary chat); null where a team may help. */
  readonly soloReason: 'tools' | 'response-format' | 'chat' | 'media' | null
  readonly limits: QueryLimits
  /** Request fields for the last step alone, in OpenAI's names: temperature, stop, tools, response_format ... */
  readonly finalStepBody: JsonObject
  /** Output cap of the last step, from max_tokens or max_completion_tokens; null: the strategy's own cap. */
  readonly maxOutputTokens: number | null
  /** Seed given by the caller; null: none. */
  readonly seed: number | null
  readonly features: QueryFeatures
}
