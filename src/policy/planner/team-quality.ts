/**
 * @file How likely a team is to be right: one shared difficulty, and what votes, reviews and probes make of it.
 *
 * One standard normal z, shared by all agents, stands for how easy the question is. An agent that is right with
 * probability q over all questions is right with Phi(Phi^-1(q) sqrt(1 + s^2) + s z) on this one, where s^2 = rho / (1 - rho)
 * and rho is the latent correlation between answers: agents' errors go together, so voting gains little (calibration,
 * section 4: +3 to +6 points for three votes on mathematics, +0 to +3 on knowledge; the test holds this model against
 * those rows). Repeats of one model go together more than answers of two. Given z the agents are independent.
 *
 * - vote: the commonest answer; wrong answers meet with probability `wrongMeet`.
 * - probe: two that agree stand (right or wrong), else the escalation's answer.
 * - review: what was right stays so with `keep`; what was wrong is mended with `fix` times the reviewer's own chance. With
 *   the chances of usual models that is .2-.45, as measured without test feedback.
 * - merge by a model: the commonest answer, seldom spoilt, or a rarer right one as often as the rules say. Debaters likewise
 *   where the rules tell how.
 * The model is assumed where it goes beyond the measured numbers; it ranks plans and is no forecast of accuracy.
 */
import { type AnswerFormat, clamp, type Domain, normalCdf, normalQuantile, type StepKind } from '../../core/index.ts'
import { isComparable } from '../../team/index.ts'
import type { PricedArm } from '../predict/index.ts'
import { assumedTeamRules, type DomainTeamRules, type MergeRules, type TeamRules } from './team-rules.ts'

/** Chance that two wrong answers are the same: open answers differ mostly, options have one or two popular traps. */
const wrongMeet: Readonly<Record<AnswerFormat, number>> = { number: 0.25, choice: 0.4, code: 0, text: 0 }
/** Going over one's own work mends less than another's eyes. */
const selfReview = 0.6

/** Answers at once of one model repeat themselves more than reasoned ones (repeats: 0.53-0.86 against 0.33-0.48). */
const flashAdds = 0.12

/** z from -3 to 3 in steps of a half: the trapezoid rule is exact to 1e-3 even for the steepest agent here. */
const nodes = Array.from({ length: 13 }, (_, index) => (index - 6) / 2)
const densities = nodes.map((z) => Math.exp((-z * z) / 2))
const totalDensity = densities.reduce((sum, density) => sum + density, 0)
const nodeWeights = densities.map((density) => density / totalDensity)

/** A wave of a team, its steps held by arms of known worth. */
export interface TeamWave {
  readonly kind: StepKind
  readonly isEscalation: boolean
  readonly arms: readonly TeamArm[]
}

/** What is known of an arm in a team. `length`, where known, tells how often its cap cuts it off. */
export interface TeamArm extends Pick<PricedArm, 'arm' | 'quality'> {
  readonly length?: Pick<PricedArm['length'], 'cutShare'>
}

/** A wave and who was taken for its steps. */
export interface StaffedWave extends TeamWave {
  readonly arms: readonly PricedArm[]
}

export interface TeamOutlook {
  /** Probability of a right answer, 0-1. */
  readonly quality: number
  /** Probability that the escalation runs; 1 where there is none to spare. */
  readonly escalationChance: number
  /** Probability that the first answers differ, so that the waves after them run; 1 where they are not compared. */
  readonly laterChance: number
}

export interface TeamKind {
  readonly domain: Domain
  readonly format: AnswerFormat
  readonly isVote: boolean
  /** Default: the assumed ones. */
  readonly rules?: TeamRules
}

/** Chance that a vote of `count` is won with `right` right answers among them. */
function winChance(right: number, count: number, meet: number): number {
  const wrong = count - right
  if (right === 0) return 0
  if (right > wrong) return 1
  const allDiffer = (1 - meet) ** ((wrong * (wrong - 1)) / 2)
  // Alone against different wrong ones it is a draw of all; two and more win over those that differ.
  return right === 1 ? allDiffer / count : allDiffer + (1 - allDiffer) * 0.5
}

/** `winChance` by number right, for each size of vote and chance to meet. */
const winTables = new Map<number, readonly number[]>()
function winTable(count: number, meet: number): readonly number[] {
  const key = count + meet
  const known = winTables.get(key)
  if (known) return known
  const table = Array.from({ length: count + 1 }, (_, right) => winChance(right, count, meet))
  winTables.set(key, table)
  return table
}

/** Chances of the answers in hand, at one z. Scratch: each walk through the waves starts it anew. */
let answers = new Float64Array(8)
let answerCount = 0
let rightCount = new Float64Array(9)
/** Chances that the answers in hand cannot be read, as their caps cut them off; all 0 where cut ones count as wrong. */
let absences = new Float64Array(8)
let hasAbsences = false

function makeRoom(count: number): void {
  if (count <= answers.length) return
  answers = new Float64Array(count)
  rightCount = new Float64Array(count + 1)
  absences = new Float64Array(count)
}

function setOne(chance: number): void {
  answers[0] = chance
  answerCount = 1
  hasAbsences = false
}

/** Chance that the commonest of the answers in hand is right, by convolution. */
function plurality(meet: number): number {
  if (hasAbsences) return readablePlurality(meet)
  const table = winTable(answerCount, meet)
  rightCount[0] = 1
  for (let index = 0; index < answerCount; index += 1) {
    const chance = answers[index] as number
    rightCount[index + 1] = 0
    for (let k = index + 1; k > 0; k -= 1)
      rightCount[k] = (rightCount[k] as number) * (1 - chance) + (rightCount[k - 1] as number) * chance
    rightCount[0] = (rightCount[0] as number) * (1 - chance)
  }
  let won = 0
  for (let right = 1; right <= answerCount; right += 1) won += (rightCount[right] as number) * (table[right] as number)
  return won
}

/** Chances of so many right (rows) and wrong (columns) answers. */
let tallies = new Float64Array(81)

/** Takes one more answer into the tallies. */
function addTally(index: number, width: number): void {
  const right = answers[index] as number
  const absent = absences[index] as number
  const wrong = 1 - right - absent
  for (let r = index + 1; r >= 0; r -= 1)
    for (let w = index + 1 - r; w >= 0; w -= 1) {
      const at = r * width + w
      const before = r > 0 ? (tallies[at - width] as number) : 0
      const beside = w > 0 ? (tallies[at - 1] as number) : 0
      tallies[at] = (tallies[at] as number) * absent + before * right + beside * wrong
    }
}

/** As `plurality`, of the answers that can be read. */
function readablePlurality(meet: number): number {
  const width = answerCount + 1
  if (tallies.length < width * width) tallies = new Float64Array(width * width)
  tallies.fill(0, 0, width * width)
  tallies[0] = 1
  for (let index = 0; index < answerCount; index += 1) addTally(index, width)
  let won = 0
  for (let r = 1; r < width; r += 1)
    for (let w = 0; r + w < width; w += 1)
      won += (tallies[r * width + w] as number) * (winTable(r + w, meet)[r] as number)
  return won
}

function meanAnswer(): number {
  let sum = 0
  for (let index = 0; index < answerCount; index += 1) sum += answers[index] as number
  return sum / answerCount
}

/** A wave's agents as thresholds: right where `threshold + slope z` exceeds a standard normal. */
interface LatentWave {
  readonly kind: StepKind
  readonly isEscalation: boolean
  readonly thresholds: readonly number[]
  /** Chances to be cut off; empty where those count as wrong. */
  readonly cuts: readonly number[]
}

interface Setting {
  readonly rules: DomainTeamRules
  readonly meet: number
  /** Answers are compared: agreement ends the run. */
  readonly compares: boolean
}

/** Share of the arms whose model another arm has already. */
function repeatShare(waves: readonly TeamWave[]): number {
  const models: string[] = []
  let repeats = 0
  for (const { arms } of waves)
    for (const { arm } of arms)
      if (models.includes(arm.model)) repeats += 1
      else models.push(arm.model)
  const count = models.length + repeats
  return count > 1 ? repeats / (count - 1) : 0
}

/** Fresh answers side by side. */
function solve({ thresholds, cuts }: LatentWave, lift: number): void {
  hasAbsences = false
  for (let index = 0; index < thresholds.length; index += 1) {
    const cut = cuts[index] ?? 0
    absences[index] = cut
    hasAbsences ||= cut > 0
    answers[index] = (1 - cut) * normalCdf((thresholds[index] as number) + lift)
  }
  answerCount = thresholds.length
}

/** Each goes over its own answer, or the next over the one before: mended where wrong, seldom spoilt where right. */
function revise({ thresholds, cuts, kind }: LatentWave, lift: number, rules: DomainTeamRules): void {
  const { keep, keepByAbility = 0, fix, fixBase = 0 } = rules
  const part = kind === 'revise' ? (rules.selfReview ?? selfReview) : 1
  const mends = fix * part
  for (let index = 0; index < thresholds.length; index += 1) {
    const place = Math.min(index, answerCount - 1)
    const before = answers[place] as number
    const absent = hasAbsences ? (absences[place] as number) : 0
    const ability = (1 - (cuts[index] ?? 0)) * normalCdf((thresholds[index] as number) + lift)
    const kept = before * (keep + keepByAbility * ability)
    const wrong = 1 - before - absent
    // Where there is nothing to read the question is answered afresh.
    answers[index] = kept + wrong * mends * ability + wrong * fixBase * part + absent * ability
  }
  hasAbsences = false
  answerCount = thresholds.length
}

/** All read the same answers, and have one opinion between them. */
function debate({ thresholds, cuts }: LatentWave, lift: number, { rules, meet }: Setting): void {
  let ability = 0
  for (let index = 0; index < thresholds.length; index += 1)
    ability += ((1 - (cuts[index] ?? 0)) * normalCdf((thresholds[index] as number) + lift)) / thresholds.length
  if (rules.debate) return setOne(merged(rules.debate, ability, meet))
  const before = meet > 0 ? plurality(meet) : meanAnswer()
  setOne(before * rules.keep + (1 - before) * rules.fix * ability)
}

/** Chance that one answer made of those in hand is right. */
function merged({ kept, picks, picksByAbility, invents }: MergeRules, ability: number, meet: number): number {
  let none = 1
  for (let index = 0; index < answerCount; index += 1) none *= 1 - (answers[index] as number)
  const commonest = meet > 0 ? plurality(meet) : meanAnswer()
  return kept * commonest + (1 - none - commonest) * (picks + picksByAbility * ability) + none * invents * ability
}

/** One model makes one answer of all: of the commonest, or of a rarer one that it finds to be right. */
function merge({ thresholds, cuts }: LatentWave, lift: number, { rules, meet, compares }: Setting): void {
  const ability = (1 - (cuts[0] ?? 0)) * normalCdf((thresholds[0] as number) + lift)
  if (answerCount === 1) {
    const before = answers[0] as number
    return setOne(before + (1 - before) * (rules.mendsDebate ?? 0) * ability)
  }
  setOne(merged(compares ? rules.merge : rules.mergeOfTexts, ability, meet))
}

/**
 * What a walk finds: chances that the answers in hand are all right, and that they are all wrong in the same way; that the
 * escalation is needed, and the waves after the first. In an array, since a bare variable's number is allocated anew each time.
 */
const found = new Float64Array(4)
const [allRight, allWrong, escalationNeeded, laterNeeded] = [0, 1, 2, 3] as const

function compareAll(meet: number): void {
  let right = 1
  let wrong = meet
  for (let index = 0; index < answerCount; index += 1) {
    const answer = answers[index] as number
    right *= answer
    // An answer that cannot be read disagrees with none, but neither does one alone agree: near enough for a few.
    wrong *= 1 - answer - (hasAbsences ? (absences[index] as number) : 0)
  }
  found[allRight] = right
  found[allWrong] = wrong
}

/** Chance that the answers just compared differ. */
const differing = (): number => 1 - (found[allRight] as number) - (found[allWrong] as number)

/** Probes that agree stand; else the escalation's answer. */
function escalate({ thresholds, cuts }: LatentWave, lift: number, meet: number): void {
  compareAll(meet)
  const chance = differing()
  const answered = chance * (1 - (cuts[0] ?? 0))
  setOne((found[allRight] as number) + answered * normalCdf((thresholds[0] as number) + lift))
  found[escalationNeeded] = chance
}

/** Walks through the waves where the question is easier than the mean by `lift`. Leaves the answers' chances in hand. */
function walk(waves: readonly LatentWave[], lift: number, setting: Setting): void {
  found[escalationNeeded] = 1
  found[laterNeeded] = 1
  for (let index = 0; index < waves.length; index += 1) {
    const wave = waves[index] as LatentWave
    if (index === 1 && setting.compares && answerCount > 1) {
      compareAll(setting.meet ** (answerCount - 1))
      found[laterNeeded] = differing()
    }
    if (wave.isEscalation) escalate(wave, lift, setting.meet)
    else if (wave.kind === 'solve') solve(wave, lift)
    else if (wave.kind === 'aggregate') merge(wave, lift, setting)
    else if (wave.kind === 'revise' || answerCount === 1) revise(wave, lift, setting.rules)
    else debate(wave, lift, setting)
  }
}

/** Latent correlation between the answers of this team. */
function correlation(waves: readonly TeamWave[], rules: DomainTeamRules): number {
  let arms = 0
  let flashes = 0
  for (const wave of waves) {
    arms += wave.arms.length
    for (const { arm } of wave.arms) if (arm.strategy === 'Flash') flashes += 1
  }
  const reasoned = rules.between + (rules.within - rules.between) * repeatShare(waves)
  return clamp(reasoned + ((rules.flashAdds ?? flashAdds) * flashes) / arms, 0, 0.95)
}

const none: readonly number[] = []

/** Thresholds of the arms, of all their answers or of those that end before their caps. */
function latentOf(
  arms: readonly TeamArm[],
  { stretch, cutsAbstain }: { readonly stretch: number; readonly cutsAbstain: boolean },
): Pick<LatentWave, 'thresholds' | 'cuts'> {
  const threshold = (quality: number) => normalQuantile(clamp(quality, 0.001, 0.999)) * stretch
  if (!cutsAbstain) return { thresholds: arms.map(({ quality }) => threshold(quality)), cuts: none }
  const cuts = arms.map(({ length }) => Math.min(length?.cutShare ?? 0, 0.98))
  return { thresholds: arms.map(({ quality }, index) => threshold(quality / (1 - (cuts[index] as number)))), cuts }
}

/** What a staffed team is expected to be worth. `waves`: at least one, each with at least one arm. */
export function teamQuality(waves: readonly TeamWave[], kind: TeamKind): TeamOutlook {
  const { domain, format, isVote } = kind
  const [first] = waves
  // One agent alone is worth what its prior says; no integral needed.
  if (waves.length === 1 && first?.arms.length === 1)
    return { quality: first.arms[0]?.quality ?? 0, escalationChance: 1, laterChance: 1 }
  const rules = (kind.rules ?? assumedTeamRules)[domain]
  const rho = correlation(waves, rules)
  const stretch = 1 / Math.sqrt(1 - rho)
  const latent = waves.map(({ kind, isEscalation, arms }) => ({
    kind,
    isEscalation,
    ...latentOf(arms, { stretch, cutsAbstain: rules.cutsAbstain ?? false }),
  }))
  for (const { arms } of waves) makeRoom(arms.length)
  const slope = Math.sqrt(rho / (1 - rho))
  const setting = { rules, meet: rules.wrongMeet ?? wrongMeet[format], compares: isComparable(format) }
  let quality = 0
  let escalationChance = 0
  let laterChance = 0
  for (let index = 0; index < nodes.length; index += 1) {
    const weight = nodeWeights[index] as number
    walk(latent, slope * (nodes[index] as number), setting)
    escalationChance += weight * (found[escalationNeeded] as number)
    laterChance += weight * (found[laterNeeded] as number)
    quality += weight * (answerCount === 1 || !isVote ? (answers[0] as number) : plurality(setting.meet))
  }
  return { quality, escalationChance, laterChance }
}
