/**
 * @file The best placements of models on GPUs, by the value of the linear program.
 *
 * Cutting planes over placements (Benders 1962): each solved placement bounds all others (`boundOf`); the one with the
 * highest bound is solved next, until no bound exceeds the best ones found. Where all placements can be listed the result is the optimum,
 * to within `tolerance`; with more of them the GPUs are filled one after another by the same bounds, which is a search
 * and no proof. Memory decides what can stand together; see `placements.ts`.
 *
 * Pools are sized for `headroomFactor` times the traffic, since engines planned full would queue without end. At the end
 * every engine whose loss costs less than `worthKeeping` is taken away, the largest first.
 */
import type { ModelId } from '../../core/index.ts'
import {
  bytesOf,
  countReplicas,
  fullLoads,
  type Load,
  limitReplicas,
  type Placement,
  type Rack,
  toFluid,
} from './placements.ts'
import { type Bound, boundOf, type Valuer } from './pool-value.ts'

export interface Configuration {
  /** Engines by GPU; a GPU may stay empty. */
  readonly placement: Placement
  readonly replicas: Readonly<Record<ModelId, number>>
  /** At the traffic's own rates, 0-1. */
  readonly goodput: number
  /** At `headroomFactor` times the rates. */
  readonly goodputWithHeadroom: number
}

export interface SearchResult {
  /** Best first, each with other replica counts. */
  readonly configurations: readonly Configuration[]
  /** Whether no other placement can be better by more than the tolerance. */
  readonly isExhaustive: boolean
  readonly placementsSolved: number
}

export interface SearchOptions {
  readonly rack: Rack
  readonly valuer: Valuer
  /** Models to place. */
  readonly models: readonly ModelId[]
  /** Of one model. >= 1. */
  readonly mostReplicas: number
}

/** Traffic that pools are sized for, against what is asked for. */
export const headroomFactor = 1.25
/** Goodput below which an engine is not worth its place. */
export const worthKeeping = 0.0005
/** Gain below which a further placement is not looked for. */
const tolerance = 0.0002
/** How much better than the first configuration another placement may be, where the search is exhaustive. */
export const provenWithin = 2 * worthKeeping + tolerance
const mostConfigurations = 3
/** Placements from which engines are taken away: several may come to the same in the end. */
const mostPruned = 6
const mostSolved = 60
/** Placements that are listed; more are searched. */
const mostListed = 20_000

export async function searchPlacements(options: SearchOptions): Promise<SearchResult> {
  const { rack, models } = options
  const loads = rack.rooms.bytes.map((room) => fullLoads(rack, models, room))
  const listed = countListed(rack, loads) <= mostListed ? listPlacements(options, loads) : null
  const search = new Search(options)
  const isProven = listed === null ? await search.fill(loads) : await search.exhaust(listed)
  const configurations: Configuration[] = []
  for (const placement of search.best()) {
    const pruned = await search.prune(placement)
    if (!configurations.some(({ replicas }) => sameCounts(replicas, pruned.replicas))) configurations.push(pruned)
  }
  return {
    configurations: rank(rack, configurations).slice(0, mostConfigurations),
    isExhaustive: isProven,
    placementsSolved: search.solved.size,
  }
}

/** Best first; of those that hardly differ from the best the one that takes least memory comes first. */
function rank(rack: Rack, configurations: readonly Configuration[]): readonly Configuration[] {
  const sorted = [...configurations].sort((a, b) => b.goodputWithHeadroom - a.goodputWithHeadroom)
  const bytes = ({ placement }: Configuration) => placement.flat().reduce((sum, model) => sum + bytesOf(rack, model), 0)
  const best = sorted[0]?.goodputWithHeadroom ?? 0
  const first = sorted
    .filter(({ goodputWithHeadroom }) => goodputWithHeadroom >= best - worthKeeping)
    .sort((a, b) => bytes(a) - bytes(b))[0]
  return first === undefined ? [] : [first, ...sorted.filter((other) => other !== first)]
}

/** GPUs with equal room can be exchanged for each other. */
const isAlike = (rack: Rack, gpu: number) => gpu > 0 && rack.rooms.bytes[gpu] === rack.rooms.bytes[gpu - 1]

function countListed(rack: Rack, loads: readonly (readonly Load[])[]): number {
  let [count, alike] = [1, 0]
  for (const [gpu, { length }] of loads.entries()) {
    alike = isAlike(rack, gpu) ? alike + 1 : 0
    // Multisets: C(n + k - 1, k), one factor for each GPU.
    count = (count * (length + alike)) / (alike + 1)
  }
  return count
}

function listPlacements(
  { rack, mostReplicas }: SearchOptions,
  loads: readonly (readonly Load[])[],
): readonly Placement[] {
  let chosen: readonly (readonly number[])[] = [[]]
  for (const [gpu, ofGpu] of loads.entries())
    chosen = chosen.flatMap((before) =>
      ofGpu.flatMap((_, index) => (isAlike(rack, gpu) && index < before[gpu - 1]! ? [] : [[...before, index]])),
    )
  const placements = chosen.map((indices) => indices.map((index, gpu) => loads[gpu]![index]!))
  const limited = placements.map((placement) => limitReplicas(placement, mostReplicas))
  return [...new Map(limited.map((placement) => [keyOf(placement), placement])).values()]
}

const keyOf = (placement: Placement): string => placement.map((load) => load.join('+')).join('|')

const sameCounts = (a: Readonly<Record<ModelId, number>>, b: Readonly<Record<ModelId, number>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([model, count]) => b[model] === count)

class Search {
  readonly solved = new Map<string, { readonly placement: Placement; readonly goodput: number }>()
  readonly #options: SearchOptions
  readonly #bounds: { readonly bound: Bound; readonly ofLoad: Map<string, number> }[] = []

  constructor(options: SearchOptions) {
    this.#options = options
  }

  /** Solves those of `placements` that could be among the best. True: it is proven that no other is. */
  async exhaust(placements: readonly Placement[]): Promise<boolean> {
    const bounds = new Float64Array(placements.length).fill(1)
    const caches = placements.map((placement) => toFluid(this.#options.rack, placement).kvTokens)
    while (this.solved.size < mostSolved) {
      const next = highest(bounds)
      const isEnough = this.solved.size >= Math.min(mostConfigurations, placements.length)
      if (isEnough && bounds[next]! <= this.#worstOfBest() + tolerance) return true
      await this.#solve(placements[next]!)
      const { length } = this.#bounds
      for (const [index, placement] of placements.entries())
        bounds[index] = Math.min(bounds[index]!, this.#boundBy(length - 1, placement, caches[index]!))
      bounds[next] = Number.NEGATIVE_INFINITY
    }
    return false
  }

  /** Fills one GPU after another with the load of the highest bound, again and again until nothing is gained. */
  async fill(loads: readonly (readonly Load[])[]): Promise<boolean> {
    const { mostReplicas } = this.#options
    let [current, value] = [loads.map((ofGpu) => ofGpu[0]!) as Placement, Number.NEGATIVE_INFINITY]
    value = await this.#solve(limitReplicas(current, mostReplicas))
    for (let isBetter = true; isBetter && this.solved.size < mostSolved; ) {
      isBetter = false
      for (const [gpu, ofGpu] of loads.entries()) {
        const others = ofGpu.map((load) => limitReplicas(current.with(gpu, load), mostReplicas))
        const bounds = Float64Array.from(others, (placement) => this.#bound(placement))
        const next = highest(bounds)
        if (bounds[next]! <= value + tolerance) continue
        const goodput = await this.#solve(others[next]!)
        if (goodput <= value + tolerance) continue
        current = others[next]!
        value = goodput
        isBetter = true
      }
    }
    return false
  }

  /** The best of those solved, best first. */
  best(): readonly Placement[] {
    return this.#ranked(mostPruned).map(({ placement }) => placement)
  }

  /** `placement` without the engines that are worth nothing. */
  async prune(placement: Placement): Promise<Configuration> {
    const { rack, valuer } = this.#options
    const engines = placement.flatMap((load, gpu) => load.map((model) => ({ gpu, model })))
    engines.sort((a, b) => bytesOf(rack, b.model) - bytesOf(rack, a.model) || b.gpu - a.gpu)
    let kept = placement
    const full = (await valuer.valueAt(toFluid(rack, placement), headroomFactor)).goodput
    let goodputWithHeadroom = full
    for (const { gpu, model } of engines) {
      const without = kept.with(
        gpu,
        kept[gpu]!.filter((other) => other !== model),
      )
      if (without.every((load) => load.length === 0)) continue
      const { goodput } = await valuer.valueAt(toFluid(rack, without), headroomFactor)
      if (goodput < full - worthKeeping) continue
      kept = without
      goodputWithHeadroom = goodput
    }
    const { goodput } = await valuer.value(toFluid(rack, kept))
    return { placement: kept, replicas: countReplicas(kept), goodput, goodputWithHeadroom }
  }

  #ranked(most: number) {
    return [...this.solved.values()].sort((a, b) => b.goodput - a.goodput).slice(0, most)
  }

  #worstOfBest(): number {
    return this.#ranked(mostConfigurations).at(-1)?.goodput ?? Number.NEGATIVE_INFINITY
  }

  async #solve(placement: Placement): Promise<number> {
    const { rack, valuer } = this.#options
    const value = await valuer.valueAt(toFluid(rack, placement), headroomFactor)
    this.solved.set(keyOf(placement), { placement, goodput: value.goodput })
    this.#bounds.push({ bound: boundOf(rack.profile, value), ofLoad: new Map() })
    return value.goodput
  }

  #bound(placement: Placement): number {
    const { kvTokens } = toFluid(this.#options.rack, placement)
    return this.#bounds.reduce((least, _, index) => Math.min(least, this.#boundBy(index, placement, kvTokens)), 1)
  }

  #boundBy(index: number, placement: Placement, kvTokens: Readonly<Record<ModelId, number>>): number {
    const { bound, ofLoad } = this.#bounds[index]!
    let sum = bound.base + bound.ofCaches(kvTokens)
    for (const load of placement) {
      const key = load.join('+')
      const worth = ofLoad.get(key) ?? bound.ofLoad(load)
      ofLoad.set(key, worth)
      sum += worth
    }
    return sum
  }
}

function highest(values: Float64Array): number {
  let best = 0
  for (const [index, value] of values.entries()) if (value > values[best]!) best = index
  return best
}
