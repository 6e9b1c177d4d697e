/**
 * @file A pool of made-up models: each is one of a given pool's, changed in speed, ability and length.
 *
 * Machines come as the caller made them; the truth's tables and the prior are derived here, so that they belong together.
 * All of it is assumed: such a pool says how cost and decisions carry over, nothing about any real model.
 */
import {
  invariant,
  logistic,
  logit,
  type MachineProfile,
  type ModelId,
  type ModelPrior,
  type Profile,
  type ProfileTruth,
} from '../../core/index.ts'
import { priorOfTruth } from './prior-of-truth.ts'
import { mapTable, roundTo, tableOf } from './quantity.ts'

/** One made-up model. */
export interface Variant {
  readonly name: ModelId
  /** The model that it is made from. */
  readonly from: ModelId
  readonly machine: MachineProfile
  /** Logits added to its accuracy on a benchmark. */
  abilityOn(benchmark: string): number
  /** Factor on its mean length on a benchmark. */
  lengthOn(benchmark: string): number
  /** Factor on all its lengths. Default 1. */
  readonly lengthFactor?: number
  /** Logits added to its chance to comply with Flash. Default 0. */
  readonly compliance?: number
}

export interface VariedPool {
  readonly id: string
  readonly description: string
  readonly variants: readonly Variant[]
  readonly gpus: Profile['gpus']
  /** Default: the base's. */
  readonly apiOverheadMs?: number
  /** Of the pool, before the base's. */
  readonly source: string
}

/** Tags `table` as assumed: intervals and tags of single entries no longer hold. */
export const assumed = <T extends object>(table: T, source: string) => {
  const { entryTags: _, interval: __, ...rest } = table as T & { entryTags?: unknown; interval?: unknown }
  return { ...rest, tag: 'assumed' as const, source }
}

/** `base` must hold a truth: INVARIANT_VIOLATED. */
export function variedPool(base: Profile, pool: VariedPool): Profile {
  const { id, description, variants, gpus, apiOverheadMs = base.apiOverheadMs.value, source } = pool
  invariant(base.truth !== undefined, 'a pool is varied by its truth')
  const truth = variedTruth(base.truth, variants)
  const overhead =
    apiOverheadMs === base.apiOverheadMs.value
      ? base.apiOverheadMs
      : assumed({ ...base.apiOverheadMs, value: apiOverheadMs }, `varied from ${base.id}`)
  const priorOf = ({ name, from, machine }: Variant) =>
    priorOfTruth({ model: name, tier: base.prior.models[from]?.tier ?? 'medium', truth, machine, apiOverheadMs })
  return {
    ...base,
    id,
    description,
    gpus,
    models: Object.fromEntries(variants.map(({ name, machine }) => [name, machine])),
    apiOverheadMs: overhead,
    prior: { models: Object.fromEntries(variants.map((variant) => [variant.name, assumedPrior(priorOf(variant))])) },
    truth,
    sources: [source, ...base.sources],
  }
}

const assumedPrior = ({ tier, ...tables }: ModelPrior): ModelPrior =>
  ({
    tier,
    ...mapTable(tables as unknown as Record<string, object>, (table) => assumed(table, 'from the assumed truth')),
  }) as ModelPrior

/** Probabilities keep off the ends, where logits are not finite. */
const shifted = (probability: number, logits: number): number =>
  logits === 0 ? probability : roundTo(logistic(logit(Math.min(0.99, Math.max(0.01, probability))) + logits), 3)

function variedTruth(truth: ProfileTruth, variants: readonly Variant[]): ProfileTruth {
  const names = variants.map(({ name }) => name)
  const byName = new Map(variants.map((variant) => [variant.name, variant]))
  const each = <T>(fn: (variant: Variant) => T): Record<string, T> =>
    tableOf(names, (name) => fn(byName.get(name) as Variant))
  const copied = <T>(table: Readonly<Record<string, T>>) => each(({ from }) => table[from] as T)
  const abler = (table: Readonly<Record<string, number>>, benchmark: string) =>
    each(({ from, abilityOn }) => shifted(table[from] as number, abilityOn(benchmark)))
  const stretched = (table: Readonly<Record<string, number>>, benchmark: string) =>
    each(({ from, lengthOn }) => Math.max(1, Math.round((table[from] as number) * lengthOn(benchmark))))
  const varied = <T extends { readonly value: unknown }>(table: T, value: unknown) =>
    assumed({ ...table, value }, 'varied from the base') as unknown as T
  const { cotAccuracy, cotMeanOutputTokens, lengthMultiplier, outputSigma, strategyDelta, strategyTokenRatio, flash } =
    truth
  const multiplied = each(({ from, lengthFactor = 1 }) => (lengthMultiplier.value[from] as number) * lengthFactor)
  const complies = each(({ from, compliance = 0 }) => shifted(flash.value.complies[from] as number, compliance))
  return {
    ...truth,
    cotAccuracy: varied(cotAccuracy, mapTable(cotAccuracy.value, abler)),
    cotMeanOutputTokens: varied(cotMeanOutputTokens, mapTable(cotMeanOutputTokens.value, stretched)),
    lengthMultiplier: varied(lengthMultiplier, multiplied),
    outputSigma: varied(outputSigma, copied(outputSigma.value)),
    strategyDelta: varied(
      strategyDelta,
      mapTable(strategyDelta.value, (byStrategy) => mapTable(byStrategy, copied)),
    ),
    strategyTokenRatio: varied(strategyTokenRatio, mapTable(strategyTokenRatio.value, copied)),
    flash: varied(flash, { ...flash.value, complies }),
  }
}
