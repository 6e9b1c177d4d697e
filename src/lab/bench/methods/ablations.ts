/**
 * @file Ablations of any method that is ours or learned, as suffixes: `residual+planner-blind`, `policy:DIR+flash` ...
 *
 * A learned policy keeps its weights: what it was trained with is taken away when it decides. For one that was trained
 * without it, see `inframind train --ablate`.
 */
import type { StrategyId } from '../../../core/index.ts'
import type { MethodBase } from './method.ts'

type Ablation = (base: MethodBase) => MethodBase

const withPolicy =
  (change: Partial<MethodBase['policy']>): Ablation =>
  (base) => ({ ...base, policy: { ...base.policy, ...change } })

const blind =
  (change: { readonly planner?: true; readonly executor?: true }): Ablation =>
  (base) => {
    const { planner = false, executor = false } = base.policy.isBlind ?? {}
    return withPolicy({ isBlind: { planner, executor, ...change } })(base)
  }

const scrambled =
  (change: { readonly text?: true; readonly metrics?: true }): Ablation =>
  (base) =>
    withPolicy({ scrambles: { ...base.policy.scrambles, ...change } })(base)

const onlyAt =
  (strategy: StrategyId): Ablation =>
  (base) => ({ ...base, limits: { ...base.limits, strategy } })

/** By suffix, without its plus sign. */
export const ablations: Readonly<Record<string, Ablation>> = {
  'planner-blind': blind({ planner: true }),
  'executor-blind': blind({ executor: true }),
  blind: blind({ planner: true, executor: true }),
  'scrambled-text': scrambled({ text: true }),
  'scrambled-metrics': scrambled({ metrics: true }),
  noprice: withPolicy({ congestionFactor: 0 }),
  noreading: withPolicy({ readsQuestions: false }),
  flash: onlyAt('Flash'),
  concise: onlyAt('Concise'),
  deepthink: onlyAt('DeepThink'),
  solo: (base) => ({ ...base, limits: { ...base.limits, maxAgents: 1, topology: 'io' } }),
}
