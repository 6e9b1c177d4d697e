/** @file What is counted of a live run: every arrival, by the real texts, from the instant it was due. */
import { describe, expect, it } from 'vitest'
import { aLiveQuery, aPlan, aQuestion, aStory } from '../../../../test/live-query.ts'
import { unpackBits } from '../results/index.ts'
import { runResultSchema } from '../run-result.ts'
import type { LiveQuery } from './play-live.ts'
import { type ScoreLiveInput, scoreLive } from './score-live.ts'

const window = { startMs: 0, endMs: 60_000 }

const scored = (queries: readonly LiveQuery[], change: Partial<ScoreLiveInput> = {}) =>
  scoreLive({
    spec: { key: 'k', method: 'live:m', dataset: 'synthetic-math', ratePerMinute: 6, seed: 1, budgets: [10] },
    inputsHash: 'h',
    asked: { questions: [aQuestion()], setSizes: [1] },
    queries,
    window,
    queues: { everySeconds: 1, models: {}, idleShare: {} },
    isOrchestrated: false,
    scoring: { runner: null },
    ...change,
  })

const rowOf = async (...queries: readonly LiveQuery[]) => (await scored(queries)).result.cells[0]!.row

describe('scoreLive', () => {
  it('judges the text, and gives a result of the common form', async () => {
    const queries = [aLiveQuery(), aLiveQuery({ text: 'The answer is 7.' }), aLiveQuery({ text: 'I cannot say.' })]
    const { result, facts } = await scored(queries)
    expect(runResultSchema.parse(result)).toEqual(result)
    expect(facts.verdicts).toEqual({ correct: 1, wrong: 1, unparsed: 1, error: 0 })
    const [cell] = result.cells
    expect(cell!.row).toMatchObject({
      arrived: 3,
      answered: 3,
      correct: 1,
      on_time: 3,
      strict_on_time: 2,
      accuracy: 1 / 3,
    })
    expect(unpackBits(cell!.correctOnTimeBits, 3)).toEqual([true, false, false])
    expect(unpackBits(cell!.strictOnTimeBits, 3)).toEqual([true, true, false])
  })

  it('counts the latency from the instant at which the query was due, not from its sending', async () => {
    const late = aLiveQuery({ sentAtMs: 9000, finishedAtMs: 12_000 }, { arrivedAtMs: 1000 })
    expect(await rowOf(late)).toMatchObject({ mean_ms: 11_000, on_time: 0, correct: 1, correct_on_time: 0 })
  })

  it.each(['refused', 'failed', 'cut', 'timed-out', 'stopped'] as const)(
    'counts %s as arrived and unanswered',
    async (end) => {
      const query = aLiveQuery({ end, finishReason: null, story: null })
      const { result, facts } = await scored([aLiveQuery(), query])
      expect(result.cells[0]!.row).toMatchObject({
        arrived: 2,
        answered: 1,
        correct: 1,
        on_time: 1,
        accuracy: 0.5,
        calls: 1,
      })
      expect(facts.ends).toMatchObject({ answered: 1, [end]: 1 })
      expect(facts.verdicts).toMatchObject({ correct: 1, wrong: 0 })
    },
  )

  it('leaves the warm-up out of every count', async () => {
    const { result, facts } = await scored([aLiveQuery({ end: 'failed' }, { isMeasured: false }), aLiveQuery()])
    expect(result.warmUpQueries).toBe(1)
    expect(result.cells[0]!.row).toMatchObject({ arrived: 1, answered: 1, calls: 1 })
    expect(facts.ends).toMatchObject({ answered: 1, failed: 0 })
  })

  it('takes each query at its own budget where they are mixed', async () => {
    const queries = [aLiveQuery({}, { budgetMs: 500 }), aLiveQuery({}, { budgetMs: 1500 })]
    const spec = { key: 'k', method: 'live:m', dataset: 'mixed', ratePerMinute: 6, seed: 1, budgets: [null] }
    const { result } = await scored(queries, { spec })
    expect(result.cells[0]!.row).toMatchObject({ budget_s: null, on_time: 1 })
  })

  it('counts an answer of another server that ended at its length limit as not whole', async () => {
    expect(await rowOf(aLiveQuery({ finishReason: 'length' }))).toMatchObject({
      answered: 1,
      correct: 1,
      strict_on_time: 0,
      degraded: 1,
    })
  })

  it.each([
    [null, 0],
    ['steps-dropped', 0],
    ['steps-failed', 0],
    ['insurance', 1],
    ['best-so-far', 1],
    ['cut', 1],
  ] as const)('goes by what INFRAMIND tells: %s', async (degraded, count) => {
    const query = aLiveQuery({ story: aStory({ degraded }), planned: aPlan(), finishReason: 'length' })
    const strict = degraded === null ? 1 : 0
    expect(await rowOf(query)).toMatchObject({ degraded: count, strict_on_time: strict, on_time: 1 })
  })

  it('counts calls, tokens, choices and prediction errors of a told run', async () => {
    const { result } = await scored([aLiveQuery({ story: aStory(), planned: aPlan() })], { isOrchestrated: true })
    expect(result.cells[0]!.row).toMatchObject({ calls: 1, output_tokens: 11, scheduler: 'default', enforced: true })
    expect(result.choices).toEqual({
      topology: { 'probe:2': 1 },
      model: { large: 1 },
      strategy: { Flash: 1 },
      insurance: 0,
    })
    expect(result.stepError).toMatchObject({ count: 1, sum: Math.log(400 / 200) })
    expect(result.queryError).toMatchObject({ count: 1, sum: Math.log(900 / 450) })
  })

  it('falls back on the tokens of the steps where an answer tells no usage', async () => {
    expect(await rowOf(aLiveQuery({ story: aStory(), planned: aPlan(), usage: null }))).toMatchObject({
      output_tokens: 7,
    })
  })

  it('knows nothing of the calls of another server: one for each answer', async () => {
    const { result } = await scored([aLiveQuery(), aLiveQuery({ usage: null })])
    const [cell] = result.cells
    expect(cell!.row).toMatchObject({ calls: 2, output_tokens: 11, scheduler: 'fcfs', enforced: false, gpu_seconds: 0 })
    expect(result.choices.model).toEqual({})
  })

  it('says how late the client itself was', async () => {
    const queries = [0, 10, 20, 30].map((lag) => aLiveQuery({ sentAtMs: 1000 + lag }))
    expect((await scored(queries)).facts.sendLagMs).toEqual({ mean: 15, p50: 15, p99: expect.closeTo(29.7, 6) })
    expect((await scored([])).facts.sendLagMs).toBeNull()
  })

  it('sees a backlog that grows, from what is under way alone', async () => {
    const queries = Array.from({ length: 300 }, (_, index) =>
      aLiveQuery({ finishedAtMs: 1e6 }, { arrivedAtMs: index * 200, budgetMs: 2e6 }),
    )
    const growing = await rowOf(...queries)
    expect(growing).toMatchObject({ stable: false, backlog_slope: expect.closeTo(300, 0), mean_ms: null })
    const steady = await rowOf(
      ...queries.map((query) => ({ ...query, reply: { ...query.reply, finishedAtMs: query.arrivedAtMs + 1000 } })),
    )
    expect(steady).toMatchObject({ stable: true, mean_ms: 1000 })
  })
})
