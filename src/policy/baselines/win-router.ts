/**
 * @file `routellm`: a strong and a weak model, and a predicted chance that the strong one does better.
 *
 *   win = logistic(logit q(strong) - logit q(weak) + difficulty)
 * q: prior quality in the question's domain; difficulty, in logits around 0 within each domain: length, operators and
 * conditions of the text. From `threshold` on the strong model is asked. Neither load nor time is seen. The pair is fixed
 * for a pool: the strongest over all domains, and the cheapest in engine time that is competent (three quarters of the
 * strongest's quality). The default threshold is the median of `win` over a load that mixes the domains evenly.
 *
 * Source: RouteLLM, Ong et al. 2024: the form of the decision. Theirs learns the win rate from preferences; ours is
 * stated, since nothing here is trained.
 */
import {
  clamp,
  type Domain,
  domains,
  logistic,
  logit,
  type ModelId,
  normalQuantile,
  type Query,
  quantileSorted,
  type StrategyId,
} from '../../core/index.ts'
import type { ModelRanks } from './model-ranks.ts'

/** Of the strongest's mean quality, what a weak model must have. */
const competentShare = 0.75

interface Cue {
  /** Its place among the hand-made features. */
  readonly place: number
  /** Mean within each domain, and spread: over the calibration's question sets (math, code, multiple choice). */
  readonly centre: Readonly<Record<Domain, number>>
  readonly spread: number
  /** Logits of difficulty per spread. */
  readonly weight: number
}

/**
 * Weights follow the correlations with the published levels of MATH (0.40, 0.21, 0.20), scaled so that text moves
 * difficulty by some 0.7 logits: what it can tell of it.
 */
const cues: Readonly<Record<'logCharacters' | 'operators' | 'conditionWords', Cue>> = {
  logCharacters: {
    place: 0,
    centre: { math: 0.59, code: 0.51, knowledge: 0.7, general: 0.55 },
    spread: 0.08,
    weight: 0.6,
  },
  operators: {
    place: 12,
    centre: { math: 0.12, code: 0.05, knowledge: 0.22, general: 0.05 },
    spread: 0.27,
    weight: 0.3,
  },
  conditionWords: {
    place: 22,
    centre: { math: 0.16, code: 0.2, knowledge: 0.14, general: 0.15 },
    spread: 0.2,
    weight: 0.3,
  },
}
/** No text is more telling than this. Logits. */
const largestDifficulty = 2
/** Spread of difficulty as read from text: the root of the weights' squares. */
const difficultySpread = Math.hypot(...Object.values(cues).map(({ weight }) => weight))

/** How hard the text reads, in logits around the mean of its domain. */
export function difficultyOf({ domain, features }: Pick<Query, 'domain' | 'features'>): number {
  let difficulty = 0
  for (const { place, centre, spread, weight } of Object.values(cues))
    difficulty += (weight * ((features.hand[place] ?? centre[domain]) - centre[domain])) / spread
  return clamp(difficulty, -largestDifficulty, largestDifficulty)
}

/** The places that difficulty is read from, by name. */
export const cuePlaces: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(cues).map(([name, { place }]) => [name, place]),
)

export interface WinRouter {
  readonly strong: ModelId
  readonly weak: ModelId
  /** 0-1. */
  readonly threshold: number
  /** Predicted chance that the strong model does better, 0-1. */
  win(query: Pick<Query, 'domain' | 'features'>): number
}

function pickPair(ranks: ModelRanks, strategy: StrategyId): { readonly strong: ModelId; readonly weak: ModelId } {
  const quality = (model: ModelId) => ranks.meanQuality(model, strategy)
  const costMs = (model: ModelId) => domains.reduce((sum, domain) => sum + ranks.answerMs(model, domain, strategy), 0)
  const strong = ranks.models.reduce((best, model) => (quality(model) > quality(best) ? model : best))
  const competent = ranks.models.filter((model) => quality(model) >= competentShare * quality(strong))
  return { strong, weak: competent.reduce((best, model) => (costMs(model) < costMs(best) ? model : best), strong) }
}

/** Median of the win chance where math, code and knowledge come equally often. */
function evenThreshold(gap: (domain: Domain) => number): number {
  const quantiles = Array.from({ length: 101 }, (_, index) => (index + 0.5) / 101)
  const wins = (['math', 'code', 'knowledge'] as const).flatMap((domain) =>
    quantiles.map((p) => logistic(gap(domain) + difficultySpread * normalQuantile(p))),
  )
  return quantileSorted(Float64Array.from(wins).sort(), 0.5)
}

/** `threshold` 0: always the strong model; 1: never. */
export function createWinRouter(ranks: ModelRanks, strategy: StrategyId, threshold?: number): WinRouter {
  const pair = pickPair(ranks, strategy)
  const logitOf = (model: ModelId, domain: Domain) => logit(clamp(ranks.quality(model, domain, strategy), 0.01, 0.99))
  const gap = (domain: Domain) => logitOf(pair.strong, domain) - logitOf(pair.weak, domain)
  return {
    ...pair,
    threshold: threshold ?? evenThreshold(gap),
    win: (query) => logistic(gap(query.domain) + difficultyOf(query)),
  }
}
