/** @file Random queries, states and steps within what the ports allow, for properties of the policies. */
import fc from 'fast-check'
import { type ClusterState, domains, type Query, type StepContext, strategyIds } from '../../src/core/index.ts'
import { createTopologyBook } from '../../src/team/index.ts'
import { aClusterState, anAnswerInHand, aQuery, aStepContext } from '../../src/testing/index.ts'
import { paperModels } from './paper-pool.ts'

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })

const replica = fc.record({
  isUsable: fc.boolean(),
  slots: fc.integer({ min: 1, max: 32 }),
  kvTokens: maybe(fc.integer({ min: 500, max: 200_000 })),
  contextTokens: maybe(fc.integer({ min: 512, max: 32_768 })),
  ownKvTokens: fc.integer({ min: 0, max: 50_000 }),
  running: fc.integer({ min: 0, max: 32 }),
  waiting: fc.integer({ min: 0, max: 50 }),
  kvUsage: maybe(fc.double({ min: 0, max: 1, noNaN: true })),
  interTokenMs: maybe(fc.double({ min: 0.1, max: 500, noNaN: true })),
  readingAgeMs: maybe(fc.integer({ min: 0, max: 100_000 })),
})

const modelState = fc.record({
  replicas: fc.array(replica, { minLength: 1, maxLength: 3 }),
  gatewayWaiting: fc.integer({ min: 0, max: 100 }),
  gatewayWaitingMs: fc.integer({ min: 0, max: 1_000_000 }),
  slowdown: fc.double({ min: 0.1, max: 20, noNaN: true }),
})

/** Any state of the paper's pool: models down, overloaded, unread. */
export const anyState: fc.Arbitrary<ClusterState> = fc
  .tuple(fc.integer({ min: 0, max: 1e9 }), fc.array(modelState, { minLength: 5, maxLength: 5 }))
  .map(([atMs, states]) =>
    aClusterState({ atMs, models: states.map((state, index) => ({ ...state, model: paperModels[index] as string })) }),
  )

const limits = fc.record(
  {
    topology: fc.constantFrom(...createTopologyBook().ids),
    maxAgents: fc.integer({ min: 1, max: 6 }),
    strategy: fc.constantFrom(...strategyIds),
    deepestStrategy: fc.constantFrom(...strategyIds),
    maxCalls: fc.integer({ min: 1, max: 12 }),
    maxTotalTokens: fc.integer({ min: 1, max: 20_000 }),
  },
  { requiredKeys: [] },
)

const formats = { math: 'number', code: 'code', knowledge: 'choice', general: 'text' } as const

/** Any query, its deadline passed or far away. */
export const anyQuery: fc.Arbitrary<Query> = fc
  .record({
    arrivedAtMs: fc.integer({ min: 0, max: 1e9 }),
    budgetMs: fc.integer({ min: 1, max: 600_000 }),
    domain: fc.constantFrom(...domains),
    soloReason: fc.constantFrom(null, null, null, 'chat' as const, 'tools' as const),
    limits,
    promptTokens: fc.integer({ min: 1, max: 20_000 }),
    maxOutputTokens: maybe(fc.integer({ min: 1, max: 5_000 })),
  })
  .map((query) => aQuery({ ...query, answerFormat: formats[query.domain] }))

/** A step of `plan`, in the middle of a run: some answers in hand, some models failed, time left or not. */
export const aStepWithin = (base: Pick<StepContext, 'query' | 'plan'>): fc.Arbitrary<StepContext> =>
  fc
    .record({
      step: fc.constantFrom(...base.plan.steps),
      remainingMs: fc.integer({ min: -5_000, max: 600_000 }),
      reservedMs: fc.integer({ min: 0, max: 20_000 }),
      promptTokens: fc.integer({ min: 1, max: 30_000 }),
      excludedModels: fc.subarray([...paperModels]),
      answers: fc.array(fc.constantFrom('1', '2', null), { maxLength: 4 }),
      siblings: fc.subarray([...paperModels], { maxLength: 3 }),
      mayStop: fc.boolean(),
    })
    .map(({ answers, siblings, ...fields }) =>
      aStepContext({
        ...base,
        ...fields,
        answers: answers.map((answer, index) => anAnswerInHand({ answer, stepId: `0/${index}` })),
        siblingArms: siblings.map((model) => ({ model, strategy: 'Concise' })),
      }),
    )
