/**
 * @file The same pool under other names: whoever decides by names, and not by what models do, decides otherwise there.
 *
 * One name may be read by design: whether a model thinks at length whatever it is told (see `policy/predict`), which
 * sets caps and prompts. That mark is kept.
 */
import type { ModelId, Profile, ProfileTruth } from '../../core/index.ts'
import { mapTable } from './quantity.ts'

/** Everything by model in `profile`, by `nameOf(model, its place)` instead. Names must differ. */
export function renamedPool(profile: Profile, nameOf: (model: ModelId, place: number) => ModelId): Profile {
  const names = new Map(Object.keys(profile.models).map((model, place) => [model, nameOf(model, place)]))
  const renamed = (model: ModelId): ModelId => names.get(model) ?? model
  const keyed = <T>(table: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(table).map(([model, value]) => [renamed(model), value]))
  const { id, gpus, models, prior, truth } = profile
  const { reading, ...known } = prior
  return {
    ...profile,
    id: `renamed:${id}`,
    gpus: gpus.map((gpu) => ({ ...gpu, engines: gpu.engines.map(renamed) })),
    models: keyed(models),
    prior: {
      ...known,
      models: keyed(known.models),
      ...(reading ? { reading: { ...reading, value: renamedReading(reading.value, keyed) } } : {}),
    },
    ...(truth ? { truth: renamedTruth(truth, keyed) } : {}),
  }
}

type Keyed = <T>(table: Readonly<Record<string, T>>) => Record<string, T>
type Reading = NonNullable<Profile['prior']['reading']>['value']

const renamedReading = (reading: Reading, keyed: Keyed): Reading => ({
  ...reading,
  domains: mapTable(reading.domains, (domain) => domain && { ...domain, models: keyed(domain.models) }),
})

function renamedTruth(truth: ProfileTruth, keyed: Keyed): ProfileTruth {
  const { cotAccuracy, cotMeanOutputTokens, lengthMultiplier, outputSigma, strategyDelta, strategyTokenRatio, flash } =
    truth
  type Deltas = ProfileTruth['strategyDelta']['value']
  type Ratios = ProfileTruth['strategyTokenRatio']['value']
  const { entryTags: _, ...accuracy } = cotAccuracy
  const deltas = mapTable(strategyDelta.value, (byStrategy) => mapTable(byStrategy, keyed)) as Deltas
  const ratios = mapTable(strategyTokenRatio.value, keyed) as Ratios
  return {
    ...truth,
    cotAccuracy: { ...accuracy, value: mapTable(cotAccuracy.value, keyed) },
    cotMeanOutputTokens: { ...cotMeanOutputTokens, value: mapTable(cotMeanOutputTokens.value, keyed) },
    lengthMultiplier: { ...lengthMultiplier, value: keyed(lengthMultiplier.value) },
    outputSigma: { ...outputSigma, value: keyed(outputSigma.value) },
    strategyDelta: { ...strategyDelta, value: deltas },
    strategyTokenRatio: { ...strategyTokenRatio, value: ratios },
    flash: { ...flash, value: { ...flash.value, complies: keyed(flash.value.complies) } },
  }
}

/** `model-1`, `model-2` ... in the pool's order; `reasoning-N` for those that think at length. */
export function anonymousPool(profile: Profile): Profile {
  const ratios = profile.truth?.strategyTokenRatio.value.Flash ?? {}
  const doesThink = (model: ModelId) => typeof ratios[model] === 'number'
  return renamedPool(profile, (model, place) => `${doesThink(model) ? 'reasoning' : 'model'}-${place + 1}`)
}
