/**
 * @file Sentences about one choice of a model and a depth: why this one, and why not the next best.
 *
 * A step's predicted latency is a mean, unlike a plan's, which is a median: the words say which.
 */
import type { ArmAlternative, ShadowChoice, StepRecord } from '../../core/index.ts'
import { chance, count, fraction, points, time } from './amounts.ts'
import { occupancy } from './explain-plan.ts'
import { armReason } from './reasons.ts'

type ArmChoice = Extract<StepRecord['choice'], { readonly model: string }>

/** `step` must have chosen an arm. */
export function explainChoice(step: StepRecord, choice: ArmChoice): readonly string[] {
  const { predicted, remainingMs, shareMs } = step
  const share = shareMs === null ? '' : `, with a share of ${time(shareMs)} of the ${time(remainingMs)} left`
  const arm = `${choice.model} with ${choice.strategy}`
  const sentences = [`${stepName(step)} was given to ${arm}: ${armReason(choice.reason)}${share}.`]
  if (predicted !== null) {
    const { latencyMs, p90Ms, queueMs, outputTokens, quality } = predicted
    const size = `${Math.round(outputTokens)} output tokens, ${worth({ quality, ...choice })}`
    const range = `nine times in ten within ${time(p90Ms)}`
    sentences.push(`Predicted were on average ${time(latencyMs)} (${range}), ${time(queueMs)} of it waiting; ${size}.`)
  }
  const next = nextBest(step.alternatives)
  if (next) sentences.push(`The next best was ${alternativeArm(next)}; ${whyNotArm(next, step, choice)}.`)
  if (step.shadow) sentences.push(`${explainShadow(step.shadow)}.`)
  return sentences
}

/** What the executor that looks on would have done, without a full stop. */
export function explainShadow({ executor, arm, probability, agrees }: ShadowChoice): string {
  const would = agrees ? 'done the same' : arm ? `taken ${arm.model} with ${arm.strategy}` : 'stopped here'
  return `The executor that looks on (${executor}) would have ${would}${chance(probability)}`
}

/** `Step 0/0 (MathSolver)`, with the attempt from the second on. */
export function stepName({ stepId, role, kind, attempt }: StepRecord): string {
  if (kind === 'insurance') return `The insurance call (${role})`
  return attempt === 0 ? `Step ${stepId} (${role})` : `Step ${stepId} (${role}), attempt ${attempt},`
}

const nextBest = (alternatives: readonly ArmAlternative[]): ArmAlternative | undefined =>
  alternatives.reduce<ArmAlternative | undefined>(
    (best, one) => (best === undefined || one.score > best.score ? one : best),
    undefined,
  )

const alternativeArm = (other: ArmAlternative): string =>
  `${other.arm.model} with ${other.arm.strategy} (on average ${time(other.predictedMs)}, ${worth(other)})`

interface Worth {
  readonly quality: number
  readonly price: number | null
  readonly score: number | null
  readonly probability?: number
}

/** `quality 0.74, congestion price 0.046, score 0.694`, as far as the record tells. */
function worth({ quality, price, score, probability }: Worth): string {
  const parts = [`quality ${fraction(quality)}`]
  if (price !== null && price > 0) parts.push(`congestion price ${points(price)}`)
  // A network's scores mean something only against each other: what it makes of them is said instead.
  if (probability !== undefined) parts.push(`probability ${fraction(probability)}`)
  else if (score !== null && Number.isFinite(score)) parts.push(`score ${points(score)}`)
  return parts.join(', ')
}

/** What the record shows against the alternative: time, score, quality, congestion. Where it shows nothing, no reason is made up. */
function whyNotArm(other: ArmAlternative, step: StepRecord, choice: ArmChoice): string {
  const { shareMs } = step
  if (choice.probability !== undefined) return 'what the policy has learnt speaks less for it'
  if (shareMs !== null && other.predictedMs > shareMs) return `it was too slow for the share of ${time(shareMs)}`
  return whyScoredLess(other, step, choice) ?? whyPassedOver(other, step, choice)
}

/** By the scores, where both were recorded; null: they do not tell. */
function whyScoredLess(other: ArmAlternative, { shareMs, predicted }: StepRecord, choice: ArmChoice): string | null {
  if (choice.score === null || choice.price === null || predicted === null) return null
  if (other.score > choice.score) {
    return shareMs === null ? null : `it scored higher, but was less sure to end within the share of ${time(shareMs)}`
  }
  if (other.score === choice.score) {
    return other.predictedMs > predicted.latencyMs ? 'it scored the same, but would have taken longer' : null
  }
  const reasons = [
    ...(other.quality < predicted.quality ? ['it promised lower quality'] : []),
    ...(other.price > choice.price ? ['it was dearer'] : []),
  ]
  return reasons.length === 0 ? 'it scored less' : `it scored less: ${reasons.join(', and ')}`
}

/** For executors that keep no score. */
function whyPassedOver(other: ArmAlternative, { predicted, seen: models }: StepRecord, choice: ArmChoice): string {
  if (predicted !== null && other.quality < predicted.quality) return 'it promised lower quality'
  const [seen, chosen] = [other.arm.model, choice.model].map((model) => models.find((one) => one.model === model))
  if (seen && chosen && callsPerSlot(seen) > callsPerSlot(chosen)) return `its engines were busier: ${occupancy(seen)}`
  if (other.price > 0) return 'it promised no less, but congestion spoke against it'
  if (predicted !== null && other.predictedMs > predicted.latencyMs)
    return 'it promised no less, but would have taken longer'
  return 'it came second in the ranking'
}

const callsPerSlot = (seen: NonNullable<StepRecord['seen'][number]>): number =>
  (seen.running + seen.waiting + seen.gatewayWaiting) / Math.max(1, seen.slots)

/** `300 output tokens from a prompt of 512`. */
export const tokensOf = ({ usage }: StepRecord): string =>
  `${count(usage.outputTokens, 'output token')} from a prompt of ${usage.promptTokens}`
