/**
 * @file Advice on a pool: which models, how many replicas of each, for a traffic and a number of GPUs.
 *
 * Joins the value of the pool as it is (linear program and its prices), what each model adds, the best placements that fit
 * the memory, how differently the models err, and which model each kind of step would take as load grows.
 */
import { type ModelId, type Profile, quantileSorted } from '../../core/index.ts'
import type { FluidPlacement } from '../fluid/index.ts'
import { requireTruth } from '../profile-file.ts'
import { type Advice, adviceSchema, adviceSchemaId, type SimulatedAdvice } from './advice.ts'
import { createDomainTables } from './arm-table.ts'
import { diversityOf } from './diversity.ts'
import { engineMemories } from './engine-memory.ts'
import { gpuRooms } from './gpu-rooms.ts'
import { type GradedRow, gradedDiversity } from './graded-diversity.ts'
import { marginalValues } from './marginal-values.ts'
import { countReplicas, placementOf, type Rack, toFluid } from './placements.ts'
import { createValuer, enginePrice, type PoolValue, type RateValue, usedShare, type Valuer } from './pool-value.ts'
import { type Load, roleTable } from './role-table.ts'
import { headroomFactor, type SearchResult, searchPlacements } from './search.ts'
import { pairedGain, type SimulatedPool, simulatePool } from './simulate-pool.ts'
import type { Traffic } from './traffic.ts'

export interface AdviseOptions {
  /** With the models that are asked about, and a truth. */
  readonly profile: Profile
  readonly traffic: Traffic
  /** GPUs to be filled; null: as many as the profile has. */
  readonly gpus: number | null
  /** Of each GPU; null: the profile's. */
  readonly gpuMemoryGb: number | null
  readonly mostReplicas: number
  /** Graded answers of the real models; null: none. */
  readonly graded: readonly GradedRow[] | null
  /** Minutes of the twin for the pool and the best two configurations; null: not simulated. */
  readonly simulatedMinutes: number | null
  readonly seed: number
}

/** How far the twin was off where it was compared with measured runs, by profile. Source: docs/twin.md. */
const knownErrors: Readonly<Record<string, string>> = {
  'paper-b200': 'the twin is known to err by 16-26 % in mean latency and about 8 points in accuracy',
}
const mostSimulated = 2

/** Throws ConfigError where the profile holds no truth, a model's memory is unknown, or nothing fits. */
export async function advise(options: AdviseOptions): Promise<Advice> {
  const { profile, traffic, seed } = options
  requireTruth(profile)
  const memories = engineMemories(profile)
  const rack: Rack = { profile, memories, rooms: gpuRooms({ ...options, memories }) }
  const valuer = createValuer(profile, traffic, seed)
  const models = Object.keys(profile.models)
  const search = await searchPlacements({
    rack,
    valuer,
    models: await placeable(options, valuer),
    mostReplicas: options.mostReplicas,
  })
  const own = placementOf(profile)
  const pool = await valuer.value(own)
  const { goodput: goodputWithHeadroom } = await valuer.valueAt(own, headroomFactor)
  const simulated = await simulateAll(options, rack, search)
  const tables = createDomainTables({ profile, traffic, seed })
  return adviceSchema.parse({
    schema: adviceSchemaId,
    basis: basisOf(options, rack),
    pool: {
      goodput: pool.goodput,
      goodputWithHeadroom,
      byRate: pool.byRate.map((rate) => pricesOf(profile, pool, rate)),
      simulated: simulated[0] ?? null,
    },
    models: await marginalValues(profile, valuer, pool),
    search: {
      ...search,
      configurations: search.configurations.map(({ placement, replicas, ...value }, index) => ({
        ...value,
        replicas,
        gpus: placement,
        gain: value.goodput - pool.goodput,
        gainWithHeadroom: value.goodputWithHeadroom - goodputWithHeadroom,
        simulated: simulated[index + 1] ?? null,
      })),
    },
    diversity: diversityOf(tables),
    graded: options.graded === null ? null : gradedDiversity(options.graded, { models, seed }),
    roles: roleTable(tables, await loadsOf(valuer, own, traffic)),
  })
}

function basisOf({ profile, traffic, seed }: AdviseOptions, { memories, rooms }: Rack): Advice['basis'] {
  const known = knownErrors[profile.id] ?? "the twin's error is not known for this profile"
  return {
    profile: profile.id,
    note: `computed from profile ${profile.id}, not measured; ${known}`,
    models: Object.keys(profile.models),
    ratesPerMinute: [...traffic.ratesPerMinute],
    budgetsSeconds: traffic.budgetsMs.map((ms) => ms / 1000),
    mix: { ...traffic.mix },
    questions: traffic.questions.length,
    seed,
    gpus: rooms.bytes.length,
    gpuMemory: rooms.source,
    memoryAssumed: [...memories].flatMap(([model, { isAssumed }]) => (isAssumed ? [model] : [])),
    headroomFactor,
  }
}

function pricesOf(profile: Profile, { placement }: PoolValue, rate: RateValue): Advice['pool']['byRate'][number] {
  const { ratePerMinute, line } = rate
  const counts = countReplicas(placement.gpus)
  return {
    ratePerMinute,
    goodput: line.goodput,
    engines: Object.entries(profile.models).map(([model, { slots, kvTokens }]) => {
      const { perEngine, perCache } = enginePrice(rate, model, placement.kvTokens[model] ?? kvTokens.value)
      return {
        model,
        replicas: counts[model] ?? 0,
        perSlot: perEngine / slots.value,
        perEngine,
        answersPerMinutePerEngine: perEngine * ratePerMinute,
        answersPerSecond: line.prices[model]!.perWorkSecond,
        perCache,
      }
    }),
    gpus: placement.gpus.map((engines, gpu) => {
      const perGpu = line.gpuPrices[gpu]!
      return { id: profile.gpus[gpu]!.id, engines: [...engines], perGpu, answersPerMinute: perGpu * ratePerMinute }
    }),
  }
}

/** Models that are searched over: of many those that would be used most if each had a GPU of its own. */
const mostPlaced = 12

async function placeable({ profile }: AdviseOptions, valuer: Valuer): Promise<readonly ModelId[]> {
  const models = Object.keys(profile.models)
  if (models.length <= mostPlaced) return models
  const kvTokens = Object.fromEntries(models.map((model) => [model, profile.models[model]!.kvTokens.value]))
  const apart = await valuer.valueAt({ gpus: models.map((model) => [model]), kvTokens }, headroomFactor)
  const byUse = [...models].sort((a, b) => usedShare(apart, b) - usedShare(apart, a)).slice(0, mostPlaced)
  return models.filter((model) => byUse.includes(model))
}

/** Low, middle and high: the rates asked for where there are several, else a quarter of it, itself, and four times it. */
async function loadsOf(valuer: Valuer, own: FluidPlacement, { ratesPerMinute }: Traffic): Promise<readonly Load[]> {
  const sorted = [...ratesPerMinute].sort((a, b) => a - b)
  const [low, high] = sorted.length > 1 ? [sorted[0]!, sorted.at(-1)!] : [sorted[0]! / 4, sorted[0]! * 4]
  const middle = sorted.length > 2 ? quantileSorted(sorted, 0.5) : Math.sqrt(low * high)
  const named = [
    ['low', low],
    ['middle', middle],
    ['high', high],
  ] as const
  return Promise.all(
    named.map(async ([name, ratePerMinute]): Promise<Load> => {
      return { name, ratePerMinute, line: await valuer.lineAt(own, ratePerMinute) }
    }),
  )
}

/** The pool as it is, then the best configurations; empty: not asked for. */
async function simulateAll(
  { profile, traffic, seed, simulatedMinutes }: AdviseOptions,
  rack: Rack,
  { configurations }: SearchResult,
): Promise<readonly SimulatedAdvice[]> {
  if (simulatedMinutes === null) return []
  const placements = configurations.slice(0, mostSimulated).map(({ placement }) => toFluid(rack, placement))
  const pools: SimulatedPool[] = []
  for (const placement of [placementOf(profile), ...placements])
    pools.push(await simulatePool(placement, { profile, traffic, seed, minutes: simulatedMinutes }))
  return pools.map((pool, index): SimulatedAdvice => {
    const paired = index === 0 ? null : pairedGain(pools[0]!, pool)
    return {
      goodput: pool.goodput,
      margin: pool.margin,
      onTime: pool.byRate.reduce((sum, { onTime }) => sum + onTime, 0) / pool.byRate.length,
      byRate: pool.byRate.map((rate) => ({ ...rate })),
      queries: pool.queries,
      gain: paired?.gain ?? null,
      gainMargin: paired?.margin ?? null,
    }
  })
}
