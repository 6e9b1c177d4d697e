/**
 * @file Scores of the training-free executor for every candidate, so that a learnt correction can start from them.
 *
 * Arms that fit their share of the time keep the greedy score. The others, and stopping, get a score below or above them
 * all, so that the greatest score is always what the training-free executor would do, and the rest stay within reach of a
 * correction. Quality points.
 */
import type { StepContext } from '../../../core/index.ts'
import { type GreedyTerms, latencyQuantile, type PriceList, plannedMs, scoreOf } from '../../predict/index.ts'
import { reasonToStop } from '../stopping.ts'
import type { ArmCandidate } from './arm-features.ts'

const cautiousQuantile = 0.9
/** How far the best arm that does not fit stands below the best that does, and how much further for each doubling of its time. */
const unfitGap = 0.06
const unfitSlope = 0.1
/** Stopping stands so far above the best arm where the answers in hand are enough, and below it where they are not. */
const stopLead = 0.06
const stopLag = 0.12

/** Candidates of a step in the order of `lines`, stopping last where it is allowed. At least one line. */
export function baseCandidates(step: StepContext, lines: PriceList, terms: GreedyTerms): readonly ArmCandidate[] {
  const planned = lines.map((line) => plannedMs(line, terms.safety))
  const fits = planned.map((ms) => ms <= terms.shareMs)
  const anyFits = fits.includes(true)
  const scores = lines.map((line) => scoreOf(line, terms))
  const best = anyFits ? Math.max(...scores.filter((_, index) => fits[index])) : 0
  // Nothing fits: what counts is how much later than the soonest, by the cautious quantile.
  const soonestMs = anyFits
    ? 0
    : lines.reduce((ms, line) => Math.min(ms, latencyQuantile(line, cautiousQuantile)), Infinity)
  const arms = lines.map((line, index): ArmCandidate => {
    if (fits[index]) return { line, score: scores[index] as number, fits: true }
    const behind = anyFits
      ? best - unfitGap - lateness(planned[index] as number, terms.shareMs)
      : -behindSoonest(latencyQuantile(line, cautiousQuantile), soonestMs)
    return { line, score: behind, fits: false }
  })
  if (!step.mayStop) return arms
  const top = anyFits ? best : 0
  return [...arms, { line: null, score: reasonToStop(step) ? top + stopLead : top - stopLag, fits: true }]
}

const lateness = (plannedMs: number, shareMs: number): number =>
  unfitSlope * Math.log2(Math.max(1, plannedMs) / Math.max(1, Math.min(shareMs, plannedMs)))

const behindSoonest = (ms: number, soonestMs: number): number => unfitSlope * Math.log2(ms / Math.max(1, soonestMs))
