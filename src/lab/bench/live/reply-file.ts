/**
 * @file Replies as they come, one JSON line each: what was answered can be judged again (`rescore` of lab/scoring).
 *
 * A line is written whole by one synchronous call, so an interrupted benchmark leaves whole lines. Lines of a run that is
 * played again are added; `atMs` (real time of the run's start) tells them apart.
 */
import { appendFileSync } from 'node:fs'
import { ConfigError } from '../../../core/index.ts'
import type { LiveQuery } from './play-live.ts'

export class ReplyFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** `runKey`: of the run that asked; `startedAtMs`: its start. Throws ConfigError on a full disk. */
  add({ question, reply, ...query }: LiveQuery, run: { readonly key: string; readonly startedAtMs: number }): void {
    const line = {
      questionId: question.id,
      reply: reply.text,
      run: run.key,
      atMs: Math.round(run.startedAtMs),
      isMeasured: query.isMeasured,
      end: reply.end,
      httpStatus: reply.httpStatus,
      problem: reply.problem,
      finishReason: reply.finishReason,
      arrivedMs: round(query.arrivedAtMs - run.startedAtMs),
      latencyMs: round(reply.finishedAtMs - query.arrivedAtMs),
      sendLagMs: round(reply.sentAtMs - query.arrivedAtMs),
      budgetMs: query.budgetMs,
      usage: reply.usage,
      inframind: reply.story,
    }
    try {
      appendFileSync(this.#path, `${JSON.stringify(line)}\n`)
    } catch (error) {
      const fix = 'Make room or choose another folder with --out; replies so far and finished runs are kept.'
      const problem = { path: this.#path, expected: 'a file that can be written', got: (error as Error).message, fix }
      throw new ConfigError([problem], 'the disk')
    }
  }
}

const round = (ms: number) => Math.round(ms * 10) / 10
