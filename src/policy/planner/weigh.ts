/**
 * @file Weighs one team for one query: who would staff it, how long it would take, what it is worth, what it costs.
 *
 * Each wave gets its share of the time left; its steps take the arms that the greedy executor would take within it. A
 * wave for which nothing fits rules the team out. Latencies are medians: of parallel steps, the median of the slowest.
 *
 *   score = quality - congestion price of the work - price of each further call - patience * share of the budget used
 */
import type { ModelId, StepKind } from '../../core/index.ts'
import { isComparable } from '../../team/index.ts'
import { greedyArm, type PricedArm, type PriceList, withFallbacks } from '../predict/index.ts'
import type { Candidate, Wave } from './candidates.ts'
import { type StaffedWave, type TeamKind, teamQuality } from './team-quality.ts'

/** Worth of a call saved, in quality points: keeps teams from growing for nothing. */
const callPrice = 0.004
/** Worth of an answer at once against one at the deadline. */
const patience = 0.01
/** Standard normal quantile of 0.5^(1/n): where the slowest of n has its median. */
const slowestZ = [0, 0, 0.545, 0.819, 0.998, 1.129, 1.231]

export interface WeighTerms {
  /** Time left for the whole run. ms. */
  readonly leftMs: number
  readonly safety: number
  readonly plansBackups: boolean
  readonly kind: Omit<TeamKind, 'isVote'>
  /** Lines that the limits allow, by kind of step. */
  lines(kind: StepKind): PriceList
}

export interface Weighed {
  readonly candidate: Candidate
  readonly predictedMs: number
  readonly quality: number
  readonly score: number
  /** What a network that weighed it gives it. */
  readonly probability?: number
  /** Expected output tokens of all calls, escalation in full. */
  readonly outputTokens: number
  /** Congestion price of all calls, in quality points. */
  readonly price: number
  /** Expected calls. */
  readonly calls: number
  /** Chance that the escalation is needed; 1 where there is none. */
  readonly escalationChance: number
  /** Who would take its steps, wave by wave. */
  readonly staffed: readonly StaffedWave[]
}

/** Median of the slowest of `count` calls like this one. */
const medianMs = (line: PricedArm, count: number) =>
  line.shiftMs + Math.exp(line.mu + line.sigma * (slowestZ[Math.min(count, slowestZ.length - 1)] as number))

/** Where the answer hangs on one call, second calls add to what its arms are worth: see `withFallbacks`. */
function linesFor(wave: Wave, candidate: Candidate, terms: WeighTerms): PriceList {
  const isAlone = wave.count === 1 && (wave.isEscalation || candidate.waves.length === 1)
  const plain = terms.lines(wave.kind)
  if (!isAlone) return plain
  return withFallbacks(plain, {
    // What is left when the wave begins: the waves before it have had their shares.
    leftMs: terms.leftMs * wave.timeShare,
    safety: terms.safety,
    retriesCut: isComparable(terms.kind.format),
    // An escalation has answers in hand to fall back on, and gets no second call.
    plansBackups: terms.plansBackups && !wave.isEscalation,
  })
}

/** Arms for the steps of a wave, siblings preferring other models; null where nothing fits its share. */
function staff(wave: Wave, candidate: Candidate, terms: WeighTerms): StaffedWave | null {
  const { kind, isEscalation, count, weight } = wave
  const shareMs = terms.leftMs * wave.timeShare
  const lines = linesFor(wave, candidate, terms)
  const diversity = terms.kind.rules?.[terms.kind.domain].diversity
  // Grows with the team, so that each step sees who was taken before it.
  const siblings: ModelId[] = []
  const rule = { shareMs, safety: terms.safety, weight, siblings, ...(diversity === undefined ? {} : { diversity }) }
  const first = greedyArm(lines, rule)
  if (first === null) return null
  const arms = new Array<PricedArm>(count).fill(first)
  // Where nobody counts whose model is whose, the first is the best for every step.
  const isCounted = candidate.stopsOnAgreement || diversity !== undefined
  for (let index = 1; isCounted && index < count; index += 1) {
    siblings.push((arms[index - 1] as PricedArm).arm.model)
    arms[index] = greedyArm(lines, rule) as PricedArm
  }
  return { kind, isEscalation, arms }
}

/** `candidate` staffed and scored; null where it does not fit the time. */
export function weigh(candidate: Candidate, terms: WeighTerms): Weighed | null {
  const { waves } = candidate
  const staffed = new Array<StaffedWave>(waves.length)
  for (let index = 0; index < waves.length; index += 1) {
    const one = staff(waves[index] as Wave, candidate, terms)
    if (one === null) return null
    staffed[index] = one
  }
  return score(candidate, staffed, terms)
}

/** A single agent with this arm, whether or not it fits. */
export const weighSingle = (candidate: Candidate, line: PricedArm, terms: WeighTerms): Weighed =>
  score(candidate, [{ kind: 'solve', isEscalation: false, arms: [line] }], terms)

function score(candidate: Candidate, staffed: readonly StaffedWave[], terms: WeighTerms): Weighed {
  const outlook = teamQuality(staffed, { ...terms.kind, isVote: candidate.merge === 'vote' })
  const { quality, escalationChance } = outlook
  // The assumed rules charge later waves in full, as if nothing ended with answers that agree.
  const laterChance = terms.kind.rules && candidate.stopsOnAgreement ? outlook.laterChance : 1
  let predictedMs = 0
  let calls = 0
  let price = 0
  let outputTokens = 0
  for (let index = 0; index < staffed.length; index += 1) {
    const { arms, isEscalation } = staffed[index] as StaffedWave
    const chance = isEscalation ? escalationChance : index > 0 ? laterChance : 1
    let slowestMs = 0
    for (const line of arms) {
      slowestMs = Math.max(slowestMs, Math.min(medianMs(line, arms.length), line.backup ? terms.leftMs : Infinity))
      price += chance * line.price
      outputTokens += line.length.mean
    }
    predictedMs += chance * slowestMs
    calls += chance * arms.length
  }
  const hurry = patience * Math.min(1, predictedMs / Math.max(1, terms.leftMs))
  return {
    candidate,
    predictedMs,
    quality,
    score: quality - price - callPrice * (calls - 1) - hurry,
    outputTokens,
    price,
    calls,
    escalationChance,
    staffed,
  }
}
