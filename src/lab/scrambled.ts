/**
 * @file Policies that are shown the wrong text or the wrong moment, as likely as the right one: for ablation.
 *
 * Blindness takes a signal away; this leaves it as it is spread and breaks only what it says. Text: every query carries
 * the features of an earlier question of its domain, the same for planner and executor. Metrics: every decision sees
 * each model as it stood at some earlier decision; who is usable and what time it is stays true.
 */
import {
  type ClusterState,
  type Domain,
  type Executor,
  keyedRandom,
  type ModelState,
  type Planner,
  type Query,
  type QueryFeatures,
  type Random,
} from '../core/index.ts'
import type { PolicySet } from '../policy/index.ts'

/** What is scrambled. */
export interface Scrambles {
  readonly text?: boolean
  readonly metrics?: boolean
}

/** `policies`, shown the wrong things. The same draws under the same seed. */
export function scramblePolicies(policies: PolicySet, { text, metrics }: Scrambles, seed: number): PolicySet {
  const queryOf = text ? textScrambler(keyedRandom(seed, 'scrambled-text')) : (query: Query) => query
  const stateOf = metrics ? stateScrambler(keyedRandom(seed, 'scrambled-metrics')) : (state: ClusterState) => state
  const planner: Planner = {
    name: `${policies.planner.name}-scrambled`,
    plan: (query, state) => policies.planner.plan(queryOf(query), stateOf(state)),
    runFinished: (outcome) => policies.planner.runFinished?.(outcome),
  }
  const executor: Executor = {
    name: `${policies.executor.name}-scrambled`,
    choose: (step, state) => policies.executor.choose({ ...step, query: queryOf(step.query) }, stateOf(state)),
    stepFinished: (outcome) => policies.executor.stepFinished?.(outcome),
    runFinished: (outcome) => policies.executor.runFinished?.(outcome),
  }
  return { ...policies, planner, executor }
}

/** Draws from what came before, out of a sample of it that stays small: every item is as likely to be in it. */
class Sample<T> {
  readonly #items: T[] = []
  #seen = 0
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** One of the earlier items; the first time the item itself. */
  swap(item: T): T {
    const drawn = this.#items.length === 0 ? item : this.#random.pick(this.#items)
    this.#seen += 1
    if (this.#items.length < mostKept) this.#items.push(item)
    else if (this.#random.uniform() < mostKept / this.#seen) this.#items[this.#random.below(mostKept)] = item
    return drawn
  }
}

const mostKept = 256

/** A query keeps its scrambled form as long as it is kept itself. */
function textScrambler(random: Random): (query: Query) => Query {
  const samples = new Map<Domain, Sample<QueryFeatures>>()
  const known = new WeakMap<Query, Query>()
  return (query) => {
    const before = known.get(query)
    if (before) return before
    const sample = samples.get(query.domain) ?? new Sample<QueryFeatures>(random)
    samples.set(query.domain, sample)
    const scrambled = { ...query, features: sample.swap(query.features) }
    known.set(query, scrambled)
    return scrambled
  }
}

function stateScrambler(random: Random): (state: ClusterState) => ClusterState {
  const sample = new Sample<ClusterState>(random)
  return (state) => {
    const earlier = sample.swap(state)
    const models = state.models.map((model) => asBefore(model, earlier.model(model.model)))
    const byId = new Map(models.map((model) => [model.model, model]))
    return { atMs: state.atMs, models, load: earlier.load, model: (id) => byId.get(id) }
  }
}

const usable = ({ replicas }: ModelState): string => replicas.map(({ isUsable }) => Number(isUsable)).join()

const asBefore = (model: ModelState, earlier: ModelState | undefined): ModelState =>
  earlier !== undefined && usable(earlier) === usable(model) ? earlier : model
