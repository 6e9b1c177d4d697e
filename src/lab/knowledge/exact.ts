/**
 * @file `--know exact`: the twin's own tables, averaged over difficulty and over the sets that the questions come from.
 *
 * Integrates the truth's model (`twin/answers`) numerically: P(right) over difficulty and a model's own part of it, lengths
 * over difficulty, and Flash over those that comply with it and those that answer at length all the same.
 */
import { type Domain, logistic, type ModelId, type Profile, type StrategyId, strategyIds } from '../../core/index.ts'
import { type BenchmarkFacts, createBenchmarkFacts, resolveBenchmark } from '../../twin/answers/index.ts'
import { requireTruth } from '../profile-file.ts'
import type { Question } from '../questions/index.ts'
import type { ArmKnowledge, Knowledge } from './arm-knowledge.ts'

const nodes = Array.from({ length: 61 }, (_, index) => (index - 30) / 6)
const densities = nodes.map((z) => Math.exp((-z * z) / 2))
const total = densities.reduce((sum, density) => sum + density, 0)

/** E[logistic(mean + spread z)], z standard normal. */
const meanLogistic = (mean: number, spread: number): number =>
  nodes.reduce((sum, z, index) => sum + ((densities[index] as number) / total) * logistic(mean + spread * z), 0)

interface Part {
  readonly share: number
  readonly mean: number
  readonly sigma: number
}

/** Mean and log-spread of the lognormal with the first two moments of a mixture of lognormals. */
function mixLengths(parts: readonly Part[]): { readonly meanTokens: number; readonly sigma: number } {
  let [first, second, shares] = [0, 0, 0]
  for (const { share, mean, sigma } of parts) {
    shares += share
    first += share * mean
    second += share * mean * mean * Math.exp(sigma * sigma)
  }
  const meanTokens = first / shares
  return { meanTokens, sigma: Math.sqrt(Math.log(second / shares / (meanTokens * meanTokens))) }
}

function knowArm(facts: BenchmarkFacts, model: ModelId, strategy: StrategyId): ArmKnowledge {
  const spread = Math.hypot(facts.sigmaB, facts.sigmaU)
  const asked = facts.depth(model, strategy)
  const plain = facts.depth(model, null)
  const accuracy = (delta: number) => (1 - facts.unusableShare) * meanLogistic(facts.theta(model) + delta, spread)
  const { complies } = asked
  const part = (share: number, { mu, sigma, slope }: typeof asked.length): Part => {
    const variance = sigma ** 2 + slope ** 2
    return { share, mean: Math.exp(mu + variance / 2), sigma: Math.sqrt(variance) }
  }
  return {
    quality: complies * accuracy(asked.delta) + (1 - complies) * accuracy(plain.delta),
    ...mixLengths([part(complies, asked.length), part(1 - complies, plain.length)]),
  }
}

/** How much of a domain's questions each benchmark is. */
type Weights = ReadonlyMap<string, number>

function weighBenchmarks(
  sets: readonly (readonly Question[])[],
  placeOf: (question: Question) => { readonly domain: Domain; readonly benchmark: string },
): ReadonlyMap<Domain, Weights> {
  const weights = new Map<Domain, Map<string, number>>()
  for (const questions of sets) {
    for (const question of questions) {
      const { domain, benchmark } = placeOf(question)
      const ofDomain = weights.get(domain) ?? new Map<string, number>()
      weights.set(domain, ofDomain)
      ofDomain.set(benchmark, (ofDomain.get(benchmark) ?? 0) + 1 / questions.length)
    }
  }
  return weights
}

/** `sets`: the questions of each set that a run draws from, sets being equally likely. */
export function knowExactly(
  profile: Profile,
  sets: readonly (readonly Question[])[],
  domainOf: (question: Question) => Domain,
): Knowledge {
  const truth = requireTruth(profile)
  const weights = weighBenchmarks(sets, (question) => ({
    domain: domainOf(question),
    benchmark: resolveBenchmark(truth, question.benchmark),
  }))
  const models = Object.keys(profile.prior.models)
  const knowModel = (model: ModelId, benchmarks: Weights) =>
    new Map(
      strategyIds.map((strategy) => [strategy, blend(benchmarks, (name) => knowArm(factsOf(name), model, strategy))]),
    )
  const facts = new Map<string, BenchmarkFacts>()
  const factsOf = (benchmark: string): BenchmarkFacts => {
    const known = facts.get(benchmark) ?? createBenchmarkFacts(truth, benchmark)
    facts.set(benchmark, known)
    return known
  }
  return new Map(
    [...weights].map(([domain, benchmarks]) => [
      domain,
      new Map(models.map((model) => [model, knowModel(model, benchmarks)] as const)),
    ]),
  )
}

function blend(benchmarks: Weights, armOf: (benchmark: string) => ArmKnowledge): ArmKnowledge {
  const arms = [...benchmarks].map(([benchmark, share]) => ({ share, ...armOf(benchmark) }))
  const shares = arms.reduce((sum, { share }) => sum + share, 0)
  return {
    quality: arms.reduce((sum, { share, quality }) => sum + (share / shares) * quality, 0),
    ...mixLengths(arms.map(({ share, meanTokens, sigma }) => ({ share, mean: meanTokens, sigma }))),
  }
}
