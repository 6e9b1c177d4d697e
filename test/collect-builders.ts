/** @file Whole valid lines of a collection for tests, from the fields that a test cares about. */
import type { CallLine, GradedLine, PromptLine, WorkflowLine } from '../src/lab/collect/lines.ts'

/** A measured replay: 120 tokens, first after 100 ms, last after 1,290 ms. */
export const aCallLine = (overrides: Partial<CallLine> = {}): CallLine => ({
  id: 'collect/0:0/0/Concise/1/a',
  phase: 2,
  isBackground: false,
  prompt: '0:0/0',
  role: 'MathSolver',
  engine: 'llama-8b#1',
  model: 'llama-8b',
  strategy: 'Concise',
  domain: 'math',
  level: 1,
  status: 'done',
  promptTokens: 200,
  outputTokens: 120,
  isUsageReported: true,
  isCut: false,
  capTokens: 1280,
  sentAtMs: 0,
  firstTokenAtMs: 100,
  finishedAtMs: 1290,
  running: 0,
  waiting: 0,
  kvUsage: 0,
  ownInFlight: 0,
  ownInPool: 0,
  ...overrides,
})

export const aPromptLine = (overrides: Partial<PromptLine> = {}): PromptLine => ({
  type: 'prompt',
  id: '0:0/0',
  workflow: 0,
  role: 'MathSolver',
  kind: 'solve',
  domain: 'math',
  strategy: 'Concise',
  stepByStep: false,
  isGradable: true,
  questionId: 'q-1',
  questionText: 'What is 17 * 23?',
  inputs: [],
  inputModels: null,
  promptTokens: 60,
  messages: [{ role: 'user', content: 'What is 17 * 23?' }],
  body: {},
  ...overrides,
})

export const aWorkflowLine = (overrides: Partial<WorkflowLine> = {}): WorkflowLine => ({
  type: 'workflow',
  workflow: 0,
  topology: 'io',
  agents: 1,
  ...overrides,
})

export const aGradedLine = (overrides: Partial<GradedLine> = {}): GradedLine => ({
  id: 'q-1',
  set: 'synthetic-math',
  domain: 'math',
  text_hash: '0123456789abcdef',
  model: 'llama-8b',
  strategy: 'Concise',
  role: 'MathSolver',
  level: 1,
  correct: true,
  verdict: 'correct',
  output_tokens: 120,
  cut: false,
  call: 'collect/0:0/0/Concise/1/a',
  ...overrides,
})
