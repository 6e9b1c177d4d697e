/** @file Our own methods and their ablations: the default stack with one part taken out, or put in. */
import { shippedDual } from '../../train/learners/dual/index.ts'
import { defaultPolicy } from '../../world.ts'
import type { MethodBase } from './method.ts'

const ours: MethodBase = {
  policy: { planner: defaultPolicy.planner, executor: defaultPolicy.executor },
  seesBudget: true,
  published: { scheduler: 'default', isEnforced: true },
}

const without = (change: Partial<MethodBase>): MethodBase => ({ ...ours, ...change })
const withPolicy = (change: Partial<MethodBase['policy']>): MethodBase => ({
  ...ours,
  policy: { ...ours.policy, ...change },
})

/** Whether `dual` reads quality and length off each question's text. */
const dualReadsQuestions = false

/** The training-free executor, a planner with fitted rules, and prices that start from a linear program's. Read when asked for. */
const dual = (change: Partial<MethodBase['policy']> = {}): MethodBase => {
  const { teamRules, prices } = shippedDual()
  return withPolicy({
    planner: { kind: 'dual', teamRules },
    prices: { kind: 'dual', start: prices },
    ...(dualReadsQuestions ? { readsQuestions: true } : {}),
    ...change,
  })
}

/** By name. `inframind` is the default stack; `greedy` the training-free one, which is the default today. */
export const ourMethods: Readonly<Record<string, MethodBase>> = {
  inframind: ours,
  greedy: ours,
  get dual() {
    return dual()
  },
  get 'dual-congestion'() {
    return dual({ prices: { kind: 'congestion' } })
  },
  mcpp: withPolicy({ executor: 'mcpp' }),
  'greedy-blind': withPolicy({ isBlind: { planner: true, executor: true } }),
  'greedy-planner-blind': withPolicy({ isBlind: { planner: true, executor: false } }),
  'greedy-executor-blind': withPolicy({ isBlind: { planner: false, executor: true } }),
  'greedy-noprice': withPolicy({ congestionFactor: 0 }),
  'greedy-reading': withPolicy({ readsQuestions: true }),
  'greedy-flash': without({ limits: { strategy: 'Flash' } }),
  'greedy-concise': without({ limits: { strategy: 'Concise' } }),
  'greedy-deepthink': without({ limits: { strategy: 'DeepThink' } }),
  'greedy-solo': without({ limits: { maxAgents: 1, topology: 'io' } }),
  'greedy-noprobe': without({ withoutTopologies: ['probe'] }),
  'greedy-nohold': without({ holdsBack: false }),
  'greedy-nobackup': withPolicy({ plansBackups: false }),
  'greedy-noinsurance': without({ policy: { ...ours.policy, plansBackups: false }, settings: { insures: false } }),
}
