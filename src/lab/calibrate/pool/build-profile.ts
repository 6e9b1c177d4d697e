/**
 * @file The profile from what was fitted: machines, the prior that policies may have, and a truth that the twin plays.
 *
 * Every number that was fitted says from how many calls or answers; the rest keeps the base profile's value, tagged
 * assumed for this pool. The truth's lengths and accuracies are those of plain chain of thought, from which depths are
 * differences: plain itself is seldom measured, and then rests on the base's differences.
 */
import {
  type Domain,
  domains,
  type MachineProfile,
  type ModelId,
  type ModelPrior,
  type Profile,
  type StrategyId,
  strategyIds,
} from '../../../core/index.ts'
import { truthOf } from './build-truth.ts'
import { momentsOfParts } from './fit-lengths.ts'
import type { FittedPool } from './fitted-pool.ts'
import { benchmarksOf } from './pool-base.ts'
import { carried, fitted } from './provenance.ts'
import { stepTimeFrom } from './step-figures.ts'
import type { Estimate, Interval } from './step-moments.ts'

/** Assembles the profile. It parses under the profile's schema. */
export function buildProfile(fit: FittedPool): Profile {
  const { base, figures, apiOverheadMs, eta } = fit
  const models = Object.keys(base.models)
  const truth = truthOf(fit)
  const machines = Object.fromEntries(models.map((model) => [model, machineOf(model, fit)] as const))
  return {
    schema: base.schema,
    id: fit.id,
    description: `fitted to measured calls by inframind calibrate; what they do not show is from ${base.id}`,
    gpus: base.gpus,
    models: machines,
    apiOverheadMs: {
      value: significant(figures.apiOverheadMs),
      unit: 'ms per request',
      ...(apiOverheadMs.interval === null
        ? { tag: 'assumed', source: `too few calls on an idle engine; from ${base.id}` }
        : fitted(
            'first tokens on idle engines, less a prefill; then by replay',
            around(apiOverheadMs, figures.apiOverheadMs),
          )),
    },
    prefillChunkTokens: carried(base.prefillChunkTokens, base.id),
    colocationEta:
      eta.interval === null
        ? carried(base.colocationEta, base.id)
        : {
            value: significant(figures.eta),
            unit: base.colocationEta.unit,
            ...fitted('token times beside busy and idle neighbours; then by replay', around(eta, figures.eta)),
          },
    prior: {
      models: Object.fromEntries(models.map((model) => [model, priorOf(model, fit, machines[model]!)] as const)),
    },
    truth,
    sources: [
      ...base.sources,
      `measured calls: ${[...fit.callCounts].map(([model, count]) => `${model} ${count}`).join(', ')}`,
    ],
  }
}

/** The interval of an estimate, moved to where a later stage put the value. */
function around({ value, interval }: Estimate, moved: number): Interval | null {
  if (interval === null) return null
  const shift = moved - value
  return [Math.max(0, interval[0] + shift), interval[1] + shift]
}

const significant = (value: number): number => Number(value.toPrecision(4))

function machineOf(
  model: ModelId,
  { base, figures, capacities, decodeIntervals, callCounts }: FittedPool,
): MachineProfile {
  const machine = base.models[model]!
  const known = figures.models.get(model)
  const capacity = capacities.get(model)
  const calls = `${callCounts.get(model) ?? 0} measured calls`
  return {
    slots:
      capacity?.slots.isBound === true
        ? {
            value: capacity.slots.value,
            unit: machine.slots.unit,
            ...fitted(`most seen running while others waited, ${calls}`),
          }
        : { ...carried(machine.slots, base.id), value: capacity?.slots.value ?? machine.slots.value },
    kvTokens:
      capacity === undefined || capacity.kvTokens.interval === null
        ? { ...carried(machine.kvTokens, base.id), value: Math.round(known?.kvTokens ?? machine.kvTokens.value) }
        : {
            value: capacity.kvTokens.value,
            unit: machine.kvTokens.unit,
            ...fitted(`tokens held over the usage that the engine reported, ${calls}`, capacity.kvTokens.interval),
          },
    blockTokens: carried(machine.blockTokens, base.id),
    maxModelLen: carried(machine.maxModelLen, base.id),
    ...(known === undefined
      ? { step: carried(machine.step, base.id), host: carried(machine.host, base.id) }
      : {
          step: {
            value: stepTimeFrom(known, machine),
            unit: machine.step.unit,
            ...fitted(
              `${calls}: regression, then replay; interval: a decoding step in ms; the hinge's shape as in ${base.id}`,
              decodeIntervals.get(model) ?? null,
            ),
          },
          host: {
            value: 0,
            unit: machine.host.unit,
            tag: 'fitted',
            source: 'contained in the step times, which were measured end to end',
          },
        }),
  }
}

/** A table over domains and depths. */
function byArm<T>(fn: (domain: Domain, strategy: StrategyId) => T) {
  return Object.fromEntries(
    domains.map((domain) => [
      domain,
      Object.fromEntries(strategyIds.map((strategy) => [strategy, fn(domain, strategy)])),
    ]),
  ) as Record<Domain, Record<StrategyId, T>>
}

/** P(right) of an arm over the domain's benchmarks, and its interval. */
export function armQuality(
  { quality, base, graded }: Pick<FittedPool, 'quality' | 'base' | 'graded'>,
  arm: { readonly model: ModelId; readonly domain: Domain; readonly strategy: StrategyId | null },
): { readonly value: number; readonly interval: Interval } {
  const weights = [...benchmarksOf(base.truth, graded).get(arm.domain)!]
  const all = weights.reduce((sum, [, weight]) => sum + weight, 0)
  const [value, low, high] = [0, 0, 0].map((_, part) =>
    weights.reduce((sum, [set, weight]) => {
      const { value: centre, interval } = quality.of({ ...arm, set })
      return sum + (weight / all) * [centre, interval[0], interval[1]][part]!
    }, 0),
  ) as [number, number, number]
  return { value, interval: [low, high] }
}

function priorOf(model: ModelId, fit: FittedPool, machine: MachineProfile): ModelPrior {
  const { base, figures, lengths, quality } = fit
  const before = base.prior.models[model]!
  const step = machine.step.value
  const answers = domains.reduce(
    (sum, domain) =>
      sum +
      [...strategyIds, null].reduce((all, strategy) => all + quality.counts({ model, domain, strategy }).graded, 0),
    0,
  )
  const tags = Object.fromEntries(
    domains.flatMap((domain) =>
      strategyIds.map((strategy) => {
        const { graded } = quality.counts({ model, domain, strategy })
        const [low, high] = armQuality(fit, { model, domain, strategy }).interval
        return [
          `${domain}.${strategy}`,
          `${graded > 0 ? 'fitted' : 'assumed'}, ${graded} graded, ${low.toFixed(2)} to ${high.toFixed(2)}`,
        ]
      }),
    ),
  )
  const measured = lengths.counts.get(model) ?? 0
  const isTimed = figures.models.has(model)
  return {
    tier: before.tier,
    quality: {
      value: byArm((domain, strategy) => round(armQuality(fit, { model, domain, strategy }).value, 3)),
      unit: before.quality.unit,
      ...(answers > 0
        ? {
            ...fitted(`${answers} graded answers that were not cut, shrunk towards ${base.id} and their kin`),
            entryTags: tags,
          }
        : { tag: 'assumed', source: `nothing was graded; from ${base.id}` }),
    },
    outputTokens: {
      value: byArm((domain, strategy) => {
        const moments = momentsOfParts(lengths.parts({ model, domain, strategy }))
        return { mean: Math.max(1, round(moments.mean, 1)), sigma: round(moments.sigma, 3) }
      }),
      unit: before.outputTokens.unit,
      ...(measured > 0
        ? fitted(`${measured} answers; lognormal, cut ones counted as longer`)
        : { tag: 'assumed', source: `no answers; from ${base.id}` }),
    },
    ttft: {
      value: { fixedMs: significant(figures.apiOverheadMs + step.b0 + machine.host.value), perTokenMs: step.k1 },
      unit: before.ttft.unit,
      ...(isTimed ? fitted('API overhead and one prefill, as fitted') : { tag: 'assumed', source: `from ${base.id}` }),
    },
    tpot: {
      value: { idleMs: significant(step.decodeC0 + machine.host.value), perKvTokenMs: step.decodeC3 },
      unit: before.tpot.unit,
      ...(isTimed ? fitted('a decoding step, as fitted') : { tag: 'assumed', source: `from ${base.id}` }),
    },
  }
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))
