/**
 * @file One model's share of the networks: what of it never changes is kept, what a step adds is computed into the same arrays.
 */
import {
  type ClusterState,
  clamp,
  type Domain,
  type ModelPrior,
  type ModelState,
  type StrategyId,
} from '../../../core/index.ts'
import { outputCapTokens } from '../../../team/index.ts'
import {
  armSize,
  type FeatureShape,
  idleTtftMs,
  latencySize,
  writeArmFeatures,
  writeLatencyFeatures,
} from './features.ts'
import { ModelCorrection, type PartCorrection } from './model-correction.ts'
import {
  createLatencyNetwork,
  createLengthNetwork,
  hiddenSize,
  type LatencyNetwork,
  type LengthNetwork,
  type PredictorWeights,
} from './networks.ts'
import { type ArmQuantiles, emptyQuantiles } from './neural-line.ts'
import { levelCount, medianPlace } from './quantiles.ts'

export interface Networks {
  readonly latency: LatencyNetwork
  readonly length: LengthNetwork
}

export const createNetworks = (weights: PredictorWeights): Networks => ({
  latency: createLatencyNetwork(weights.latency),
  length: createLengthNetwork(weights.length),
})

interface ArmTerms {
  /** [hiddenSize] of the length network. */
  readonly part: Float32Array
  readonly capTokens: number
  readonly logMean: number
}

export interface ModelNetworksOptions {
  readonly prior: ModelPrior
  readonly isReasoningModel: boolean
  readonly networks: Networks
  /** Whether what calls show is corrected for. */
  readonly isCorrected: boolean
}

/** From logs of ratios to logs of the quantity, corrected: in place. */
function place(values: Float32Array, logUnit: number, correction: PartCorrection | null): void {
  const median = values[medianPlace]!
  const scale = correction?.scale ?? 1
  const centre = median + logUnit + (correction?.offset ?? 0)
  for (let level = 0; level < levelCount; level += 1) values[level] = centre + scale * (values[level]! - median)
}

export class ModelNetworks {
  readonly correction = new ModelCorrection()
  readonly #options: ModelNetworksOptions
  readonly #arms = new Map<string, ArmTerms>()
  readonly #features = new Float32Array(latencySize)
  readonly #latency = new Float32Array(2 * levelCount)
  readonly #length = new Float32Array(levelCount)
  /** Of the arm asked for last; overwritten by the next. */
  readonly quantiles: ArmQuantiles = emptyQuantiles()

  constructor(options: ModelNetworksOptions) {
    this.#options = options
  }

  /** Quantiles of the times, into `quantiles`. */
  readLatency(state: ModelState, cluster: ClusterState, shape: FeatureShape): void {
    const { prior, networks, isCorrected } = this.#options
    writeLatencyFeatures(this.#features, 0, { prior, state, cluster, shape })
    networks.latency(this.#features, this.#latency, 1)
    const { ttft, tpot } = this.quantiles
    ttft.set(this.#latency.subarray(0, levelCount))
    tpot.set(this.#latency.subarray(levelCount))
    place(ttft, Math.log(idleTtftMs(prior, shape.promptTokens)), isCorrected ? this.correction.ttft : null)
    place(tpot, Math.log(prior.tpot.value.idleMs), isCorrected ? this.correction.tpot : null)
  }

  /** Quantiles of the length, into `quantiles`; gives the cap in tokens that they were held to. */
  readLength(
    strategy: StrategyId,
    queryPart: Float32Array,
    { domain, maxOutputTokens }: { readonly domain: Domain; readonly maxOutputTokens: number | null },
  ): number {
    const terms = this.#termsOf(domain, strategy)
    const { networks, isCorrected } = this.#options
    networks.length.quantiles(queryPart, terms.part, this.#length)
    const base = terms.logMean + (isCorrected ? this.correction.length(strategy).offset : 0)
    const capTokens = Math.min(terms.capTokens, maxOutputTokens ?? Infinity)
    const logCap = Math.log(Math.max(1, capTokens))
    for (let level = 0; level < levelCount; level += 1)
      this.quantiles.length[level] = clamp(this.#length[level]! + base, 0, logCap)
    return capTokens
  }

  #termsOf(domain: Domain, strategy: StrategyId): ArmTerms {
    const key = `${domain} ${strategy}`
    const known = this.#arms.get(key)
    if (known) return known
    const { prior, isReasoningModel, networks } = this.#options
    const capTokens = outputCapTokens({ strategy, domain, isReasoningModel })
    const features = new Float32Array(armSize)
    writeArmFeatures(features, { prior, domain, strategy, capTokens })
    const part = new Float32Array(hiddenSize)
    networks.length.armPart(features, part)
    const terms = { part, capTokens, logMean: Math.log(prior.outputTokens.value[domain][strategy].mean) }
    this.#arms.set(key, terms)
    return terms
  }
}
