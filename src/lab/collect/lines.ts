/**
 * @file What a collection holds on disk, line by line: prompts and workflows, calls, refusals, graded answers.
 *
 * `calls.jsonl` is the truth of phase 2: a cell (prompt x strategy x model x level) is done when its call stands there, or
 * when the engine refused it for good.
 * Instants are ms of the collecting clock, of which only differences count; counts are tokens. Fields that the engine
 * does not tell are null: absent is not zero.
 */
import { z } from 'zod'
import {
  type ChatMessage,
  type Domain,
  domains,
  type JsonObject,
  type ModelId,
  type StepKind,
  type StrategyId,
  strategyIds,
} from '../../core/index.ts'

/** A prompt that a step of a real workflow was sent. */
export interface PromptLine {
  readonly type: 'prompt'
  /** `workflow:step`, as `12:0/1`. */
  readonly id: string
  readonly workflow: number
  readonly role: string
  readonly kind: StepKind
  readonly domain: Domain
  /** Under which it was sent in phase 1; its instruction stands in `messages` and is exchanged for replays. */
  readonly strategy: StrategyId | null
  readonly stepByStep: boolean
  /** Whether it asks for an answer to the question, and shows no other agent's: what can be graded. */
  readonly isGradable: boolean
  readonly questionId: string | null
  readonly questionText: string
  /** Answers of other agents that stand in it, as `CallMeaning.inputs`. */
  readonly inputs: readonly string[]
  readonly inputModels: readonly ModelId[] | null
  readonly promptTokens: number
  readonly messages: readonly ChatMessage[]
  /** Sampling that the step asked for. */
  readonly body: JsonObject
}

/** Closes a workflow that was answered: its prompts stand before it. One that failed leaves nothing and is tried again. */
export interface WorkflowLine {
  readonly type: 'workflow'
  readonly workflow: number
  readonly topology: string
  readonly agents: number
}

const count = z.number().int().nonnegative()
const gauge = z.number().nonnegative().nullable()

export const callLineSchema = z.object({
  id: z.string().min(1),
  /** 1: a step of a workflow; 2: a replay. */
  phase: z.union([z.literal(1), z.literal(2)]),
  /** Only to keep the load up: no cell of its own. */
  isBackground: z.boolean(),
  /** Id of the prompt. */
  prompt: z.string(),
  role: z.string(),
  engine: z.string().min(1),
  model: z.string().min(1),
  strategy: z.enum(strategyIds as readonly [StrategyId, ...StrategyId[]]).nullable(),
  domain: z.enum(domains as readonly [Domain, ...Domain[]]),
  /** Concurrent requests that were asked for on the model, this one included; null: phase 1. */
  level: count.nullable(),
  /** `aborted`: given up by us after its first token; it held the engine until then. */
  status: z.enum(['done', 'cut', 'aborted']),
  promptTokens: count,
  outputTokens: count,
  /** False: estimated, as the engine sent no usage. */
  isUsageReported: z.boolean(),
  /** The output is a lower bound: the cap or we ended it. */
  isCut: z.boolean(),
  capTokens: count,
  sentAtMs: z.number(),
  firstTokenAtMs: z.number().nullable(),
  finishedAtMs: z.number(),
  /** As read from the engine just before the call was sent. */
  running: gauge,
  waiting: gauge,
  kvUsage: gauge,
  /** Our other calls under way just before sending: on the engine, on all engines. */
  ownInFlight: count,
  ownInPool: count,
})

export type CallLine = z.infer<typeof callLineSchema>

/** A cell that the engine will never take, for what is in it: too long, or not to its liking. */
export interface RefusedLine extends Cell {
  readonly code: string
  readonly message: string
}

/** A judged answer to a question whose key is known. Field names as in results: snake_case. */
export interface GradedLine {
  /** The question's id and set. */
  readonly id: string
  readonly set: string
  readonly domain: Domain
  /** Hash of the question's text. */
  readonly text_hash: string
  readonly model: ModelId
  readonly strategy: StrategyId | null
  readonly role: string
  readonly level: number | null
  readonly correct: boolean
  /** `unparsed` counts as wrong. */
  readonly verdict: 'correct' | 'wrong' | 'unparsed'
  readonly output_tokens: number
  readonly cut: boolean
  /** Id of the call in `calls.jsonl`. */
  readonly call: string
}

/** A prompt under a strategy on a model at a level. */
export interface Cell {
  readonly prompt: string
  readonly strategy: StrategyId
  readonly model: ModelId
  readonly level: number
}

export const cellKey = ({ prompt, strategy, model, level }: Cell): string => `${prompt} ${strategy} ${model} ${level}`

/** The cell that a call settles; null: none. */
export function cellOf(call: CallLine): Cell | null {
  const { phase, isBackground, status, strategy, level, prompt, model } = call
  if (phase === 1 || isBackground || status === 'aborted' || strategy === null || level === null) return null
  return { prompt, strategy, model, level }
}
