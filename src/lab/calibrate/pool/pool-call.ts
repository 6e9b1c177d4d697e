/**
 * @file One call to an engine as it was measured: what calibration works on, whatever file it came from.
 *
 * Instants are ms of the collecting process's clock; only differences count. A call that was given up counts as cut at
 * the tokens it had: it held the engine until then, and its length is known to be at least that.
 */
import { z } from 'zod'
import {
  type Domain,
  domains,
  type ModelId,
  type ReplicaId,
  type StrategyId,
  strategyIds,
} from '../../../core/index.ts'

export interface PoolCall {
  /** By which a graded answer names it; absent: none was written. */
  readonly id?: string
  readonly engine: ReplicaId
  readonly model: ModelId
  /** Null: no instruction of depth stood in the prompt. */
  readonly strategy: StrategyId | null
  /** Null: not said. */
  readonly domain: Domain | null
  /** Concurrent requests that were asked for while it was measured; null: ordinary traffic. */
  readonly level: number | null
  readonly promptTokens: number
  readonly outputTokens: number
  /** False: `outputTokens` was estimated by the client, as of calls that were given up. Default true. */
  readonly isCounted?: boolean
  /** Sent to keep the load up, and given up when that is over: those that ended late are the short ones. Default false. */
  readonly isBackground?: boolean
  /** Its length is a lower bound: the cap, or the caller, ended it. */
  readonly isCut: boolean
  readonly sentAtMs: number
  /** Null: not streamed, so that only its whole duration is known. */
  readonly firstTokenAtMs: number | null
  readonly finishedAtMs: number
  /** As the engine last said before the call was sent; null: it did not. */
  readonly running: number | null
  readonly waiting: number | null
  readonly kvUsage: number | null
  readonly capTokens: number | null
}

const count = z.number().int().nonnegative()

const written = z
  .object({
    id: z.string().nullish(),
    engine: z.string().min(1),
    model: z.string().min(1),
    strategy: z.enum(strategyIds).nullish(),
    domain: z.enum(domains as readonly [Domain, ...Domain[]]).nullish(),
    level: z.number().nonnegative().nullish(),
    promptTokens: count,
    outputTokens: count,
    isUsageReported: z.boolean().nullish(),
    isBackground: z.boolean().nullish(),
    isCut: z.boolean().nullish(),
    sentAtMs: z.number(),
    firstTokenAtMs: z.number().nullish(),
    finishedAtMs: z.number(),
    running: z.number().nonnegative().nullish(),
    waiting: z.number().nonnegative().nullish(),
    // An engine may count blocks that it is about to free: a little over full is full. Per cent are another form.
    kvUsage: z
      .number()
      .min(0)
      .max(1.5)
      .transform((usage) => Math.min(1, usage))
      .nullish(),
    capTokens: z.number().positive().nullish(),
  })
  .refine((call) => call.finishedAtMs > call.sentAtMs, { path: ['finishedAtMs'], message: 'an instant after sentAtMs' })
  .refine(
    ({ firstTokenAtMs: first, sentAtMs, finishedAtMs }) =>
      first === null || first === undefined || (first > sentAtMs && first <= finishedAtMs),
    { path: ['firstTokenAtMs'], message: 'an instant after sentAtMs and not after finishedAtMs' },
  )

/** A line of calls.jsonl; `problem` says what is wrong with it. */
export function parsePoolCall(line: unknown): { readonly call: PoolCall } | { readonly problem: string } {
  const parsed = written.safeParse(line)
  if (!parsed.success)
    return { problem: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') }
  const { data } = parsed
  return {
    call: {
      ...(data.id == null ? {} : { id: data.id }),
      engine: data.engine,
      model: data.model,
      strategy: data.strategy ?? null,
      domain: data.domain ?? null,
      level: data.level ?? null,
      promptTokens: data.promptTokens,
      outputTokens: data.outputTokens,
      isCut: data.isCut ?? false,
      ...(data.isBackground === true ? { isBackground: true } : {}),
      ...(data.isUsageReported === false ? { isCounted: false } : {}),
      sentAtMs: data.sentAtMs,
      firstTokenAtMs: data.firstTokenAtMs ?? null,
      finishedAtMs: data.finishedAtMs,
      running: data.running ?? null,
      waiting: data.waiting ?? null,
      kvUsage: data.kvUsage ?? null,
      capTokens: data.capTokens ?? null,
    },
  }
}

export const e2eMsOf = (call: PoolCall): number => call.finishedAtMs - call.sentAtMs
export const ttftMsOf = (call: PoolCall): number | null =>
  call.firstTokenAtMs === null ? null : call.firstTokenAtMs - call.sentAtMs
