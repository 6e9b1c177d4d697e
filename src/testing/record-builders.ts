/** @file Valid run records for tests: one step, answered in time, unless a test says otherwise. */
import { type RunRecord, runRecordSchema, type StepRecord } from '../core/index.ts'

export function aStepRecord(overrides: Partial<StepRecord> = {}): StepRecord {
  return {
    stepId: '0/0',
    attempt: 0,
    kind: 'solve',
    role: 'MathSolver',
    seen: [{ model: 'small', running: 0, waiting: 0, gatewayWaiting: 0, slots: 8, kvUsage: 0, readingAgeMs: 0 }],
    remainingMs: 10_000,
    shareMs: null,
    agreement: null,
    choice: { model: 'small', strategy: 'Concise', reason: 'fixed', price: null, score: null },
    alternatives: [],
    predicted: { latencyMs: 1_300, p90Ms: 1_800, queueMs: 0, ttftMs: 100, outputTokens: 120, quality: 0.7 },
    replica: 'small#1',
    queuedAtMs: 0,
    sentAtMs: 0,
    firstTokenAtMs: 100,
    finishedAtMs: 1_300,
    usage: { promptTokens: 200, outputTokens: 120 },
    outcome: 'done',
    errorCode: null,
    answer: '391',
    ...overrides,
  }
}

export function aRunRecord(overrides: Partial<RunRecord> = {}): RunRecord {
  return {
    schema: runRecordSchema,
    runId: 'run_test',
    arrivedAtMs: 0,
    plannedAtMs: 0,
    firstByteAtMs: 100,
    finishedAtMs: 1_300,
    deadlineAtMs: 10_000,
    budgetMs: 10_000,
    query: { hash: '1a2b3c4d', domain: 'math', answerFormat: 'number', tokens: 4, soloReason: null },
    policy: { planner: 'fixed', executor: 'fixed' },
    plan: {
      topology: 'io',
      agents: 1,
      merge: 'none',
      steps: 1,
      predictedMs: 1_300,
      quality: 0.7,
      score: null,
      reason: 'fixed',
      load: 0,
      alternatives: [],
    },
    steps: [aStepRecord()],
    outcome: 'answered',
    isOnTime: true,
    degraded: [],
    errorCode: null,
    answeredBy: '0/0',
    answer: '391',
    usage: { promptTokens: 200, outputTokens: 120 },
    finalUsage: { promptTokens: 200, outputTokens: 120 },
    calls: 1,
    ...overrides,
  }
}
