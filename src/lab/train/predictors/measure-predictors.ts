/**
 * @file Predictors side by side on the same traffic: each predicts at every decision, and learns as calls end.
 *
 * None of them decides: the traffic is that of the episode's own policies, so that all are asked the same. For each part of a
 * call: bias and spread of ln(actual / predicted median), mean pinball loss of its logarithm over the levels of the
 * networks, and the share of actual values inside the central 50, 80 and 95 % intervals. A predictor that gives a part as one
 * number is scored as if all its quantiles were that number, and has no coverage there.
 */
import type { ModelId, ProfilePrior, StepOutcome } from '../../../core/index.ts'
import {
  medianPlace,
  type NeuralPredictor,
  type PoolPredictor,
  quantileAt,
  quantileLevels,
} from '../../../policy/index.ts'
import { type Episode, playEpisode } from './episodes.ts'
import { pinballOf } from './pinball.ts'
import { type DecidedStep, type StepWatcher, watchSteps } from './watch-steps.ts'

export type PredictedPart = 'ttft' | 'tpot' | 'length' | 'latency'
export const predictedParts: readonly PredictedPart[] = ['ttft', 'tpot', 'length', 'latency']

/** A predictor by the name of its row, made afresh for each episode. */
export interface Contender {
  readonly name: string
  create(prior: ProfilePrior, models: readonly ModelId[]): PoolPredictor | NeuralPredictor
}

export interface PartFigures {
  readonly contender: string
  readonly part: PredictedPart
  readonly count: number
  /** Of ln(actual / predicted median); above 0: more than predicted. */
  readonly bias: number
  readonly spread: number
  readonly pinball: number
  /** Shares inside the central intervals; null: none was predicted. */
  readonly within50: number | null
  readonly within80: number | null
  readonly within95: number | null
}

/** Logarithm of a part, as predicted. */
interface LogForecast {
  readonly isPoint: boolean
  quantile(p: number): number
}
type Forecast = Readonly<Record<PredictedPart, LogForecast>>

const pointOf = (value: number): LogForecast => {
  const log = Math.log(Math.max(value, 1e-3))
  return { isPoint: true, quantile: () => log }
}
const spreadOut = (quantile: (p: number) => number): LogForecast => ({ isPoint: false, quantile })
const fromLevels = (values: Float32Array): LogForecast => spreadOut((p) => quantileAt(values, 0, p))
const logOf = (of: { quantile(p: number): number }): LogForecast =>
  spreadOut((p) => Math.log(Math.max(of.quantile(p), 1e-3)))

function forecastOf(
  predictor: PoolPredictor | NeuralPredictor,
  { shape, state }: DecidedStep,
  estimate: DecidedStep['estimate'],
): Forecast {
  const parts = 'quantiles' in predictor ? predictor.quantiles(estimate.arm, shape, state) : null
  return {
    ttft: parts ? fromLevels(parts.ttft) : pointOf(estimate.queueMs + estimate.ttftMs),
    tpot: parts ? fromLevels(parts.tpot) : pointOf(estimate.tpotMs),
    length: parts ? fromLevels(parts.length) : logOf(estimate.outputTokens),
    latency: logOf(estimate.latencyMs),
  }
}

/** Below this a call's time per token is mostly noise. */
const fewestTokens = 8

function actualsOf({ queueMs, result }: StepOutcome): Readonly<Record<PredictedPart, number | null>> {
  const { sentAtMs, firstTokenAtMs, finishedAtMs, usage } = result
  const decodingMs = firstTokenAtMs === null ? 0 : finishedAtMs - firstTokenAtMs
  const isTimed = usage.outputTokens >= fewestTokens && decodingMs > 0
  const log = (value: number | null) => (value === null ? null : Math.log(Math.max(value, 1e-3)))
  return {
    ttft: log(firstTokenAtMs === null ? null : queueMs + firstTokenAtMs - sentAtMs),
    tpot: log(isTimed ? decodingMs / (usage.outputTokens - 1) : null),
    length: log(Math.max(1, usage.outputTokens)),
    latency: log(queueMs + finishedAtMs - sentAtMs),
  }
}

class PartTally {
  #count = 0
  #sum = 0
  #squares = 0
  #pinball = 0
  #intervals = 0
  readonly #inside = [0, 0, 0]

  add(forecast: LogForecast, actual: number): void {
    const error = actual - forecast.quantile(quantileLevels[medianPlace]!)
    this.#count += 1
    this.#sum += error
    this.#squares += error * error
    this.#pinball += pinballOf(forecast.quantile, actual)
    if (forecast.isPoint) return
    this.#intervals += 1
    for (const [place, share] of [0.5, 0.8, 0.95].entries()) {
      const isInside =
        actual >= forecast.quantile((1 - share) / 2) - 1e-9 && actual <= forecast.quantile((1 + share) / 2) + 1e-9
      if (isInside) this.#inside[place]! += 1
    }
  }

  figures(contender: string, part: PredictedPart): PartFigures {
    const count = Math.max(1, this.#count)
    const bias = this.#sum / count
    const within = (place: number) =>
      this.#intervals < this.#count / 2 ? null : this.#inside[place]! / this.#intervals
    return {
      contender,
      part,
      count: this.#count,
      bias,
      spread: Math.sqrt(Math.max(0, this.#squares / count - bias * bias)),
      pinball: this.#pinball / count,
      within50: within(0),
      within80: within(1),
      within95: within(2),
    }
  }
}

interface Seen {
  readonly estimate: DecidedStep['estimate']
  readonly forecast: Forecast
}

/** One contender in one episode. */
class Watched {
  readonly #predictor: PoolPredictor | NeuralPredictor
  readonly #tallies: ReadonlyMap<PredictedPart, PartTally>

  constructor(predictor: PoolPredictor | NeuralPredictor, tallies: ReadonlyMap<PredictedPart, PartTally>) {
    this.#predictor = predictor
    this.#tallies = tallies
  }

  decided(step: DecidedStep): Seen {
    const estimate = this.#predictor.predict(step.estimate.arm, step.shape, step.state)
    return { estimate, forecast: forecastOf(this.#predictor, step, estimate) }
  }

  learn(outcome: StepOutcome, { estimate }: Seen): void {
    this.#predictor.observe({ ...outcome, estimate })
  }

  score(outcome: StepOutcome, { forecast }: Seen): void {
    const actuals = actualsOf(outcome)
    for (const [part, tally] of this.#tallies) {
      const actual = actuals[part]
      if (actual !== null) tally.add(forecast[part], actual)
    }
  }
}

/** Plays `episodes` and scores every contender over all their calls but the first `warmUpCalls` of each. */
export async function measurePredictors(
  episodes: readonly Episode[],
  contenders: readonly Contender[],
  { warmUpCalls = 50 }: { readonly warmUpCalls?: number } = {},
): Promise<readonly PartFigures[]> {
  const scored = contenders.map((contender) => ({
    contender,
    tallies: new Map(predictedParts.map((part) => [part, new PartTally()])),
  }))
  for (const episode of episodes) {
    const models = Object.keys(episode.profile.models)
    const watched = scored.map(
      ({ contender, tallies }) => new Watched(contender.create(episode.prior, models), tallies),
    )
    let calls = 0
    const watcher: StepWatcher<readonly Seen[]> = {
      decided: (step) => watched.map((one) => one.decided(step)),
      finished: (outcome, seen) => {
        calls += 1
        for (const [place, one] of watched.entries()) {
          if (calls > warmUpCalls) one.score(outcome, seen[place] as Seen)
          one.learn(outcome, seen[place] as Seen)
        }
      },
    }
    await playEpisode(episode, (policies) => watchSteps(policies, watcher))
  }
  return predictedParts.flatMap((part) =>
    scored.map(({ contender, tallies }) => (tallies.get(part) as PartTally).figures(contender.name, part)),
  )
}
