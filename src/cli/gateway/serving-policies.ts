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
  createPredictor,
  createSwappablePolicies,
  createTeamForecaster,
  type ModelTier,
  type PolicyFallback,
  type PolicySet,
  type PoolKnowledge,
  SafetyFactor,
  type TeamForecaster,
  withGuard,
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
  /** Fingerprint of the policies that decide now; who looks on has no part in it. */
  readonly hash: string
  /** Throws as `createPolicySet`; then everything stays as it is. */
  use(chosen: Pick<ChosenPolicies, 'choice' | 'shadow'>): void
  /** 95 % quantile of what the default team of the pool at rest would take now; null: no model is usable, or it cannot be told. Never throws. */
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
    predictP95Ms: (query, state) => finiteOrNull(() => generation.forecast(query, state)?.p95Ms),
  }
}

/** A forecast that fails is none: the request is served within the default budget, or refused for its own fault. */
function finiteOrNull(fn: () => number | undefined): number | null {
  try {
    const value = fn()
    return value !== undefined && Number.isFinite(value) ? value : null
  } catch {
    return null
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
  /** Policies of the same key predict alike. */
  readonly key: string
  /** Where the safety factor started; null: where it does by itself. */
  readonly safetyStart: number | null
  readonly knowledge: PoolKnowledge
}

interface Surroundings {
  readonly pool: PoolFacts
  readonly listener: PolicyListener
}

function createGeneration({ choice, shadow }: Chosen, before: Generation | null, around: Surroundings): Generation {
  const { pool, listener } = around
  const onFallback = (fallback: PolicyFallback) => listener.fellBack(fallback)
  // A policy that looked on has heard of every call: where it is promoted, what it learnt goes with it.
  const heirlooms = [before?.served, before?.shadow].filter((kept) => kept != null)
  const inherited = heirlooms.find(({ key }) => key === keyOf(choice)) ?? null
  const isCalibrated = inherited !== null && inherited === before?.served && inherited.safetyStart === startOf(choice)
  const safety = isCalibrated ? inherited.knowledge.safety : new SafetyFactor(choice.safety)
  const made = createSet(choice, inherited, { pool, safety, onFallback })
  const { predictor } = made.kept.knowledge
  const spare = createPolicySet({ ...pool, knowledge: { predictor, safety: borrowSafety(safety) } })
  const served = withGuard(made.set, { spare, models: pool.models, onFallback })
  // Two policies never share a predictor: each hears of every call itself.
  const others = heirlooms.filter((kept) => kept !== inherited)
  const looksOn = shadow && createShadow(shadow, others, { pool, safety })
  return {
    hash: fingerprint(choice),
    set: looksOn
      ? withShadow(served, { ...looksOn, shadow: looksOn.set, onCompared: (compared) => listener.compared(compared) })
      : served,
    forecast: createTeamForecaster({
      predictor,
      untaught: createPredictor({ ...pool, readsQuestions: choice.readsQuestions ?? false }),
      safetyStart: choice.safety,
      topologies: pool.topologies,
    }),
    served: made.kept,
    shadow: looksOn?.kept ?? null,
  }
}

/** Has its own predictor, and decides under the factor that serves without moving it. */
function createShadow(
  shadow: PolicyChoice,
  heirlooms: readonly Kept[],
  { pool, safety }: { readonly pool: PoolFacts; readonly safety: PoolKnowledge['safety'] },
) {
  let left = 0
  const onFallback = () => {
    left += 1
  }
  const inherited = heirlooms.find(({ key }) => key === keyOf(shadow)) ?? null
  return {
    ...createSet(shadow, inherited, { pool, safety: borrowSafety(safety), onFallback }),
    leftToOthers: () => left,
  }
}

function createSet(
  { discipline: _, isBlind: __, ...policies }: PolicyChoice,
  inherited: Kept | null,
  of: {
    readonly pool: PoolFacts
    readonly safety: PoolKnowledge['safety']
    readonly onFallback: (fallback: PolicyFallback) => void
  },
): { readonly set: PolicySet; readonly kept: Kept } {
  const { pool, safety, onFallback } = of
  const knowledge = { ...(inherited && { predictor: inherited.knowledge.predictor }), safety }
  const set = createPolicySet({ ...policies, ...pool, knowledge, onFallback })
  const kept = {
    key: keyOf(policies),
    safetyStart: startOf(policies),
    knowledge: { predictor: set.predictor, safety },
  }
  return { set, kept }
}

/** Of all that predictions depend on. */
const keyOf = ({ readsQuestions, congestionFactor, prices }: Omit<PolicyChoice, 'discipline'>): string =>
  JSON.stringify({ readsQuestions: readsQuestions ?? false, congestionFactor: congestionFactor ?? 1, prices })

const startOf = ({ safety }: Omit<PolicyChoice, 'discipline'>): number | null => safety ?? null

/** Of all that one policy's decisions depend on, weights included: `inframind-` and 8 hexadecimal digits. Who looks on is another's. */
export function fingerprint(choice: PolicyChoice): string {
  const text = JSON.stringify(choice, (_, value: unknown) =>
    value instanceof Float32Array
      ? hashText(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'))
      : value,
  )
  return `inframind-${hashText(text).toString(16).padStart(8, '0')}`
}
