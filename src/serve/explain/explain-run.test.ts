import { describe, expect, it } from 'vitest'
import type { RunRecord, SeenModel, StepRecord } from '../../core/index.ts'
import { aRunRecord, aStepRecord } from '../../testing/index.ts'
import { explainRun } from './explain-run.ts'

const seen = (model: string, overrides: Partial<SeenModel> = {}): SeenModel => ({
  model,
  running: 2,
  waiting: 0,
  gatewayWaiting: 0,
  slots: 16,
  kvUsage: 0.2,
  readingAgeMs: 400,
  ...overrides,
})

/** A debate under load: a re-choice, a retry after a failure, an insurance call, a dropped step; late by a little. */
const eventful: RunRecord = aRunRecord({
  runId: 'run_eventful',
  arrivedAtMs: 50_000,
  plannedAtMs: 50_003,
  finishedAtMs: 60_450,
  deadlineAtMs: 60_000,
  budgetMs: 10_000,
  query: { hash: '0a0b0c0d', domain: 'math', answerFormat: 'number', tokens: 37, soloReason: null },
  policy: { planner: 'rules', executor: 'slack-greedy' },
  plan: {
    topology: 'debate',
    agents: 3,
    merge: 'vote',
    steps: 6,
    predictedMs: 7_210,
    quality: 0.7812,
    score: 0.7314,
    reason: 'best-score',
    load: 1.234,
    alternatives: [{ topology: 'chain', agents: 5, predictedMs: 14_700, quality: 0.83, score: 0.6543 }],
  },
  steps: [
    aStepRecord({
      seen: [
        seen('large', { running: 16, waiting: 3, gatewayWaiting: 5, kvUsage: 0.913, readingAgeMs: 4_200 }),
        seen('small'),
      ],
      remainingMs: 9_990,
      shareMs: 4_010,
      choice: { model: 'small', strategy: 'DeepThink', reason: 'best-within-share', price: 0.0123, score: 0.7277 },
      alternatives: [
        {
          arm: { model: 'large', strategy: 'DeepThink' },
          predictedMs: 8_880,
          quality: 0.9,
          price: 0.0456,
          score: 0.85,
        },
        { arm: { model: 'small', strategy: 'Flash' }, predictedMs: 900, quality: 0.5, price: 0, score: 0.5 },
      ],
      predicted: { latencyMs: 2_340, p90Ms: 3_450, queueMs: 120, ttftMs: 90, outputTokens: 512.4, quality: 0.74 },
      queuedAtMs: 50_004,
      sentAtMs: null,
      firstTokenAtMs: null,
      finishedAtMs: null,
      replica: null,
      usage: { promptTokens: 0, outputTokens: 0 },
      outcome: 'rechosen',
    }),
    aStepRecord({
      attempt: 1,
      queuedAtMs: 51_754,
      sentAtMs: 51_800,
      firstTokenAtMs: null,
      finishedAtMs: 52_600,
      outcome: 'failed',
      errorCode: 'ENGINE_TIMEOUT',
      remainingMs: 8_246,
    }),
    aStepRecord({
      attempt: 2,
      remainingMs: 7_400,
      replica: 'small#2',
      queuedAtMs: 52_600,
      sentAtMs: 52_850,
      firstTokenAtMs: 52_990,
      finishedAtMs: 55_900,
      usage: { promptTokens: 321, outputTokens: 456 },
      predicted: { latencyMs: 2_900, p90Ms: 4_000, queueMs: 60, ttftMs: 90, outputTokens: 400, quality: 0.71 },
    }),
    aStepRecord({
      stepId: '0/1',
      kind: 'insurance',
      role: 'Analyst',
      choice: { model: 'small', strategy: 'Flash', reason: 'insurance', price: null, score: null },
      queuedAtMs: 57_000,
      sentAtMs: 57_000,
      firstTokenAtMs: 57_100,
      finishedAtMs: 57_700,
      outcome: 'aborted',
    }),
    aStepRecord({
      stepId: '1/0',
      role: 'Critic',
      seen: [],
      choice: { stop: 'no-time' },
      remainingMs: 777,
      predicted: null,
      queuedAtMs: null,
      outcome: 'dropped',
    }),
  ],
  isOnTime: false,
  degraded: ['steps-dropped', 'best-so-far'],
  answeredBy: '0/0',
  usage: { promptTokens: 1_111, outputTokens: 2_222 },
  finalUsage: { promptTokens: 321, outputTokens: 456 },
  calls: 3,
})

/** Every number of the record, instants apart. */
function numbersOf(value: unknown, key = ''): { readonly plain: number[]; readonly instants: number[] } {
  if (typeof value === 'number') {
    return key.endsWith('AtMs') ? { plain: [], instants: [value] } : { plain: [value], instants: [] }
  }
  if (typeof value !== 'object' || value === null) return { plain: [], instants: [] }
  const parts = Object.entries(value).map(([name, part]) => numbersOf(part, name))
  return { plain: parts.flatMap(({ plain }) => plain), instants: parts.flatMap(({ instants }) => instants) }
}

/** How a sentence may show any number of the record: rounded, in seconds, or as the difference of two instants. */
function allowedNumbers(record: RunRecord): ReadonlySet<string> {
  const { plain, instants } = numbersOf(record)
  const spans = instants.flatMap((one) => instants.filter((other) => other >= one).map((other) => other - one))
  const predictions = [record.plan.predictedMs, ...record.steps.map(({ predicted }) => predicted?.latencyMs ?? 0)]
  const errors = spans.flatMap((span) => predictions.map((predictedMs) => Math.abs(span - predictedMs)))
  const times = [...plain, ...spans, ...errors].flatMap((ms) => [String(Math.round(ms)), (ms / 1_000).toFixed(1)])
  return new Set([...times, ...plain.flatMap((value) => [String(value), value.toFixed(2), value.toFixed(3)])])
}

/** Numbers in the text, names that carry digits left out. */
function spokenNumbers(text: string, record: RunRecord): readonly string[] {
  const names = [
    record.runId,
    ...record.steps.flatMap(({ replica, stepId }) => (replica ? [replica, stepId] : [stepId])),
  ]
  const bare = names.sort((a, b) => b.length - a.length).reduce((rest, name) => rest.replaceAll(name, ''), text)
  return bare.match(/\d+(\.\d+)?/g) ?? []
}

describe('explainRun', () => {
  it('tells an eventful run', () => {
    expect(explainRun(eventful)).toEqual([
      'Run run_eventful, a math query of 37 tokens, had 10.0 s and was answered after 10.4 s, 450 ms after its deadline.',
      "The pool's load was 1.23 when the query was planned (calls running or waiting per slot).",
      'Busy at the first choice: large (16 running on 16 slots, 3 waiting there, 5 waiting at the gateway, KV cache 0.91 full, read 4.2 s before).',
      'The planner (rules) took debate with 3 agents, 6 steps, merged by vote: the best score of the plans that fit (score 0.731 against 0.654 of the best plan not taken).',
      'It was predicted to be done half the time within 7.2 s of the 10.0 s, with quality 0.78.',
      'The best plan not taken was chain with 5 agents (half the time within 14.7 s, quality 0.83); it was predicted to need more than the 10.0 s.',
      'Step 0/0 (MathSolver) was given to small with DeepThink: the best that fitted the share of the time, with a share of 4.0 s of the 10.0 s left.',
      'Predicted were on average 2.3 s (nine times in ten within 3.5 s), 120 ms of it waiting; 512 output tokens, quality 0.74, congestion price 0.012, score 0.728.',
      'The next best was large with DeepThink (on average 8.9 s, quality 0.90, congestion price 0.046, score 0.850); it was too slow for the share of 4.0 s.',
      'It was taken back while it waited, after 1.8 s, because its slack was used up, and chosen again.',
      'Step 0/0 (MathSolver), attempt 1, was given to small with Concise: fixed by the configuration.',
      'Predicted were on average 1.3 s (nine times in ten within 1.8 s), 0 ms of it waiting; 120 output tokens, quality 0.70.',
      'It failed after 846 ms: ENGINE_TIMEOUT.',
      'Step 0/0 (MathSolver), attempt 2, was given to small with Concise: fixed by the configuration.',
      'Predicted were on average 2.9 s (nine times in ten within 4.0 s), 60 ms of it waiting; 400 output tokens, quality 0.71.',
      'It waited 250 ms, had its first token 140 ms later and was done on small#2 after 3.3 s in all (400 ms more than the predicted average): 456 output tokens from a prompt of 321.',
      'The insurance call (Analyst) was given to small with Flash: surely fast enough, in case the others come too late.',
      'Predicted were on average 1.3 s (nine times in ten within 1.8 s), 0 ms of it waiting; 120 output tokens, quality 0.70.',
      'It was stopped after 700 ms: its answer no longer mattered.',
      'Step 1/0 (Critic) was left out, with 777 ms left: the time was too short.',
      'Short of its plan: steps were left out for lack of time.',
      "Short of its plan: the answer is an earlier step's, because the last step's did not come in time.",
      'Step 0/0 wrote the answer.',
      'In all 3 calls read 1111 tokens and wrote 2222; the one that wrote the answer read 321 and wrote 456.',
      'From the plan on it took 10.4 s, 3.2 s more than the predicted median.',
    ])
  })

  it.each([
    ['an eventful run', eventful],
    ['a plain run', aRunRecord()],
  ])('speaks only numbers that the record of %s holds', (_name, record) => {
    const allowed = allowedNumbers(record)
    const spoken = explainRun(record).flatMap((sentence) => spokenNumbers(sentence, record))
    expect(spoken.length).toBeGreaterThan(10)
    expect(spoken.filter((number) => !allowed.has(number))).toEqual([])
  })

  it.each([
    [{ outcome: 'answered' }, 'was answered after 1.3 s, 8.7 s before its deadline.'],
    [
      { outcome: 'failed', errorCode: 'DEADLINE_EXCEEDED' },
      'failed after 1.3 s (DEADLINE_EXCEEDED), 8.7 s before its deadline.',
    ],
    [{ outcome: 'aborted' }, 'had 10.0 s; the client left after 1.3 s, and everything was stopped.'],
  ] as const)('opens with the outcome: %o', (overrides, end) => {
    expect(explainRun(aRunRecord(overrides))[0]).toMatch(new RegExp(`${end.replace(/[.()]/g, '\\$&')}$`))
  })

  it('says no more of a refused run than that it was refused', () => {
    const refused = aRunRecord({
      outcome: 'refused',
      errorCode: 'BUDGET_INFEASIBLE',
      finishedAtMs: 1,
      steps: [],
      calls: 0,
    })
    expect(explainRun(refused)).toEqual([
      'Run run_test, a math query of 4 tokens, had 10.0 s and was refused after 1 ms (BUDGET_INFEASIBLE).',
    ])
  })

  it.each([
    ['steps-dropped', 'steps were left out for lack of time'],
    ['insurance', "the answer is the insurance call's"],
    ['best-so-far', "the answer is an earlier step's"],
    ['cut', 'the answer was cut off at the deadline'],
  ] as const)('names the degradation %s', (degradation, words) => {
    expect(explainRun(aRunRecord({ degraded: [degradation] })).join('\n')).toContain(`Short of its plan: ${words}`)
    expect(explainRun(aRunRecord()).join('\n')).not.toContain('Short of its plan')
  })

  it.each([
    ['vote', 'The answer was decided by vote.'],
    ['insurance', 'The insurance call wrote the answer.'],
    ['2/0', 'Step 2/0 wrote the answer.'],
  ])('says where the answer came from: %s', (answeredBy, sentence) => {
    expect(explainRun(aRunRecord({ answeredBy }))).toContain(sentence)
  })
})

it('says where a budget that nobody gave came from', () => {
  const record = aRunRecord({ autoBudget: { predictedP95Ms: 6_667, factor: 1.5 } })
  expect(explainRun(record)[0]).toContain('had 10.0 s (1.5 times the 6.7 s within which the default team is done')
})

describe('the plan', () => {
  const planned = (plan: Partial<RunRecord['plan']>) =>
    explainRun(aRunRecord({ plan: { ...aRunRecord().plan, ...plan } }))
  const other = { topology: 'io', agents: 1, predictedMs: 1_000, quality: 0.7, score: 0.6 }

  it.each([
    [{ predictedMs: 10_001 }, 'it was predicted to need more than the 10.0 s'],
    [{ quality: 0.69 }, 'it promised lower quality'],
    [{ predictedMs: 1_301 }, 'it promised no less quality, but would have taken longer'],
    [{}, 'it came second in the ranking'],
  ])('says why the best alternative lost: %o', (overrides, reason) => {
    expect(planned({ alternatives: [{ ...other, ...overrides }] }).join('\n')).toContain(`; ${reason}.`)
  })

  it('sets its score against that of the best alternative, where the record has one', () => {
    const text = (score: number | null, alternatives: readonly (typeof other)[]) =>
      planned({ score, alternatives }).slice(3, 6).join('\n')
    expect(text(0.7314, [other])).toContain('(score 0.731 against 0.600 of the best plan not taken).')
    expect(text(0.7314, [other])).toContain('io with 1 agent (half the time within 1.0 s, quality 0.70); it')
    expect(text(0.7314, [])).toContain('(score 0.731).')
    expect(text(null, [other])).toContain('quality 0.70, score 0.600); it')
    expect(text(0.59, [other])).toContain('; it scored higher, but not clearly.')
  })

  it('predicts nothing where no model was usable, and knows no alternative', () => {
    const text = planned({ reason: 'no-usable-model', predictedMs: 0, quality: 0 }).join('\n')
    expect(text).toContain('no model was usable')
    expect(text).not.toMatch(/predicted to be done|not taken|From the plan on/)
  })

  it('lets a reason stand that it has no words for', () => {
    expect(planned({ reason: 'learned-head' }).join('\n')).toContain(': learned-head.')
  })

  it('names busy models by slots, queue or KV cache, and says when none was', () => {
    const at = (...models: SeenModel[]) => explainRun(aRunRecord({ steps: [aStepRecord({ seen: models })] }))[2]
    expect(at(seen('a'), seen('b', { running: 11 }))).toBe('No model was busy at the first choice.')
    expect(at(seen('a', { running: 12 }))).toContain('a (12 running on 16 slots)')
    expect(at(seen('a', { kvUsage: 0.8 }))).toContain('KV cache 0.80 full')
    expect(at(seen('a', { kvUsage: null, waiting: 1 }))).toContain('1 waiting there')
  })
})

describe('a step', () => {
  const told = (overrides: Partial<StepRecord>) => explainRun(aRunRecord({ steps: [aStepRecord(overrides)] })).slice(5)
  const alternative = {
    arm: { model: 'large', strategy: 'Concise' },
    predictedMs: 2_000,
    quality: 0.8,
    price: 0,
    score: 0.8,
  } as const

  it.each([
    [{}, { shareMs: 1_500 }, 'it was too slow for the share of 1.5 s'],
    [{ quality: 0.6 }, { shareMs: 3_000 }, 'it promised lower quality'],
    [
      {},
      { seen: [seen('small'), seen('large', { running: 9 })] },
      'its engines were busier: large (9 running on 16 slots)',
    ],
    [{ price: 0.2 }, {}, 'it promised no less, but congestion spoke against it'],
    [{}, {}, 'it promised no less, but would have taken longer'],
    [{ predictedMs: 1_000 }, {}, 'it came second in the ranking'],
  ])('says why the next best lost: %o, %o', (arm, step, reason) => {
    const sentences = explainRun(
      aRunRecord({ steps: [aStepRecord({ ...step, alternatives: [{ ...alternative, ...arm }] })] }),
    )
    expect(sentences.find((sentence) => sentence.startsWith('The next best'))).toMatch(
      new RegExp(`; ${reason.replace(/[().]/g, '\\$&')}\\.$`),
    )
  })

  const weighed = { model: 'small', strategy: 'Concise', reason: 'best-within-share', price: 0.05, score: 0.7 } as const

  it.each([
    [{ score: 0.69, quality: 0.6, price: 0.06 }, 'it scored less: it promised lower quality, and it was dearer'],
    [{ score: 0.69, price: 0.06 }, 'it scored less: it was dearer'],
    [{ score: 0.69, quality: 0.6 }, 'it scored less: it promised lower quality'],
    [{ score: 0.69 }, 'it scored less'],
    [{ score: 0.7 }, 'it scored the same, but would have taken longer'],
    [{ score: 0.8 }, 'it scored higher, but was less sure to end within the share of 3.0 s'],
    [{ score: 0.6, predictedMs: 3_001 }, 'it was too slow for the share of 3.0 s'],
  ])('says by the recorded scores why the next best lost: %o', (arm, reason) => {
    const sentences = told({ choice: weighed, shareMs: 3_000, alternatives: [{ ...alternative, ...arm }] })
    expect(sentences.join('\n')).toContain('quality 0.70, congestion price 0.050, score 0.700.')
    expect(sentences.find((sentence) => sentence.startsWith('The next best'))?.split('); ')[1]).toBe(`${reason}.`)
  })

  it('takes the best-scored alternative, wherever it stands, and shows no infinite score', () => {
    const ruledOut = { ...alternative, arm: { model: 'huge', strategy: 'Concise' }, score: -Infinity } as const
    expect(told({ alternatives: [ruledOut, alternative] }).join('\n')).toContain('next best was large')
    expect(told({ alternatives: [ruledOut] }).join('\n')).not.toContain('Infinity')
  })

  it.each([
    [{ outcome: 'cut' }, 'from a prompt of 200, where it reached its output cap.'],
    [{ outcome: 'rejected', errorCode: 'POOL_UNAVAILABLE' }, 'It could not be sent: POOL_UNAVAILABLE.'],
    [{ outcome: 'aborted', sentAtMs: null }, 'It was taken back while it waited: its answer no longer mattered.'],
    [
      { outcome: 'rechosen', sentAtMs: null },
      'It was taken back while it waited, because its slack was used up, and chosen again.',
    ],
    [{ outcome: 'failed', finishedAtMs: null }, 'It failed: no reason recorded.'],
    [{ outcome: 'done', finishedAtMs: 1_100 }, '(200 ms less than the predicted average)'],
    [{ outcome: 'done' }, '(as predicted)'],
    [
      { choice: { stop: 'answers-agree' }, outcome: 'stopped', agreement: 1 },
      'Step 0/0 (MathSolver) was left out: the answers agreed (agreement 1.00).',
    ],
  ] as const)('tells its end: %o', (overrides, words) => {
    expect(explainRun(aRunRecord({ steps: [aStepRecord(overrides)] })).join('\n')).toContain(words)
  })
})
