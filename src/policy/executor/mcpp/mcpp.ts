/**
 * @file `mcpp`, Monte-Carlo plan-preserving: the arm after which the rest of the plan most likely ends in time and right.
 *
 * For every arm that no other beats, the rest of the plan is played many times under the predictor's distributions, the
 * tracked error of each model and the trend of its queue; later steps follow slack-share greedy with the factor f that
 * suits best. Score = P(on time and right) - congestion prices, so that it is not selfish. The budget is a number of
 * rollouts, never of milliseconds, and luck is drawn by name of run and step: same inputs, same choice.
 *
 * Source: On Time, Within Budget (Monte-Carlo plan-preserving agents), with these changes: latency depends on load,
 * the predictor's own error is sampled, arms are pruned, sequential halving instead of all pairs, continuation by slack
 * share instead of one arm for all. Answers cannot be verified here, so each step is one call (k = 1).
 */
import {
  type ArmAlternative,
  type Choice,
  type ClusterState,
  type Executor,
  keyedRandom,
  type StepContext,
} from '../../../core/index.ts'
import { latencyQuantile, type PricedArm, type PriceList, type Safety, toEstimate } from '../../predict/index.ts'
import { type AllowedArms, allowedArms } from '../allowed-arms.ts'
import { createLeastLoaded, type PlainExecutorDeps } from '../plain-executors.ts'
import { reasonToStop } from '../stopping.ts'
import { layOutProblem, type Problem } from './problem.ts'
import { QueueTrend } from './queue-trend.ts'
import { createRollout, type Option, type Proposal } from './rollout.ts'
import { sequentialHalving } from './sequential-halving.ts'

export const defaultRollouts = 1_500
/** Below this chance to be in time, speed is all that counts. */
const leastChance = 0.05
const cautiousQuantile = 0.9
const mostAlternatives = 5

export interface McppDeps extends PlainExecutorDeps {
  /** The planner's factor: fed here, since executors are told how choices and runs came out. */
  readonly safety: Safety
  /** Default 1. */
  readonly seed?: number
}

export interface McppOptions {
  /** Rollouts per decision, >= 1; every arm that is tried gets one at least. Default 1,500. */
  readonly rollouts?: number
}

/** An arm with the factor that served it best. Means over its rollouts. */
interface Tried {
  readonly option: Option
  readonly onTime: number
  /** Price of its own step and of those that follow, in quality points. */
  readonly price: number
  /** P(on time and right) less price; set against the best on the draws that both met. */
  readonly score: number
}

/** The arms of `problem` after `rollouts` rollouts, each once, best first. */
function tryArms(problem: Problem, rollouts: number): readonly Tried[] {
  const { proposals } = problem
  const play = createRollout(problem)
  const sums = proposals.map(() => ({ onTime: 0, laterCost: 0, count: 0 }))
  const sample = (index: number, row: number): number => {
    const proposal = proposals[index] as Proposal
    const sum = sums[index] as (typeof sums)[number]
    const outcome = play(proposal, row)
    sum.onTime += outcome.onTime
    sum.laterCost += outcome.laterCost
    sum.count += 1
    return outcome.value - outcome.laterCost - proposal.option.cost
  }
  const { bestMean, behind } = sequentialHalving({ candidates: proposals.length, budget: rollouts, sample })
  const byOption = new Map<Option, Tried>()
  for (const [index, { option }] of proposals.entries()) {
    const { onTime, laterCost, count } = sums[index] as (typeof sums)[number]
    const score = bestMean - (behind[index] as number)
    if ((byOption.get(option)?.score ?? -Infinity) >= score) continue
    byOption.set(option, { option, onTime: onTime / count, price: option.line.price + laterCost / count, score })
  }
  return [...byOption.values()].sort((a, b) => b.score - a.score)
}

function soonest(lines: PriceList): PricedArm {
  const msOf = (line: PricedArm) => latencyQuantile(line, cautiousQuantile)
  return lines.reduce((best, line) => (msOf(line) < msOf(best) ? line : best))
}

function reasonFor({ lines, lifted }: AllowedArms, isHopeless: boolean): string {
  if (lifted === 'unusable') return 'no-usable-model'
  if (lifted === 'failed') return 'only-failed-models-left'
  if (lifted === 'room') return 'nothing-has-room'
  if (lines.length === 1) return 'only-arm'
  return isHopeless ? 'fastest-nothing-fits' : 'best-by-rollouts'
}

const toAlternative = ({ option, price, score }: Tried): ArmAlternative => ({
  arm: option.line.arm,
  predictedMs: option.line.meanMs,
  quality: option.line.quality,
  price,
  score,
})

/** `tried` best first, at least one. */
function toChoice(allowed: AllowedArms, tried: readonly Tried[]): Choice & { readonly kind: 'arm' } {
  const best = tried[0] as Tried
  const isHopeless = allowed.lifted === 'late' || best.onTime < leastChance
  const line = isHopeless ? soonest(allowed.lines) : best.option.line
  const own = tried.find(({ option }) => option.line === line)
  const others = tried.filter((other) => other !== own).slice(0, mostAlternatives)
  return {
    kind: 'arm',
    arm: line.arm,
    estimate: toEstimate(line),
    reason: reasonFor(allowed, isHopeless),
    shareMs: null,
    ...(own ? { price: own.price, score: own.score } : {}),
    alternatives: others.map(toAlternative),
  }
}

/** Reads the state at every choice, to follow the queues. */
export function createMcpp(deps: McppDeps, { rollouts = defaultRollouts }: McppOptions = {}): Executor {
  const { predictor, safety, seed = 1 } = deps
  const trend = new QueueTrend()
  // Where the state shows no model at all, some arm must be named all the same: sending it will say what is wrong.
  const lastResort = createLeastLoaded(deps)
  const choose = (context: StepContext, state: ClusterState): Choice => {
    trend.observe(state)
    const stop = reasonToStop(context)
    if (stop) return { kind: 'stop', reason: stop }
    const { query, step, promptTokens } = context
    const maxOutputTokens = step.isLast ? query.maxOutputTokens : null
    const list = predictor.priceList({ query, kind: step.kind, promptTokens, maxOutputTokens }, state)
    const allowed = allowedArms(list, context)
    if (allowed.lines.length === 0) return lastResort.choose(context, state)
    const random = keyedRandom(seed, `${query.runId} ${step.id}`)
    const problem = layOutProblem({ context, state, lines: allowed.lines, predictor, trend, random })
    const choice = toChoice(allowed, tryArms(problem, rollouts))
    safety.recordChoice(choice.estimate.quality)
    return choice
  }
  return { name: 'mcpp', choose, runFinished: (outcome) => safety.recordRun(outcome) }
}
