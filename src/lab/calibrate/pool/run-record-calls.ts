/**
 * @file The calls that stand in a gateway's run records: every attempt that reached an engine and gave tokens.
 *
 * What the gateway saw of the engine when it chose stands in as what the engine said; gateway records know no cap. Only
 * the fields that calls are made of are asked for: records of other versions may differ in the rest.
 */
import { z } from 'zod'
import { type Domain, domains, strategyIds } from '../../../core/index.ts'
import { type PoolCall, parsePoolCall } from './pool-call.ts'
import type { LineReading } from './read-lines.ts'

const gauge = z.number().nonnegative().nullish()
const instant = z.number().nullable()

const step = z.object({
  choice: z.union([
    z.object({ stop: z.string() }),
    z.object({ model: z.string().min(1), strategy: z.enum(strategyIds) }),
  ]),
  replica: z.string().nullable(),
  sentAtMs: instant,
  firstTokenAtMs: instant,
  finishedAtMs: instant,
  usage: z.object({ promptTokens: z.number(), outputTokens: z.number() }),
  outcome: z.string(),
  seen: z.array(z.object({ model: z.string(), running: gauge, waiting: gauge, kvUsage: gauge })),
})

const written = z.object({
  query: z.object({ domain: z.enum(domains as readonly [Domain, ...Domain[]]) }),
  steps: z.array(step),
})

/** Calls of one run, in the order of its steps; `problem` says what is wrong with the record. */
export function readCallsOfRun(line: unknown): LineReading<readonly PoolCall[]> {
  const parsed = written.safeParse(line)
  if (!parsed.success) {
    return { problem: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') }
  }
  const { query, steps } = parsed.data
  const calls: PoolCall[] = []
  for (const each of steps) {
    const fields = fieldsOf(each, query.domain)
    if (fields === null) continue
    const read = parsePoolCall(fields)
    if ('problem' in read) return read
    calls.push(read.call)
  }
  return { value: calls }
}

/** As in `calls.jsonl`; null: no call that gave tokens. */
function fieldsOf(
  { choice, replica, sentAtMs, firstTokenAtMs, finishedAtMs, usage, outcome, seen }: z.infer<typeof step>,
  domain: Domain,
) {
  if ('stop' in choice || replica === null || sentAtMs === null || finishedAtMs === null) return null
  if (usage.outputTokens < 1 || finishedAtMs <= sentAtMs || outcome === 'failed') return null
  const { running, waiting, kvUsage } = seen.find(({ model }) => model === choice.model) ?? {}
  return {
    engine: replica,
    model: choice.model,
    strategy: choice.strategy,
    domain,
    ...usage,
    isCut: outcome !== 'done',
    sentAtMs,
    firstTokenAtMs,
    finishedAtMs,
    running,
    waiting,
    kvUsage,
  }
}
