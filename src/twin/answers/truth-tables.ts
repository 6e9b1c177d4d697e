/**
 * @file The truth of one model on one benchmark, turned from the profile's marginal figures into what draws need.
 *
 * Correctness: logit P = theta + delta[strategy] - sigma_b b - sigma_u u, with b shared by all agents on a question and
 * u by one model's repeats, both standard normal. Integrating them out flattens the logistic by about
 * k = sqrt(1 + 0.346 (sigma_b^2 + sigma_u^2)), so theta = k logit(accuracy) and delta = k times the marginal shift.
 * Where a share of labels is unusable no answer to these can count: accuracy on the others is accuracy / (1 - share),
 * which keeps the benchmark's total at the published figure.
 *
 * Length: ln tokens = mu + slope b + sigma z; mu such that the mean over questions and draws is the table's.
 */
import { ConfigError, clamp, logit, type ModelId, type ProfileTruth, type StrategyId } from '../../core/index.ts'

/** A strategy of the profile, or null for plain chain of thought (no instruction in the prompt). */
export type Depth = StrategyId | null

interface Length {
  /** Mean of ln tokens at difficulty 0. */
  readonly mu: number
  readonly sigma: number
  /** Growth of ln tokens per standard deviation of difficulty. */
  readonly slope: number
}

export interface DepthFacts {
  /** Added to the ability in logits, conditional scale. */
  readonly delta: number
  readonly length: Length
  /** Chance that the instruction is followed; otherwise the model answers as plain chain of thought. */
  readonly complies: number
}

export interface BenchmarkFacts {
  readonly benchmark: string
  readonly sigmaB: number
  readonly sigmaU: number
  readonly unusableShare: number
  theta(model: ModelId): number
  depth(model: ModelId, depth: Depth): DepthFacts
  /** Marginal accuracy under plain chain of thought: the weight of the model's vote at an aggregator. */
  cotAccuracy(model: ModelId): number
}

/** The benchmark whose numbers stand for `name`. Throws ConfigError where the truth knows neither. */
export function resolveBenchmark(truth: ProfileTruth, name: string): string {
  const benchmark = truth.sameTruthAs[name] ?? name
  if (benchmark in truth.cotAccuracy.value) return benchmark
  const known = [...Object.keys(truth.cotAccuracy.value), ...Object.keys(truth.sameTruthAs)].join(', ')
  throw new ConfigError(
    [{ path: 'questions.benchmark', expected: `one of ${known}`, got: name, fix: 'Add it to truth.sameTruthAs.' }],
    'the question set',
  )
}

const entry = <T>(table: Readonly<Record<string, T>> | undefined, key: string, path: string): T => {
  const value = table?.[key]
  if (value !== undefined) return value
  throw new ConfigError(
    [{ path: `truth.${path}.${key}`, expected: 'a value', got: 'nothing', fix: 'Add the row to the profile.' }],
    'the profile',
  )
}

/** The facts of one benchmark (a name as `resolveBenchmark` returns it). Rows are looked up on demand, then kept. */
export function createBenchmarkFacts(truth: ProfileTruth, benchmark: string): BenchmarkFacts {
  const sigmaB = entry(truth.sigmaB.value, benchmark, 'sigmaB')
  const sigmaU = truth.sigmaU.value
  const unusableShare = truth.unusableLabelShare.value[benchmark] ?? 0
  const k = Math.sqrt(1 + 0.346 * (sigmaB ** 2 + sigmaU ** 2))
  const cotAccuracy = (model: ModelId) => entry(truth.cotAccuracy.value[benchmark], model, `cotAccuracy.${benchmark}`)
  const depths = new Map<string, DepthFacts>()
  return {
    benchmark,
    sigmaB,
    sigmaU,
    unusableShare,
    cotAccuracy,
    theta: (model) => k * logit(clamp(cotAccuracy(model) / (1 - unusableShare), 0.001, 0.999)),
    depth: (model, depth) => {
      const key = `${depth}|${model}`
      const known = depths.get(key) ?? depthFacts(truth, { benchmark, model, depth, k })
      depths.set(key, known)
      return known
    },
  }
}

interface Row {
  readonly benchmark: string
  readonly model: ModelId
  readonly depth: Depth
  readonly k: number
}

function depthFacts(truth: ProfileTruth, { benchmark, model, depth, k }: Row): DepthFacts {
  const slope = truth.lengthSlopePerSd.value
  const sigma = entry(truth.outputSigma.value, model, 'outputSigma')
  const cotMean =
    entry(truth.cotMeanOutputTokens.value[benchmark], model, `cotMeanOutputTokens.${benchmark}`) *
    entry(truth.lengthMultiplier.value, model, 'lengthMultiplier')
  const thought = (ratio: number): Length => ({
    mu: Math.log(cotMean * ratio) - (sigma ** 2 + slope ** 2) / 2,
    sigma,
    slope,
  })
  if (depth === null) return { delta: 0, length: thought(1), complies: 1 }

  const domain = entry(truth.domainOfBenchmark, benchmark, 'domainOfBenchmark')
  const delta = k * entry(truth.strategyDelta.value[domain]?.[depth], model, `strategyDelta.${domain}.${depth}`)
  const ratio = entry(truth.strategyTokenRatio.value[depth], model, `strategyTokenRatio.${depth}`)
  if (ratio !== null) return { delta, length: thought(ratio), complies: 1 }

  const { tokens, sigma: terse, complies } = truth.flash.value
  const mu = Math.log(entry(tokens, benchmark, 'flash.tokens')) - terse ** 2 / 2
  // At once and hard alike: measured slope of answer-only lengths is about 0.
  return { delta, length: { mu, sigma: terse, slope: 0 }, complies: entry(complies, model, 'flash.complies') }
}
