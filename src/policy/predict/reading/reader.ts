/**
 * @file Reads a question: quality and length of every arm on it, off the hand-made features of its text.
 *
 * A prior has one quality and one length for all questions of a domain; a reading says how they go with the features (see
 * `core/profile.ts`; fitted in `lab/knowledge`). A question is read once: the result is kept as long as its features are,
 * and these are shared by all queries with the same text. Nothing is read, and the prior stands, where the reading lacks
 * the domain or the query lacks the features. Cost: some 7 us for fifteen arms, nothing when known.
 */
import {
  ConfigError,
  clamp,
  type Domain,
  type DomainReading,
  logistic,
  type ModelId,
  type Query,
  type QueryFeatures,
  type QuestionReading,
  type StrategyId,
  strategyIds,
} from '../../../core/index.ts'
import { handFeatureNames } from '../../embed/index.ts'
import { clippedLogNormal, shareBeyond } from '../clipped-lognormal.ts'
import type { LengthCell } from '../length-memory.ts'

/** What one arm is expected to make of one question. */
export interface ReadArm {
  /** P(right, let finish), in (0, 1). */
  readonly quality: number
  /** Under the arm's cap. */
  readonly length: LengthCell
}

/** Arms by model, in the order of `strategyIds`. */
export type ReadQuestion = ReadonlyMap<ModelId, readonly ReadArm[]>

export interface Reader {
  /** The same object for the same features and domain; null: nothing to read by. */
  read(query: Pick<Query, 'features' | 'domain'>): ReadQuestion | null
}

/** Output cap in tokens that goes with an arm in a domain. */
export type CapOf = (model: ModelId, strategy: StrategyId, domain: Domain) => number

/** Standardised features are held within so many deviations either way: beyond them nothing was graded. */
const mostDeviations = 3
/** Neither certain success nor certain failure is ever read. Logits. */
const mostLogits = 6

/** Throws ConfigError where the reading names features that are not read here. */
export function createReader({ featureNames, domains }: QuestionReading, capOf: CapOf): Reader {
  const places = featureNames.map(placeOfFeature)
  const readers = new Map<Domain, DomainReader>()
  for (const [domain, reading] of Object.entries(domains) as [Domain, DomainReading | undefined][])
    if (reading) readers.set(domain, new DomainReader(domain, { reading, places, capOf }))
  return {
    read: ({ features, domain }) => {
      if (features.hand.length !== handFeatureNames.length) return null
      return readers.get(domain)?.read(features) ?? null
    },
  }
}

function placeOfFeature(name: string, index: number): number {
  const place = (handFeatureNames as readonly string[]).indexOf(name)
  if (place >= 0) return place
  throw new ConfigError(
    [
      {
        path: `prior.reading.featureNames.${index}`,
        expected: `one of ${handFeatureNames.join(', ')}`,
        got: name,
        fix: 'Fit the reading again with this version.',
      },
    ],
    'the profile',
  )
}

interface ArmTerms {
  readonly intercept: number
  readonly weights: Float64Array
  readonly logTokens: number
  readonly lengthWeights: Float64Array
  readonly lengthSigma: number
  readonly capTokens: number
}

class DomainReader {
  readonly #places: readonly number[]
  readonly #mean: Float64Array
  /** 1 / scale; 0 where a feature says nothing. */
  readonly #perScale: Float64Array
  readonly #models: readonly (readonly [ModelId, readonly ArmTerms[]])[]
  readonly #known = new WeakMap<QueryFeatures, ReadQuestion>()
  /** Standardised features of the question at hand. */
  readonly #x: Float64Array

  constructor(
    domain: Domain,
    {
      reading,
      places,
      capOf,
    }: { readonly reading: DomainReading; readonly places: readonly number[]; readonly capOf: CapOf },
  ) {
    this.#places = places
    this.#mean = Float64Array.from(reading.mean)
    this.#perScale = Float64Array.from(reading.scale, (scale) => (scale > 0 ? 1 / scale : 0))
    this.#x = new Float64Array(places.length)
    this.#models = Object.entries(reading.models).map(([model, arms]) => [
      model,
      strategyIds.map((strategy): ArmTerms => {
        const { weights, lengthWeights, ...rest } = arms[strategy]
        return {
          ...rest,
          weights: Float64Array.from(weights),
          lengthWeights: Float64Array.from(lengthWeights),
          capTokens: capOf(model, strategy, domain),
        }
      }),
    ])
  }

  read(features: QueryFeatures): ReadQuestion {
    const known = this.#known.get(features)
    if (known) return known
    this.#standardise(features.hand)
    const read: ReadQuestion = new Map(this.#models.map(([model, arms]) => [model, arms.map((arm) => this.#arm(arm))]))
    this.#known.set(features, read)
    return read
  }

  #standardise(hand: Float32Array): void {
    for (let index = 0; index < this.#places.length; index += 1) {
      const value = ((hand[this.#places[index]!] ?? 0) - this.#mean[index]!) * this.#perScale[index]!
      this.#x[index] = Number.isFinite(value) ? clamp(value, -mostDeviations, mostDeviations) : 0
    }
  }

  #arm({ intercept, weights, logTokens, lengthWeights, lengthSigma, capTokens }: ArmTerms): ReadArm {
    const x = this.#x
    let logits = intercept
    let mu = logTokens
    for (let index = 0; index < x.length; index += 1) {
      const value = x[index]!
      logits += weights[index]! * value
      mu += lengthWeights[index]! * value
    }
    const mean = Math.exp(mu + (lengthSigma * lengthSigma) / 2)
    const capped = clippedLogNormal(mean, lengthSigma, capTokens)
    const cutShare = shareBeyond(mean, lengthSigma, capTokens)
    return {
      quality: logistic(clamp(logits, -mostLogits, mostLogits)),
      length: { mu: capped.mu, sigma: capped.sigma, cutShare },
    }
  }
}
