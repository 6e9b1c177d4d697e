/**
 * @file What a pool comes to with queues and all: a short run of the twin under the default policies.
 *
 * The fluid value leaves waiting out; this does not. Same arrivals, questions and luck for every pool, so differences are
 * paired by query. Policies know the profile's prior, as they would in serving.
 */
import type { ModelId, Profile } from '../../core/index.ts'
import type { FluidPlacement } from '../fluid/index.ts'
import { createTwinWorld } from '../twin-world.ts'
import { runWorkload } from '../workload.ts'
import type { Traffic } from './traffic.ts'

export interface SimulatedRate {
  readonly ratePerMinute: number
  /** Correct and in time, of all queries measured, 0-1. */
  readonly goodput: number
  readonly onTime: number
}

export interface SimulatedPool {
  /** Mean over the rates, 0-1, and half the width of its 95 % interval by queries. */
  readonly goodput: number
  readonly margin: number
  readonly byRate: readonly SimulatedRate[]
  readonly queries: number
  /** Of each measured query, rate by rate: 1 if correct and in time. */
  readonly outcomes: readonly Uint8Array[]
}

export interface SimulationOptions {
  readonly profile: Profile
  readonly traffic: Traffic
  readonly seed: number
  /** Measured time for each rate, after `warmUpMinutes`. */
  readonly minutes: number
}

const warmUpMinutes = 3

export async function simulatePool(placement: FluidPlacement, options: SimulationOptions): Promise<SimulatedPool> {
  const outcomes: Uint8Array[] = []
  const byRate: SimulatedRate[] = []
  for (const ratePerMinute of options.traffic.ratesPerMinute) {
    const { isGood, isOnTime } = await playRate(placement, ratePerMinute, options)
    outcomes.push(isGood)
    byRate.push({ ratePerMinute, goodput: meanOf(isGood), onTime: meanOf(isOnTime) })
  }
  const goodput = byRate.reduce((sum, rate) => sum + rate.goodput, 0) / byRate.length
  const queries = outcomes.reduce((sum, { length }) => sum + length, 0)
  return { goodput, margin: marginOf(outcomes), byRate, queries, outcomes }
}

/** `to` less `from`, query by query: mean over the rates, and half the width of its 95 % interval. */
export function pairedGain(from: SimulatedPool, to: SimulatedPool): { readonly gain: number; readonly margin: number } {
  const differences = to.outcomes.map((after, rate) =>
    Float64Array.from(after, (good, index) => good - from.outcomes[rate]![index]!),
  )
  return { gain: to.goodput - from.goodput, margin: marginOf(differences) }
}

/** Of a mean of means. */
function marginOf(samples: readonly ArrayLike<number>[]): number {
  let variance = 0
  for (const values of samples) {
    const mean = meanOf(values)
    let squares = 0
    for (let index = 0; index < values.length; index += 1) squares += (values[index]! - mean) ** 2
    variance += squares / values.length ** 2
  }
  return (1.96 * Math.sqrt(variance)) / samples.length
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let index = 0; index < values.length; index += 1) sum += values[index]!
  return values.length === 0 ? 0 : sum / values.length
}

async function playRate(placement: FluidPlacement, ratePerMinute: number, options: SimulationOptions) {
  const { profile, traffic, seed, minutes } = options
  const pool = placedProfile(profile, placement)
  const { questions, budgetsMs } = traffic
  const world = createTwinWorld({
    profile: pool,
    questions,
    seed,
    placement: placement.gpus,
    trace: { write: () => {} },
    world: { maxWaiting: 1_000_000 },
  })
  const queries = Math.ceil(ratePerMinute * (warmUpMinutes + minutes))
  const { runs } = await runWorkload(world, {
    questions,
    queries,
    arrivalRatePerMinute: ratePerMinute,
    budgetsMs,
    seed,
  })
  const measured = runs.slice(Math.ceil(ratePerMinute * warmUpMinutes))
  const isOnTime = measured.map(({ record, text }) => record.isOnTime && text !== '')
  const isGood = measured.map(({ question, text }, index) => isOnTime[index]! && world.answers.isRight(question, text))
  return { isGood: Uint8Array.from(isGood, Number), isOnTime: Uint8Array.from(isOnTime, Number) }
}

/** The profile of the engines placed, each with its part of its model's cache. */
function placedProfile(profile: Profile, { gpus, kvTokens }: FluidPlacement): Profile {
  const engines = gpus.flat()
  const models = Object.entries(profile.models).flatMap(([model, machine]) => {
    const replicas = engines.filter((engine) => engine === model).length
    if (replicas === 0) return []
    const value = Math.max(1, Math.floor(kvTokens[model]! / replicas))
    return [[model as ModelId, { ...machine, kvTokens: { ...machine.kvTokens, value } }] as const]
  })
  const names = new Set(models.map(([model]) => model))
  const prior = Object.fromEntries(Object.entries(profile.prior.models).filter(([model]) => names.has(model)))
  return { ...profile, models: Object.fromEntries(models), prior: { models: prior } }
}
