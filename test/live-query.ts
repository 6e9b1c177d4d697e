/** @file Hand-made questions, replies and queries of a live run, for tests. */
import type { Reply } from '../src/lab/bench/live/ask.ts'
import type { LiveQuery } from '../src/lab/bench/live/play-live.ts'
import type { RunPlanned, RunStory } from '../src/lab/bench/live/story.ts'
import type { Question } from '../src/lab/questions/index.ts'

export const aQuestion = (change: Partial<Question> = {}): Question => ({
  id: 'q1',
  text: 'How many legs have three dogs?',
  benchmark: 'synthetic-math',
  dataset: 'synthetic-math',
  format: 'number',
  key: '12',
  wrongAnswers: ['3', '4', '7'],
  difficulty: null,
  textScore: null,
  level: 1,
  group: 'legs',
  ...change,
})

export const aReply = (change: Partial<Reply> = {}): Reply => ({
  end: 'answered',
  httpStatus: 200,
  text: 'The answer is 12.',
  finishReason: 'stop',
  problem: null,
  sentAtMs: 1000,
  textAtMs: [1500, 1600],
  finishedAtMs: 2000,
  usage: { promptTokens: 20, outputTokens: 11 },
  story: null,
  planned: null,
  ...change,
})

export const aLiveQuery = (reply: Partial<Reply> = {}, change: Partial<LiveQuery> = {}): LiveQuery => ({
  question: aQuestion(),
  budgetMs: 10_000,
  arrivedAtMs: 1000,
  isMeasured: true,
  reply: aReply(reply),
  ...change,
})

export const aStory = (change: Partial<RunStory> = {}): RunStory => ({
  run_id: 'run_1',
  topology: 'probe',
  elapsed_ms: 900,
  degraded: null,
  steps: [
    {
      model: 'large',
      strategy: 'Flash',
      queue_ms: 5,
      e2e_ms: 400,
      output_tokens: 7,
      predicted_ms: 200,
      status: 'done',
    },
    {
      model: null,
      strategy: null,
      queue_ms: null,
      e2e_ms: null,
      output_tokens: 0,
      predicted_ms: null,
      status: 'stopped',
    },
  ],
  ...change,
})

export const aPlan = (change: Partial<RunPlanned> = {}): RunPlanned => ({
  type: 'planned',
  topology: 'probe',
  agents: 2,
  predicted_ms: 450,
  ...change,
})
