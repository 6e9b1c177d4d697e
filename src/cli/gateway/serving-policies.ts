/**
 * @file The policies of a running gateway: made from a choice, exchanged for others, watched.
 *
 * An exchange is all or nothing: the new policies are made first, then take over at once. What was learnt of the pool is
 * handed on where the new ones predict in the same way; else it is learnt again.
 */
import { type ClusterState, hashText, type ModelId, type ProfilePrior, type Query } from '../../core/index.ts'
import type { PolicyChoice } from '../../lab/index.ts'
import {
  borrowSafety,
  type Comparison,
  createPolicySet,
  createSwappablePolicies,
  createTeamForecaster,
  type ModelTier,
  type PolicyFallback,
  type PolicySet,
  type PoolKnowledge,
  SafetyFactor,
  type TeamForecaster,
  withShadow,
} from '../../policy/index.ts'
import type { TopologyBook } from '../../team/index.ts'
import type { ChosenPolicies } from './policy-of.ts'

/** What every policy of a pool is made with. */
export interface PoolFacts {
  readonly models: readonly ModelId[]
  readonly prior: ProfilePrior
  readonly tiers: Readonly<Partial<Record<ModelId, ModelTier>>>
  readonly topologies: TopologyBook
}

export interface PolicyListener {
  fellBack(fallback: PolicyFallback): void
  compared(comparison: Comparison): void
}

export interface ServingPolicies {
  /** For the runtime; stays the same. */
  readonly set: PolicySet
  /** Fingerprint of the policies that serve now. */
  readonly hash: string
  /** Throws as `createPolicySet`; then everything stays as it is. */
  use(chosen: Pick<ChosenPolicies, 'choice' | 'shadow'>): void
  /** 95 % quantile of what the default team would take; null: no model is usable. */
  predictP95Ms(query: Query, state: ClusterState): number | null
}

type Chosen = Pick<ChosenPolicies, 'choice' | 'shadow'>

export function createServingPolicies(first: Chosen, pool: PoolFacts, listener: PolicyListener): ServingPolicies {
  let generation = createGeneration(first, null, { pool, listener })
  const swappable = createSwappablePolicies(generation)
  return {
    set: swappable.set,
    get hash() {
      return generation.hash
    },
    use: (chosen) => {
      generation = createGeneration(chosen, generation, { pool, listener })
      swappable.use(generation)
    },
    predictP95Ms: (query, state) => generation.forecast(query, state)?.p95Ms ?? null,
  }
}

interface Generation {
  readonly hash: string
  readonly set: PolicySet
  readonly forecast: TeamForecaster
  readonly served: Kept
  readonly shadow: Kept | null
}

/** Knowledge of the pool, and the settings that it was gathered under. */
interface Kept {
  readonly key: string
  readonly knowledge: PoolKnowledge
}

function createGeneration(
  { choice, shadow }: Chosen,
  before: Generation | null,
  { pool, listener }: { readonly pool: PoolFacts; readonly listener: PolicyListener },
): Generation {
  const onFallback = (fallback: PolicyFallback) => listener.fellBack(fallback)
  const made = createSet(choice, before?.served ?? null, { pool, onFallback })
  const { predictor, safety } = made.kept.knowledge
  // The other policy has its own predictor, and decides under the factor that serves without moving it.
  const looksOn = shadow && createSet(shadow, before?.shadow ?? null, { pool, safety: borrowSafety(safety) })
  const set = looksOn
    ? withShadow(made.set, { shadow: looksOn.set, onCompared: (comparison) => listener.compared(comparison) })
    : made.set
  return {
    hash: fingerprint({ choice, shadow }),
    set,
    forecast: createTeamForecaster({ predictor, safety: borrowSafety(safety), topologies: pool.topologies }),
    served: made.kept,
    shadow: looksOn?.kept ?? null,
  }
}

function createSet(
  { discipline: _, isBlind: __, ...policies }: PolicyChoice,
  before: Kept | null,
  of: {
    readonly pool: PoolFacts
    readonly safety?: PoolKnowledge['safety']
    readonly onFallback?: (fallback: PolicyFallback) => void
  },
): { readonly set: PolicySet; readonly kept: Kept } {
  const { planner, executor, plansBackups, baseline, ...predicting } = policies
  const key = JSON.stringify(predicting)
  const kept = before?.key === key ? before.knowledge : null
  const safety = of.safety ?? kept?.safety ?? new SafetyFactor(policies.safety)
  const knowledge = { ...(kept && { predictor: kept.predictor }), safety }
  const set = createPolicySet({
    ...policies,
    ...of.pool,
    knowledge,
    ...(of.onFallback ? { onFallback: of.onFallback } : {}),
  })
  return { set, kept: { key, knowledge: { predictor: set.predictor, safety } } }
}

/** Of everything that the decisions depend on, weights included: `inframind-` and 8 hexadecimal digits. */
export function fingerprint(chosen: Chosen): string {
  const text = JSON.stringify(chosen.shadow ? chosen : chosen.choice, (_, value: unknown) =>
    value instanceof Float32Array
      ? hashText(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'))
      : value,
  )
  return `inframind-${hashText(text).toString(16).padStart(8, '0')}`
}
