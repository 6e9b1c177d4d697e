/**
 * @file From the queries of a live run to its result: the real texts are judged, everything else is counted.
 *
 * Latency runs from the instant at which a query was due to the last byte. What was refused, failed, cut off or given up
 * counts as unanswered. Strict and degraded go by what INFRAMIND tells of the run; of another server an answer that ended
 * at its length limit is not whole. Engine time cannot be seen from outside: `gpu_seconds` is 0, `joules` null.
 */
import { mean, quantileSorted } from '../../../core/index.ts'
import { type Score, type ScoringDeps, score } from '../../scoring/index.ts'
import type { RunSpec } from '../plan-runs.ts'
import { neverMs, type QueryOutcome } from '../play/query-outcome.ts'
import { RunTally } from '../play/run-tally.ts'
import { scoreCell } from '../play/score-cell.ts'
import { type QueueSeries, type RunResult, runResultSchemaId } from '../run-result.ts'
import { type ReplyEnd, replyEnds } from './ask.ts'
import type { Asked } from './live-setting.ts'
import type { LiveQuery } from './play-live.ts'
import { backlogOver, type Window } from './queue-watch.ts'
import { isFallback, toTallied } from './story.ts'

export interface ScoreLiveInput {
  readonly spec: RunSpec
  readonly inputsHash: string
  readonly asked: Asked
  /** In the order of arrival, warm-up included. */
  readonly queries: readonly LiveQuery[]
  readonly window: Window
  readonly queues: QueueSeries
  readonly isOrchestrated: boolean
  readonly scoring: ScoringDeps
}

/** What a result file has no room for: how the client did, why queries went unanswered, what scoring said. */
export interface LiveFacts {
  readonly key: string
  readonly ends: Readonly<Record<ReplyEnd, number>>
  readonly verdicts: Readonly<Record<Score['verdict'], number>>
  /** How much later than due the measured queries were sent, in ms of the results: the client's own fault. */
  readonly sendLagMs: { readonly mean: number; readonly p50: number; readonly p99: number } | null
}

export interface LiveScored {
  readonly result: RunResult
  readonly facts: LiveFacts
}

export async function scoreLive(input: ScoreLiveInput): Promise<LiveScored> {
  const { spec, asked, queries, window, isOrchestrated } = input
  const measured = queries.filter(({ isMeasured }) => isMeasured)
  const tally = new RunTally()
  const outcomes: QueryOutcome[] = []
  const verdicts = { correct: 0, wrong: 0, unparsed: 0, error: 0 }
  for (const query of measured) {
    addToTally(tally, query)
    const verdict = query.reply.end === 'answered' ? await judge(query, input.scoring) : null
    if (verdict !== null) verdicts[verdict] += 1
    outcomes.push(outcomeOf(query, verdict))
  }
  const identity = {
    method: spec.method,
    scheduler: isOrchestrated ? ('default' as const) : ('fcfs' as const),
    isEnforced: isOrchestrated,
    dataset: spec.dataset,
    ratePerMinute: spec.ratePerMinute,
    budgetSeconds: spec.budgets[0] ?? null,
    seed: spec.seed,
  }
  const ends = queries.map(({ arrivedAtMs, reply }) => ({ arrivedAtMs, finishedAtMs: reply.finishedAtMs }))
  const cell = scoreCell(identity, outcomes, {
    outputTokens: tally.outputTokens,
    calls: tally.calls,
    gpuSeconds: 0,
    ...backlogOver(ends, window),
  })
  const result: RunResult = {
    schema: runResultSchemaId,
    key: spec.key,
    inputsHash: input.inputsHash,
    method: spec.method,
    dataset: spec.dataset,
    ratePerMinute: spec.ratePerMinute,
    seed: spec.seed,
    cells: [cell],
    questionCount: asked.questions.length,
    setSizes: [...asked.setSizes],
    warmUpQueries: queries.length - measured.length,
    ...tally.result(),
    queues: input.queues,
  }
  return { result, facts: { key: spec.key, ends: countEnds(measured), verdicts, sendLagMs: sendLag(measured) } }
}

const judge = async ({ question, reply }: LiveQuery, scoring: ScoringDeps) =>
  (await score(question, reply.text, scoring)).verdict

function outcomeOf(
  { question, reply, arrivedAtMs, budgetMs }: LiveQuery,
  verdict: Score['verdict'] | null,
): QueryOutcome {
  const { story, finishReason, end } = reply
  const isAnswered = end === 'answered'
  const fellBack = story === null ? finishReason === 'length' : isFallback(story)
  const isParsed = verdict !== 'unparsed' || question.format === 'code' || question.format === 'text'
  return {
    latencyMs: isAnswered ? reply.finishedAtMs - arrivedAtMs : neverMs,
    isCorrect: verdict === 'correct',
    isStrict: isAnswered && isParsed && !fellBack && (story?.degraded ?? null) === null,
    isDegraded: isAnswered && fellBack,
    budgetMs,
  }
}

/** A server that tells nothing makes one call per answer. */
function addToTally(tally: RunTally, { reply: { end, story, planned, usage } }: LiveQuery): void {
  if (story !== null && planned !== null) tally.add(toTallied(story, planned, usage))
  else if (end === 'answered') {
    tally.calls += 1
    tally.outputTokens += usage?.outputTokens ?? 0
  }
}

const countEnds = (queries: readonly LiveQuery[]): LiveFacts['ends'] =>
  Object.fromEntries(
    replyEnds.map((end) => [end, queries.filter(({ reply }) => reply.end === end).length]),
  ) as LiveFacts['ends']

function sendLag(queries: readonly LiveQuery[]): LiveFacts['sendLagMs'] {
  if (queries.length === 0) return null
  const lags = queries.map(({ reply, arrivedAtMs }) => reply.sentAtMs - arrivedAtMs).sort((a, b) => a - b)
  return { mean: mean(lags), p50: quantileSorted(lags, 0.5), p99: quantileSorted(lags, 0.99) }
}
