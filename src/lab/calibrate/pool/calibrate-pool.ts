/**
 * @file From measured calls to a profile of the pool that gave them, and how well its twin repeats what was held out.
 *
 * The fifth of the calls that is held out is seen by no fit of speed, capacity or length, but for what it was to the others:
 * load around them. Order: capacity and step times by
 * regression, refined by replay (`refine.ts`); lengths under censoring; quality from graded answers; then everything into
 * one profile. A model with too few calls keeps the base's machine and says so.
 */
import { type Domain, type ModelId, type Profile, parseProfile, quantileSorted } from '../../../core/index.ts'
import { buildProfile } from './build-profile.ts'
import { type Capacity, fitCapacity } from './capacity.ts'
import { withEstimatedTokens } from './estimate-tokens.ts'
import { fitLengths, lengthRows } from './fit-lengths.ts'
import { fitQuality } from './fit-quality.ts'
import type { FittedPool } from './fitted-pool.ts'
import type { GradedAnswer } from './graded.ts'
import { type HeldOutError, heldOutErrors, holdOut } from './held-out.ts'
import { poolBase } from './pool-base.ts'
import type { PoolCall } from './pool-call.ts'
import type { PoolMeasurements } from './read-folder.ts'
import { type FigureBounds, type MachineFigures, type PoolFigures, refine } from './refine.ts'
import { type Causes, causesOf } from './replay.ts'
import { sampleTraffic } from './sample-traffic.ts'
import { figuresOf } from './step-figures.ts'
import { fitMoments, leastRows, type PoolMoments, type StepMoments } from './step-moments.ts'
import { byKey, leastSteps, type ModelTraffic, trafficOf } from './traffic.ts'

export interface CalibrateOptions {
  readonly base: Profile
  readonly id: string
  /** Which models share a GPU; null: as in the base, unknown ones alone. */
  readonly gpus: readonly (readonly ModelId[])[] | null
  readonly seed: number
  /** Replays that the second stage may spend; 0: regression alone. */
  readonly replays: number
  readonly onProgress?: (stage: string) => void
}

export interface Calibration {
  readonly profile: Profile
  readonly fit: FittedPool
  readonly warnings: readonly string[]
  readonly calls: number
  readonly graded: number
  readonly isClosedTraffic: boolean
  /** Mean |log-error| of the replayed training calls before and after the second stage; null: not run. */
  readonly refined: { readonly before: number; readonly after: number } | null
  /** Over all models, then by model. Empty where nothing can be replayed. */
  readonly heldOut: readonly HeldOutError[]
}

/** A model with fewer calls keeps the base's machine. */
export const leastCalls = 50

/** Throws ConfigError where the base cannot be used for this pool. */
export async function calibratePool(measured: PoolMeasurements, options: CalibrateOptions): Promise<Calibration> {
  const { graded } = measured
  const calls = withEstimatedTokens(measured.calls)
  const progress = options.onProgress ?? (() => {})
  const { profile: base, warnings: borrowed } = poolBase(options.base, {
    models: modelsOf(measured),
    tpotMsOf: medianTpot(measured),
    sets: new Map(graded.map(({ set, domain }): [string, Domain] => [set, domain])),
    gpus: options.gpus,
  })
  const isHeldOut = holdOut(calls)
  const training = calls.filter((_, index) => !isHeldOut[index])
  progress('step times by regression')
  const capacities = capacitiesOf(calls, { base, isCounted: new Set(training) })
  const moments = fitMoments(trafficFor(measured, { training, calls, base, capacities }), {
    stepOf: (model) => figuresOf(base.models[model]!),
    apiOverheadMs: base.apiOverheadMs.value,
    eta: base.colocationEta.value,
    seed: options.seed,
  })
  const causes = causesOf(calls)
  progress('step times by replay')
  const start = startOf(moments, base, capacities)
  const refined = await refineFrom(calls, {
    start,
    base,
    causes,
    isHeldOut,
    capacities,
    replays: options.replays,
    moments,
  })
  progress('lengths and quality')
  const fit: FittedPool = {
    base,
    figures: refined?.figures ?? start,
    decodeIntervals: decodeIntervals(moments, refined?.figures ?? start),
    apiOverheadMs: moments.apiOverheadMs,
    eta: moments.eta,
    capacities,
    lengths: fitLengths(lengthRows(training, withoutHeldOut(graded, { calls, isHeldOut })), base.truth, graded),
    quality: fitQuality(graded, base.truth),
    graded,
    callCounts: new Map([...byKey(calls, ({ model }) => model)].map(([model, its]) => [model, its.length] as const)),
    id: options.id,
  }
  const profile = parseProfile(buildProfile(fit), options.id)
  progress('held-out traffic')
  const { lengths } = fit
  const heldOut =
    calls.length === 0 ? [] : await heldOutErrors(calls, { profile, lengths, causes, isHeldOut, seed: options.seed })
  return {
    profile,
    fit,
    warnings: [...measured.warnings, ...borrowed, ...warningsOf(fit, moments)],
    calls: calls.length,
    graded: graded.length,
    isClosedTraffic: causes.some((cause) => cause !== null),
    refined: refined && { before: refined.errorBefore, after: refined.errorAfter },
    heldOut,
  }
}

const modelsOf = ({ calls, graded, samples }: PoolMeasurements): readonly ModelId[] => {
  const measured = [...new Set([...calls, ...samples].map(({ model }) => model))]
  return (measured.length > 0 ? measured : [...new Set(graded.map(({ model }) => model))]).sort()
}

/** Median time per output token by model; null where no call tells. */
function medianTpot({ calls, samples }: PoolMeasurements): (model: ModelId) => number | null {
  const times = byKey(
    [
      ...calls.flatMap(({ model, firstTokenAtMs, finishedAtMs, outputTokens }) =>
        firstTokenAtMs === null || outputTokens < 2
          ? []
          : [{ model, tpotMs: (finishedAtMs - firstTokenAtMs) / (outputTokens - 1) }],
      ),
      ...samples.filter(({ outputTokens }) => outputTokens > 1),
    ],
    ({ model }) => model,
  )
  return (model) => {
    const sorted = (times.get(model) ?? []).map(({ tpotMs }) => tpotMs).sort((a, b) => a - b)
    return sorted.length === 0 ? null : quantileSorted(sorted, 0.5)
  }
}

/** Answers of held-out calls tell their lengths. Those that name no call stay. */
function withoutHeldOut(
  graded: readonly GradedAnswer[],
  { calls, isHeldOut }: { readonly calls: readonly PoolCall[]; readonly isHeldOut: readonly boolean[] },
): readonly GradedAnswer[] {
  const heldOut = new Set(calls.flatMap(({ id }, index) => (isHeldOut[index] ? (id ?? []) : [])))
  return graded.filter(({ call }) => call === undefined || !heldOut.has(call))
}

/** By model; of several replicas the one with most calls. */
function capacitiesOf(
  calls: readonly PoolCall[],
  { base, isCounted }: { readonly base: Profile; readonly isCounted: ReadonlySet<PoolCall> },
): ReadonlyMap<ModelId, Capacity> {
  const capacities = new Map<ModelId, Capacity>()
  const engines = [...byKey(calls, ({ engine }) => engine).values()].sort((a, b) => a.length - b.length)
  for (const its of engines) {
    const { model } = its[0]!
    if (its.length >= leastCalls) capacities.set(model, fitCapacity(its, { base: base.models[model]!, isCounted }))
  }
  return capacities
}

interface TrafficContext {
  readonly training: readonly PoolCall[]
  readonly calls: readonly PoolCall[]
  readonly base: Profile
  readonly capacities: ReadonlyMap<ModelId, Capacity>
}

function trafficFor(
  { samples }: PoolMeasurements,
  { training, calls, base }: TrafficContext,
): ReadonlyMap<ModelId, ModelTraffic> {
  if (calls.length === 0) return sampleTraffic(samples, base)
  const beside = (model: ModelId) =>
    base.gpus.flatMap(({ engines }) => (engines.includes(model) ? engines.filter((other) => other !== model) : []))
  const counts = byKey(training, ({ model }) => model)
  // What went on around a call is seen from all calls; rows are made of the training ones alone.
  const rows = trafficOf(calls, {
    neighboursOf: beside,
    isCounted: new Set(training.filter((call) => call.isCounted !== false)),
  })
  return new Map([...rows].filter(([model]) => (counts.get(model)?.length ?? 0) >= leastCalls))
}

/** The regression's figures; a KV growth that cannot be told from none starts at a part of the base's. */
function startOf(
  { models, apiOverheadMs, eta }: PoolMoments,
  base: Profile,
  capacities: ReadonlyMap<ModelId, Capacity>,
): PoolFigures {
  const figures = [...models].map(([model, moments]): readonly [ModelId, MachineFigures] => {
    const machine = base.models[model]!
    const known = figuresOf(machine)
    return [
      model,
      {
        decodeMs: moments.decodeMs.value || known.decodeMs,
        perKvTokenMs: Math.max(moments.perKvTokenMs.value, 0.2 * known.perKvTokenMs),
        prefillMs: moments.prefillMs.value || known.prefillMs,
        perPromptTokenMs: moments.perPromptTokenMs.value || known.perPromptTokenMs,
        kvTokens: capacities.get(model)?.kvTokens.value ?? machine.kvTokens.value,
      },
    ]
  })
  return { models: new Map(figures), apiOverheadMs: Math.max(0.1, apiOverheadMs.value), eta: eta.value }
}

interface RefineContext {
  readonly start: PoolFigures
  readonly base: Profile
  readonly causes: Causes
  readonly isHeldOut: readonly boolean[]
  readonly capacities: ReadonlyMap<ModelId, Capacity>
  readonly replays: number
  readonly moments: PoolMoments
}

async function refineFrom(calls: readonly PoolCall[], context: RefineContext) {
  const { start, base, causes, isHeldOut, capacities, replays, moments } = context
  if (calls.length === 0 || start.models.size === 0 || replays < 2) return null
  const machines = Object.entries(base.models).map(([model, machine]) => {
    const slots = capacities.get(model)?.slots.value ?? machine.slots.value
    return [model, { ...machine, slots: { ...machine.slots, value: slots } }] as const
  })
  return refine(calls, start, {
    base: { ...base, models: Object.fromEntries(machines) },
    causes,
    isHeldOut,
    movesKvTokens: (model) => capacities.get(model)?.kvTokens.interval === null,
    movesEta: moments.eta.interval !== null,
    boundsOf: (model) => boundsOf(moments.models.get(model)),
    replays,
  })
}

/** The regression's, widened to hold what replays made of it. */
function decodeIntervals({ models }: PoolMoments, figures: PoolFigures): FittedPool['decodeIntervals'] {
  return new Map(
    [...models].flatMap(
      ([
        model,
        {
          decodeMs: { interval },
        },
      ]) => {
        const ms = figures.models.get(model)?.decodeMs
        if (interval === null || ms === undefined) return []
        return [[model, [Math.min(interval[0], ms), Math.max(interval[1], ms)]] as const]
      },
    ),
  )
}

/** A regression knows a decoding step to a percent or two, what comes before the first token less well. */
const slack = { decodeMs: 0.02, perKvTokenMs: 0.5, prefillMs: 0.3, perPromptTokenMs: 0.2 } as const

function boundsOf(moments: StepMoments | undefined): FigureBounds {
  if (moments === undefined) return {}
  return Object.fromEntries(
    Object.entries(slack).flatMap(([key, room]) => {
      const { value, interval } = moments[key as keyof typeof slack]
      if (interval === null || value <= 0) return []
      return [[key, [Math.min(interval[0], value) * (1 - room), Math.max(interval[1], value) * (1 + room)]] as const]
    }),
  )
}

/** Why a model of so many calls was not fitted. */
const tooFew = (calls: number): string =>
  calls < leastCalls
    ? `${calls} calls are too few (at least ${leastCalls})`
    : `of ${calls} calls too few tell a step: ${leastCalls} not held out are needed, ${leastRows} of them with more than ${leastSteps} tokens counted by the engine and the instant of the first`

function warningsOf(
  { base, callCounts, capacities, graded }: FittedPool,
  { models, apiOverheadMs, eta }: PoolMoments,
): readonly string[] {
  const isShared = base.gpus.some(({ engines }) => engines.length > 1)
  const sets = new Set(Object.keys(base.models))
  const strangers = [...new Set(graded.map(({ model }) => model).filter((model) => !sets.has(model)))]
  return [
    ...Object.keys(base.models).flatMap((model) => {
      const fitted = models.get(model)
      if (fitted === undefined) {
        return [`${model}: ${tooFew(callCounts.get(model) ?? 0)}; its machine is assumed from ${base.id}`]
      }
      const capacity = capacities.get(model)
      return [
        ...(fitted.prefillMs.interval
          ? []
          : [`${model}: no calls of differing length on an idle engine; prefill times are assumed in part`]),
        ...(capacity && !capacity.slots.isBound
          ? [`${model}: its slots were never all taken; ${capacity.slots.value} is assumed`]
          : []),
        ...(capacity && !capacity.kvTokens.interval
          ? [`${model}: no readings of its KV cache; its size rests on latencies alone`]
          : []),
      ]
    }),
    ...(apiOverheadMs.interval ? [] : ['API overhead cannot be told from prefill times here; assumed in part']),
    ...(isShared && !eta.interval
      ? ['neighbours on a GPU were always or never busy: their slowdown (eta) is assumed']
      : []),
    ...(graded.length === 0 ? ['nothing was graded: quality is assumed throughout'] : []),
    ...strangers.map((model) => `${model}: graded, but never called; left out`),
  ]
}
