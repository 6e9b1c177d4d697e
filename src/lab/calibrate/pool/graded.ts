/** @file `graded.jsonl`: which answers were right. Shares of right answers and lengths by set follow from it. */
import { z } from 'zod'
import { type Domain, domains, type ModelId, type StrategyId, strategyIds } from '../../../core/index.ts'
import type { LineReading } from './read-lines.ts'

export interface GradedAnswer {
  /** The question's id. */
  readonly id: string
  /** Its question set. */
  readonly set: string
  readonly domain: Domain
  readonly model: ModelId
  /** Null: no instruction of depth. */
  readonly strategy: StrategyId | null
  readonly isCorrect: boolean
  /** Null: not written down. */
  readonly outputTokens: number | null
  readonly isCut: boolean
  /** Id of the call that gave it; absent: not written down. */
  readonly call?: string
}

const written = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  question: z.union([z.string(), z.number()]).optional(),
  set: z.string().min(1),
  domain: z.enum(domains as readonly [Domain, ...Domain[]]),
  model: z.string().min(1),
  strategy: z.enum(strategyIds).nullish(),
  correct: z.boolean(),
  output_tokens: z.number().int().nonnegative().nullish(),
  cut: z.boolean().nullish(),
  call: z.string().nullish(),
})

export function parseGraded(line: unknown): LineReading<GradedAnswer> {
  const parsed = written.safeParse(line)
  if (!parsed.success) {
    return { problem: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') }
  }
  const { id, question, set, domain, model, strategy, correct, output_tokens, cut, call } = parsed.data
  return {
    value: {
      id: String(id ?? question ?? ''),
      set,
      domain,
      model,
      strategy: strategy ?? null,
      isCorrect: correct,
      outputTokens: output_tokens ?? null,
      isCut: cut ?? false,
      ...(call == null ? {} : { call }),
    },
  }
}
