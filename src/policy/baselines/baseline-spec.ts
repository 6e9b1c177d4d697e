/**
 * @file Baselines by name, and what each of them can see.
 *
 * A baseline stands for a method as it was published: it sees what that method sees and nothing more. What `gptswarm` and
 * `masrouter` have learnt is handed in. Names are those of benchmark rows: a kind, then what it takes, parted by colons:
 * `moa`, `routellm:0.6`, `masrouter:low`, `first-large:DeepThink`, `single:qwen-32b:Flash`. A model's name may have colons of
 * its own.
 */
import { type ModelId, type StrategyId, strategyIds } from '../../core/index.ts'
import { type PriceSetting, priceSettings, type RouterPolicy, type SwarmPolicy } from './learned/index.ts'

/** Kinds that choose a model or a team and never a depth: theirs is set, Concise unless said. */
const depthBlindKinds = [
  'round-robin',
  'least-loaded',
  'moa',
  'gptswarm',
  'gptswarm-untrained',
  'routellm',
  'multi-factor',
  'first-large',
] as const

type DepthBlindKind = (typeof depthBlindKinds)[number]
export type BaselineKind = 'single' | 'random' | DepthBlindKind | 'masrouter'

/** Several agents. */
export type TeamBaselineSpec =
  | { readonly kind: 'moa' | 'gptswarm-untrained'; readonly strategy?: StrategyId }
  | { readonly kind: 'gptswarm'; readonly swarm: SwarmPolicy; readonly strategy?: StrategyId }

/** A team, or one agent, by the question and its price. */
export type RoutedBaselineSpec = {
  readonly kind: 'masrouter'
  readonly router: RouterPolicy
  /** Default: `mid`. */
  readonly price?: PriceSetting
}

/** One agent. */
export type SoloBaselineSpec =
  | { readonly kind: 'single'; readonly model: ModelId; readonly strategy: StrategyId }
  | { readonly kind: 'random' }
  | {
      readonly kind: 'routellm'
      /** Predicted chance that the strong model does better, from which on it is taken. 0-1. Default: half of a mixed load goes to it. */
      readonly threshold?: number
      readonly strategy?: StrategyId
    }
  | {
      readonly kind: 'round-robin' | 'least-loaded' | 'multi-factor' | 'first-large'
      readonly strategy?: StrategyId
    }

export type BaselineSpec = SoloBaselineSpec | TeamBaselineSpec | RoutedBaselineSpec

/** Where names find what was learnt; asked when a name needs it. */
export interface LearntBaselines {
  swarm(): SwarmPolicy
  router(): RouterPolicy
}

/** In the order of the documentation. */
export const baselineKinds: readonly BaselineKind[] = ['single', 'random', ...depthBlindKinds, 'masrouter']

export interface BaselineTraits {
  /** Its choices depend on readings of the engines. All of them pass over a model that cannot be called. */
  readonly seesLoad: boolean
  /**
   * Its choices depend on the time that is left. Where not, and where the deadline neither ends its runs nor orders its
   * calls, one run serves every budget.
   */
  readonly seesBudget: boolean
}

const seesNothing: BaselineTraits = { seesLoad: false, seesBudget: false }

export const baselineTraits: Readonly<Record<BaselineKind, BaselineTraits>> = {
  single: seesNothing,
  random: seesNothing,
  'round-robin': seesNothing,
  'least-loaded': { seesLoad: true, seesBudget: false },
  moa: seesNothing,
  gptswarm: seesNothing,
  'gptswarm-untrained': seesNothing,
  routellm: seesNothing,
  'multi-factor': { seesLoad: true, seesBudget: true },
  'first-large': seesNothing,
  masrouter: seesNothing,
}

const toStrategy = (text: string): StrategyId | undefined =>
  strategyIds.find((id) => id.toLowerCase() === text.toLowerCase())

/** The last part may be a depth: the parts before it, and the depth if so. */
function splitDepth(parts: readonly string[]): { readonly rest: readonly string[]; readonly strategy?: StrategyId } {
  const strategy = toStrategy(parts.at(-1) ?? '')
  return strategy ? { rest: parts.slice(0, -1), strategy } : { rest: parts }
}

function parseRouteLlm(parts: readonly string[]): BaselineSpec | null {
  const { rest, ...depth } = splitDepth(parts)
  const [threshold, ...surplus] = rest
  if (surplus.length > 0) return null
  if (threshold === undefined) return { kind: 'routellm', ...depth }
  const value = /^[\d.]+$/.test(threshold) ? Number(threshold) : Number.NaN
  return value >= 0 && value <= 1 ? { kind: 'routellm', threshold: value, ...depth } : null
}

function parseSingle(parts: readonly string[]): BaselineSpec | null {
  const { rest, strategy } = splitDepth(parts)
  const model = rest.join(':')
  return model !== '' && strategy ? { kind: 'single', model, strategy } : null
}

function parseMasRouter(parts: readonly string[], learnt: LearntBaselines | undefined): BaselineSpec | null {
  const [price, ...surplus] = parts
  if (learnt === undefined || surplus.length > 0) return null
  if (price === undefined) return { kind: 'masrouter', router: learnt.router() }
  const known = priceSettings.find((setting) => setting === price)
  return known ? { kind: 'masrouter', router: learnt.router(), price: known } : null
}

/**
 * The baseline that `name` means, or null. Depths in any case; whether a model exists is the caller's to say. Without `learnt`
 * none of the learnt ones is known.
 */
export function parseBaseline(name: string, learnt?: LearntBaselines): BaselineSpec | null {
  const [kind, ...parts] = name.split(':')
  if (kind === 'single') return parseSingle(parts)
  if (kind === 'routellm') return parseRouteLlm(parts)
  if (kind === 'random') return parts.length === 0 ? { kind } : null
  if (kind === 'masrouter') return parseMasRouter(parts, learnt)
  const depthBlind = depthBlindKinds.find((known) => known === kind)
  if (depthBlind === undefined || depthBlind === 'routellm') return null
  const { rest, ...depth } = splitDepth(parts)
  if (rest.length > 0) return null
  if (depthBlind !== 'gptswarm') return { kind: depthBlind, ...depth }
  return learnt ? { kind: depthBlind, swarm: learnt.swarm(), ...depth } : null
}

/** The name that `parseBaseline` reads back. */
export function nameOfBaseline(spec: BaselineSpec): string {
  if (spec.kind === 'single') return `single:${spec.model}:${spec.strategy}`
  if (spec.kind === 'random') return 'random'
  if (spec.kind === 'masrouter') return [spec.kind, spec.price].filter((part) => part !== undefined).join(':')
  const threshold = spec.kind === 'routellm' ? spec.threshold : undefined
  return [spec.kind, threshold, spec.strategy].filter((part) => part !== undefined).join(':')
}
