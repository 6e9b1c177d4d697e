/**
 * @file `slack-greedy`, the default executor: the best arm that fits this step's share of the slack.
 *
 * The time left, less what is kept back for the last step, is divided along the way to the end; among the arms that
 * surely enough end within the share (safety factor f, calibrated online) the best quality less congestion price wins.
 * Nothing fits: the arm with the smallest 90 % quantile. Every step divides the slack afresh, so time won early is spent
 * later. Steps that cannot change the answer any more are stopped. O(arms) per step, some microseconds for fifteen.
 *
 * Source: slack-share greedy with congestion price, near the fluid bound in the calibration's prototype (section 7).
 */
import type { Choice, ClusterState, Domain, Executor, ModelId, StepContext } from '../../core/index.ts'
import { isComparable } from '../../team/index.ts'
import {
  type GreedyTerms,
  greedyArm,
  latencyQuantile,
  mayBackUp,
  type PoolPredictor,
  type PricedArm,
  type PriceList,
  roleWeight,
  type Safety,
  scoreOf,
  toEstimate,
  withFallbacks,
} from '../predict/index.ts'
import { allowedArms } from './allowed-arms.ts'
import { alternativesTo } from './alternatives.ts'
import { createLeastLoaded, type PlainExecutorDeps } from './plain-executors.ts'
import { reasonToStop } from './stopping.ts'
import { timeShareMs } from './time-share.ts'

const cautiousQuantile = 0.9
const noModels: readonly ModelId[] = []

/** The line that is most surely done soonest. `lines` must not be empty. */
function soonestArm(lines: PriceList): PricedArm {
  let soonest = lines[0] as PricedArm
  let soonestMs = latencyQuantile(soonest, cautiousQuantile)
  for (const line of lines) {
    const ms = latencyQuantile(line, cautiousQuantile)
    if (ms < soonestMs) {
      soonest = line
      soonestMs = ms
    }
  }
  return soonest
}

/** The price list of a step, under the caller's own cap where it is the last one. */
export const pricesOf = (step: StepContext, state: ClusterState, predictor: PoolPredictor): PriceList =>
  predictor.priceList(
    {
      query: step.query,
      kind: step.step.kind,
      promptTokens: step.promptTokens,
      maxOutputTokens: step.step.isLast ? step.query.maxOutputTokens : null,
    },
    state,
  )

/** Models that siblings use, where their answers will be counted or compared, or another model was learnt to be worth more. */
export function siblingTerms(
  { plan, query, siblingArms }: StepContext,
  { diversity: byDomain }: Pick<SlackGreedyDeps, 'diversity'>,
): Pick<GreedyTerms, 'siblings' | 'diversity'> {
  const diversity = byDomain?.[query.domain]
  const isCounted = plan.stopsOnAgreement || plan.merge === 'vote' || diversity !== undefined
  const siblings = isCounted ? siblingArms.map(({ model }) => model) : noModels
  return { siblings, ...(diversity === undefined ? {} : { diversity }) }
}

/** The step's lines, with what second calls add where the answer hangs on this one. */
export function withSecondCalls(
  lines: PriceList,
  { step, plan, query, remainingMs, answers }: StepContext,
  { state, deps }: { readonly state: ClusterState; readonly deps: SlackGreedyDeps },
): PriceList {
  if (!step.isLast || plan.merge === 'vote') return lines
  return withFallbacks(lines, {
    leftMs: remainingMs,
    safety: deps.safety.value,
    retriesCut: query.maxOutputTokens === null && isComparable(query.answerFormat),
    // With an answer in hand the runtime makes no second call: that answer stands in.
    plansBackups: deps.plansBackups !== false && answers.length === 0 && mayBackUp(query, state),
  })
}

export interface SlackGreedyDeps extends PlainExecutorDeps {
  readonly safety: Safety
  /** Default true; false for ablation. */
  readonly plansBackups?: boolean
  /** Worth of a model that no sibling uses, in quality points, where it was learnt. */
  readonly diversity?: Readonly<Partial<Record<Domain, number>>>
}

export function createSlackGreedy(deps: SlackGreedyDeps): Executor {
  const { predictor, safety } = deps
  // Where the state shows no model at all, some arm must be named all the same: sending it will say what is wrong.
  const lastResort = createLeastLoaded(deps)
  const choose = (step: StepContext, state: ClusterState): Choice => {
    const stop = reasonToStop(step)
    if (stop) return { kind: 'stop', reason: stop }
    const { lines: allowed, lifted } = allowedArms(pricesOf(step, state, predictor), step)
    const lines = withSecondCalls(allowed, step, { state, deps })
    if (lines.length === 0) return lastResort.choose(step, state)
    const shareMs = timeShareMs(step)
    const weight = roleWeight[step.step.importance]
    const terms: GreedyTerms = { shareMs, safety: safety.value, weight, ...siblingTerms(step, deps) }
    const fitting = greedyArm(lines, terms)
    const line = fitting ?? soonestArm(lines)
    safety.recordChoice(line.quality)
    return {
      kind: 'arm',
      arm: line.arm,
      estimate: toEstimate(line),
      reason: reasonFor({
        fits: fitting !== null,
        isBacked: line.backup !== undefined,
        isOnly: lines.length === 1,
        lifted,
      }),
      shareMs,
      price: line.price,
      score: scoreOf(line, terms),
      ...(line.backup ? { backup: line.backup } : {}),
      alternatives: alternativesTo(line, lines, terms),
    }
  }
  return { name: 'slack-greedy', choose, runFinished: (outcome) => safety.recordRun(outcome) }
}

function reasonFor(how: {
  readonly fits: boolean
  readonly isBacked: boolean
  readonly isOnly: boolean
  readonly lifted: ReturnType<typeof allowedArms>['lifted']
}): string {
  if (how.lifted === 'unusable') return 'no-usable-model'
  if (how.lifted === 'failed') return 'only-failed-models-left'
  if (how.lifted === 'room') return 'nothing-has-room'
  if (how.isBacked) return 'best-with-backup'
  if (how.isOnly) return 'only-arm'
  return how.fits ? 'best-within-share' : 'fastest-nothing-fits'
}
