/**
 * @file What each model of a pool is worth to it: without it, with one replica less, with one more on a GPU of its own.
 *
 * Each is a linear program of its own, not a price: prices hold for a little more, a replica is a lot. A replica more is
 * given a GPU and the cache of the profile, so that the figure says what buying it would bring, whatever stands where now.
 */
import type { ModelId, Profile } from '../../core/index.ts'
import type { FluidPlacement } from '../fluid/index.ts'
import { countReplicas } from './placements.ts'
import { type PoolValue, usedShare, type Valuer } from './pool-value.ts'

export interface MarginalValue {
  readonly model: ModelId
  readonly replicas: number
  /** Share of all queries whose plan has a call of this model, mean over the rates, 0-1. */
  readonly usedShare: number
  /** Changes of goodput, as fractions of all queries. */
  readonly without: number
  /** null: the model has one replica, or none. */
  readonly oneLess: number | null
  readonly oneMore: number
}

export async function marginalValues(
  profile: Profile,
  valuer: Valuer,
  pool: PoolValue,
): Promise<readonly MarginalValue[]> {
  const counts = countReplicas(pool.placement.gpus)
  const values: MarginalValue[] = []
  for (const model of Object.keys(profile.models)) {
    const change = async (placement: FluidPlacement | null) =>
      placement === null ? -pool.goodput : (await valuer.value(placement)).goodput - pool.goodput
    const replicas = counts[model] ?? 0
    values.push({
      model,
      replicas,
      usedShare: usedShare(pool, model),
      without: replicas === 0 ? 0 : await change(withFewer(pool.placement, model, replicas)),
      oneLess: replicas < 2 ? null : await change(withFewer(pool.placement, model, 1)),
      oneMore: await change(withOneMore(profile, pool.placement, model)),
    })
  }
  return values
}

/** The last `count` replicas of `model` taken away; null: nothing is left. */
function withFewer({ gpus, kvTokens }: FluidPlacement, model: ModelId, count: number): FluidPlacement | null {
  const replicas = gpus.flat().filter((other) => other === model).length
  let seen = 0
  const isKept = (other: ModelId) => {
    if (other !== model) return true
    seen += 1
    return seen <= replicas - count
  }
  const left = gpus.map((load) => load.filter(isKept))
  if (left.every((load) => load.length === 0)) return null
  const { [model]: tokens, ...rest } = kvTokens
  return {
    gpus: left,
    kvTokens: count === replicas ? rest : { ...rest, [model]: (tokens! * (replicas - count)) / replicas },
  }
}

function withOneMore(profile: Profile, { gpus, kvTokens }: FluidPlacement, model: ModelId): FluidPlacement {
  const tokens = (kvTokens[model] ?? 0) + profile.models[model]!.kvTokens.value
  return { gpus: [...gpus, [model]], kvTokens: { ...kvTokens, [model]: tokens } }
}
