/** @file Valid plans, steps and prices for tests: one agent that answers alone, unless a test says otherwise. */
import {
  type AnswerInHand,
  type Arm,
  type ArmEstimate,
  type Plan,
  type PlannedStep,
  ShiftedLogNormal,
  type StepContext,
  type StepOutcome,
} from '../core/index.ts'
import { aCallResult } from './call-builders.ts'
import { aQuery } from './query-builders.ts'

export function anArm(overrides: Partial<Arm> = {}): Arm {
  return { model: 'small', strategy: 'Concise', ...overrides }
}

/** The only step of a one-agent plan. */
export function aStep(overrides: Partial<PlannedStep> = {}): PlannedStep {
  return {
    id: '0/0',
    kind: 'solve',
    role: 'MathSolver',
    importance: 'critical',
    dependsOn: [],
    reads: [],
    stepsToEnd: 1,
    isEscalation: false,
    isLast: true,
    ...overrides,
  }
}

/** A plan; `steps` may be given in part, each then completed by `aStep`. */
export function aPlan(
  overrides: Partial<Omit<Plan, 'steps'>> & { readonly steps?: readonly Partial<PlannedStep>[] } = {},
): Plan {
  return {
    topology: 'io',
    agents: 1,
    merge: 'none',
    stopsOnAgreement: false,
    predictedMs: 2_000,
    quality: 0.7,
    reason: 'fixed',
    alternatives: [],
    ...overrides,
    steps: (overrides.steps ?? [{}]).map(aStep),
  }
}

export function anAnswerInHand(overrides: Partial<AnswerInHand> = {}): AnswerInHand {
  return {
    stepId: '0/0',
    role: 'MathSolver',
    arm: anArm(),
    text: 'The answer is 391.',
    answer: '391',
    isTruncated: false,
    outputTokens: 120,
    ...overrides,
  }
}

/** The context of the plan's first step at the query's arrival, unless given. */
export function aStepContext(overrides: Partial<StepContext> = {}): StepContext {
  const query = overrides.query ?? aQuery()
  const plan = overrides.plan ?? aPlan()
  const nowMs = overrides.nowMs ?? query.arrivedAtMs
  return {
    query,
    plan,
    step: plan.steps[0] ?? aStep(),
    nowMs,
    remainingMs: query.deadlineAtMs - nowMs,
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
    ...overrides,
  }
}

/** 120 tokens at 10 ms after a first token at 100 ms. */
export function anEstimate(overrides: Partial<ArmEstimate> = {}): ArmEstimate {
  return {
    arm: anArm(),
    latencyMs: ShiftedLogNormal.fromMean(100, 1_200, 0.3),
    queueMs: 0,
    ttftMs: 100,
    tpotMs: 10,
    outputTokens: ShiftedLogNormal.fromMean(0, 120, 0.3),
    serviceMs: 1_300,
    quality: 0.7,
    ...overrides,
  }
}

/** A call of `small#1` that ended as it was expected to. */
export function aStepOutcome(overrides: Partial<StepOutcome> = {}): StepOutcome {
  const estimate = overrides.estimate ?? anEstimate({ arm: overrides.arm ?? anArm() })
  return {
    arm: estimate.arm,
    replica: `${estimate.arm.model}#1`,
    stepKind: 'solve',
    domain: 'math',
    promptTokens: 200,
    estimate,
    queueMs: 0,
    result: aCallResult(),
    ...overrides,
  }
}
