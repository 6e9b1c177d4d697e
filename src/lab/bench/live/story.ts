/**
 * @file What INFRAMIND tells of a run within an answer, and how it counts: as the run's record would.
 *
 * Durations are the gateway's own (real) ms; they are only compared with one another. Told when the answer goes out: what
 * calls that were given up then still spend is not in it, nor is a run that failed.
 */
import { z } from 'zod'
import type { TalliedRun } from '../play/run-tally.ts'

/** Tokens of a whole answer, as the server counted them. */
export interface StreamUsage {
  readonly promptTokens: number
  readonly outputTokens: number
}

const ms = z.number().nullable()

const storySchema = z.looseObject({
  run_id: z.string(),
  topology: z.string(),
  elapsed_ms: z.number(),
  degraded: z.string().nullable(),
  steps: z.array(
    z.looseObject({
      model: z.string().nullable(),
      strategy: z.string().nullable(),
      queue_ms: ms,
      e2e_ms: ms,
      output_tokens: z.int().nonnegative(),
      predicted_ms: ms,
      status: z.string(),
    }),
  ),
})

const plannedSchema = z.looseObject({
  type: z.literal('planned'),
  topology: z.string(),
  agents: z.int().positive(),
  predicted_ms: z.number(),
})

export type RunStory = z.infer<typeof storySchema>
export type RunPlanned = z.infer<typeof plannedSchema>

export const readStory = (value: unknown): RunStory | null => storySchema.safeParse(value).data ?? null
export const readPlanned = (value: unknown): RunPlanned | null => plannedSchema.safeParse(value).data ?? null

const fallbacks: readonly (string | null)[] = ['insurance', 'best-so-far', 'cut']

/** Whether the answer was none of the plan's. The story names the worst way in which it fell short: these are the worst. */
export const isFallback = ({ degraded }: Pick<RunStory, 'degraded'>): boolean => fallbacks.includes(degraded)

/** The told run as the tally takes it. `usage`: over all its calls, where the answer gives it. */
export function toTallied(story: RunStory, planned: RunPlanned, usage: StreamUsage | null): TalliedRun {
  const toldTokens = story.steps.reduce((sum, step) => sum + step.output_tokens, 0)
  return {
    usage: { outputTokens: usage?.outputTokens ?? toldTokens },
    calls: story.steps.filter(({ queue_ms }) => queue_ms !== null).length,
    plan: { topology: story.topology, agents: planned.agents, predictedMs: planned.predicted_ms },
    answeredBy: story.degraded === 'insurance' ? 'insurance' : null,
    outcome: 'answered',
    degraded: story.degraded === null ? [] : [story.degraded],
    arrivedAtMs: 0,
    finishedAtMs: story.elapsed_ms,
    steps: story.steps.map(({ model, strategy, queue_ms, e2e_ms, predicted_ms, status }) => ({
      choice: model === null || strategy === null ? { stop: status } : { model, strategy },
      queuedAtMs: 0,
      sentAtMs: queue_ms,
      finishedAtMs: e2e_ms,
      outcome: status,
      predicted: predicted_ms === null ? null : { latencyMs: predicted_ms },
    })),
  }
}
