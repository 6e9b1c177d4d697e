/**
 * @file Makes the first query as quick as the later ones: lets the engine of JavaScript compile the decisions beforehand.
 *
 * Cold, the first plan takes some 150 ms, which is much of a budget of two seconds. The decisions made here use policies
 * of their own, so that nothing learnt or remembered reaches those that serve.
 */
import type { ClusterState, Query, StepContext } from '../core/index.ts'
import { classify, createFeatures, createPolicySet, type PolicySet, type PolicySetOptions } from '../policy/index.ts'

/** One question of each domain. */
const questions = [
  'A train covers 180 km in 2.5 hours. What is its mean speed in km/h? Answer with a single number.',
  'Write a Python function that returns the longest word of a sentence.',
  'Which planet is the largest? Options: A. Mars B. Jupiter C. Venus D. Saturn. Answer with the letter.',
  'Please write a short note of thanks to a colleague.',
]
const budgetsMs = [1000, 5000, 20_000, 60_000]

/** Decides `rounds` times for every question and budget; about 0.2 s for the default of 15. */
export function warmUp(options: PolicySetOptions, state: ClusterState, rounds = 15): void {
  const policies = createPolicySet(options)
  for (let round = 0; round < rounds; round += 1) {
    for (const text of questions) for (const budgetMs of budgetsMs) decide(policies, queryOf(text, budgetMs), state)
  }
}

function queryOf(text: string, budgetMs: number): Query {
  const messages = [{ role: 'user' as const, content: text }]
  return {
    runId: 'run_warm_up',
    arrivedAtMs: 0,
    budgetMs,
    deadlineAtMs: budgetMs,
    messages,
    text,
    promptTokens: 40,
    ...classify({ messages, text, domainHint: null }),
    limits: {},
    finalStepBody: {},
    maxOutputTokens: null,
    seed: null,
    features: createFeatures(text),
  }
}

function decide({ planner, executor }: PolicySet, query: Query, state: ClusterState): void {
  const plan = planner.plan(query, state)
  for (const step of plan.steps) executor.choose(contextOf(query, plan, step), state)
}

const contextOf = (query: Query, plan: StepContext['plan'], step: StepContext['step']): StepContext => ({
  query,
  plan,
  step,
  nowMs: 0,
  remainingMs: query.budgetMs,
  reservedMs: 0,
  promptTokens: query.promptTokens,
  answers: [],
  agreement: null,
  testsPassed: null,
  rolesBefore: [],
  tokensUsed: 0,
  callsUsed: 0,
  siblingArms: [],
  excludedModels: [],
  mayStop: false,
})
