/**
 * @file What a policy may know of a simulated model beforehand: derived from its truth and its machine, rounded, by
 * domain instead of by benchmark, so that a policy never sees a benchmark's own numbers.
 */
import {
  logistic,
  logit,
  type MachineProfile,
  type ModelPrior,
  mean,
  type ProfileTruth,
  type StrategyId,
  strategyIds,
} from '../../core/index.ts'
import { quantity, roundTo } from './quantity.ts'

export interface KnownModel {
  readonly model: string
  readonly tier: ModelPrior['tier']
  readonly truth: ProfileTruth
  readonly machine: MachineProfile
  readonly apiOverheadMs: number
}

interface Cell extends KnownModel {
  readonly domain: string
  readonly strategy: StrategyId
}

const domains = ['math', 'code', 'knowledge'] as const

const benchmarksOf = ({ truth, domain }: Cell): readonly string[] =>
  Object.keys(truth.domainOfBenchmark).filter((benchmark) => truth.domainOfBenchmark[benchmark] === domain)

/** Share of calls that do as told; 1 where the depth shows in a token ratio instead. */
const complianceOf = ({ truth, model, strategy }: Cell): number =>
  truth.strategyTokenRatio.value[strategy][model] === null ? truth.flash.value.complies[model]! : 1

function qualityOf(cell: Cell): number {
  const { truth, model, domain, strategy } = cell
  const plain = mean(benchmarksOf(cell).map((benchmark) => truth.cotAccuracy.value[benchmark]![model]!))
  const shifted = logistic(logit(plain) + truth.strategyDelta.value[domain]![strategy][model]!)
  const complies = complianceOf(cell)
  return roundTo(complies * shifted + (1 - complies) * plain, 2)
}

/** The lognormal with mean and variance of the mixture over the domain's benchmarks and over compliance. */
function lengthOf(cell: Cell): { mean: number; sigma: number } {
  const { truth, model, strategy } = cell
  const variance = truth.outputSigma.value[model]! ** 2 + truth.lengthSlopePerSd.value ** 2
  const ratio = truth.strategyTokenRatio.value[strategy][model] ?? null
  const complies = complianceOf(cell)
  const parts = benchmarksOf(cell).flatMap((benchmark) => {
    const plain = truth.cotMeanOutputTokens.value[benchmark]![model]! * truth.lengthMultiplier.value[model]!
    if (ratio !== null) return [{ weight: 1, mean: plain * ratio, variance }]
    const { tokens, sigma } = truth.flash.value
    return [
      { weight: complies, mean: tokens[benchmark]!, variance: sigma ** 2 },
      { weight: 1 - complies, mean: plain, variance },
    ]
  })
  const total = parts.reduce((sum, part) => sum + part.weight, 0)
  const first = parts.reduce((sum, part) => sum + part.weight * part.mean, 0) / total
  const second = parts.reduce((sum, part) => sum + part.weight * part.mean ** 2 * Math.exp(part.variance), 0) / total
  return { mean: roundTo(first, 0), sigma: roundTo(Math.sqrt(Math.log(second / first ** 2)), 2) }
}

/** Tables by domain and strategy; `general` is read as knowledge, which no benchmark covers either. */
function byDomain<T>(known: KnownModel, fn: (cell: Cell) => T) {
  const tables = Object.fromEntries(
    domains.map((domain) => [
      domain,
      Object.fromEntries(strategyIds.map((strategy) => [strategy, fn({ ...known, domain, strategy })])),
    ]),
  ) as Record<(typeof domains)[number], Record<StrategyId, T>>
  return { ...tables, general: tables.knowledge }
}

const derived = (source: string) => ({ tag: 'derived' as const, source })

export function priorOfTruth(known: KnownModel): ModelPrior {
  const { decodeC0, decodeC3, b0, k1 } = known.machine.step.value
  const hostMs = known.machine.host.value
  return {
    tier: known.tier,
    quality: quantity(
      byDomain(known, qualityOf),
      'probability of a right answer that is not cut',
      derived('mean published or assumed accuracy of the domain, shifted by the strategy and by compliance with it'),
    ),
    outputTokens: quantity(
      byDomain(known, lengthOf),
      'tokens (mean) and ln tokens (sigma), not cut',
      derived('mean lengths of the domain and strategy; moments of the mixture over benchmarks and compliance'),
    ),
    ttft: quantity(
      { fixedMs: roundTo(known.apiOverheadMs + b0 + hostMs, 1), perTokenMs: roundTo(k1, 5) },
      'ms, ms per prompt token',
      derived('API overhead, one prefill step and its host overhead; slope of the step time in prefill tokens'),
    ),
    tpot: quantity(
      { idleMs: roundTo(decodeC0 + hostMs, 2), perKvTokenMs: roundTo(decodeC3, 7) },
      'ms, ms per token in the KV cache',
      derived('one decode step and its host overhead'),
    ),
  }
}
