/** @file Sentences about the plan: what the pool looked like, what was chosen, and what was not. */
import type { PlanAlternative, RunRecord, SeenModel, ShadowPlan } from '../../core/index.ts'
import { chance, count, fraction, points, time } from './amounts.ts'
import { planReason } from './reasons.ts'

/** A reading older than this is worth mentioning, in ms. */
const oldReadingMs = 3_000
/** Occupied share of the slots, or of the KV cache, from which a model counts as busy. */
const busyFraction = 0.75

type RecordedPlan = RunRecord['plan']

const isBusy = ({ running, waiting, gatewayWaiting, slots, kvUsage }: SeenModel): boolean =>
  waiting + gatewayWaiting > 0 || running >= busyFraction * slots || (kvUsage ?? 0) >= busyFraction

/** `qwen-32b (14 running on 16 slots, 3 waiting, KV cache 0.91 full)`. */
export function occupancy({
  model,
  running,
  slots,
  waiting,
  gatewayWaiting,
  kvUsage,
  readingAgeMs,
}: SeenModel): string {
  const parts = [`${running} running on ${count(slots, 'slot')}`]
  if (waiting > 0) parts.push(`${waiting} waiting there`)
  if (gatewayWaiting > 0) parts.push(`${gatewayWaiting} waiting at the gateway`)
  if (kvUsage !== null && kvUsage >= busyFraction) parts.push(`KV cache ${fraction(kvUsage)} full`)
  if (readingAgeMs !== null && readingAgeMs > oldReadingMs) parts.push(`read ${time(readingAgeMs)} before`)
  return `${model} (${parts.join(', ')})`
}

/** The pool as the plan and the first choice saw it. */
export function explainSeen({ plan, steps }: RunRecord): readonly string[] {
  const load = `The pool's load was ${fraction(plan.load)} when the query was planned (calls running or waiting per slot).`
  const seen = steps.find((step) => step.seen.length > 0)?.seen
  if (seen === undefined) return [load]
  const busy = seen.filter(isBusy).map(occupancy)
  return [
    load,
    busy.length > 0 ? `Busy at the first choice: ${busy.join('; ')}.` : 'No model was busy at the first choice.',
  ]
}

export function explainPlan({ plan, policy, budgetMs }: RunRecord): readonly string[] {
  const merge = plan.merge === 'none' ? '' : `, merged by ${plan.merge === 'model' ? 'a model' : 'vote'}`
  const team = `${plan.topology} with ${count(plan.agents, 'agent')}, ${count(plan.steps, 'step')}${merge}`
  const [best] = plan.alternatives
  const reason = `${planReason(plan.reason)}${scores(plan, best)}`
  const sentences = [`The planner (${policy.planner}) took ${team}: ${reason}.`]
  // A plan made without any usable model predicts nothing.
  if (plan.predictedMs > 0) {
    const prediction = `half the time within ${time(plan.predictedMs)} of the ${time(budgetMs)}`
    sentences.push(`It was predicted to be done ${prediction}, with quality ${fraction(plan.quality)}.`)
  }
  if (best)
    sentences.push(
      `The best plan not taken was ${alternativePlan(best, plan)}; ${whyNotPlan(best, { plan, budgetMs })}.`,
    )
  if (plan.shadow) sentences.push(`${shadowPlan(plan.shadow)}.`)
  return sentences
}

function shadowPlan({ planner, topology, agents, merge, probability, agrees }: ShadowPlan): string {
  const other = `The planner that looks on (${planner})`
  if (agrees) return `${other} would have taken the same${chance(probability)}`
  const merged = merge === 'none' ? '' : `, merged by ${merge === 'model' ? 'a model' : 'vote'}`
  return `${other} would have taken ${topology} with ${count(agents, 'agent')}${merged}${chance(probability)}`
}

/** ` (score 0.731 against 0.702 of the best plan not taken)`, as far as the record tells. */
function scores({ score, probability }: RecordedPlan, best: PlanAlternative | undefined): string {
  // A network's scores mean something only against each other: what it makes of them is said instead.
  if (probability !== undefined) {
    const other = best?.probability === undefined ? '' : ` against ${fraction(best.probability)} of the next plan`
    return ` (probability ${fraction(probability)}${other})`
  }
  if (score === null) return ''
  const other = best && Number.isFinite(best.score) ? ` against ${points(best.score)} of the best plan not taken` : ''
  return ` (score ${points(score)}${other})`
}

function alternativePlan(
  { topology, agents, predictedMs, quality, score }: PlanAlternative,
  plan: RecordedPlan,
): string {
  const parts = [`half the time within ${time(predictedMs)}`, `quality ${fraction(quality)}`]
  // Beside the score of the plan taken it has been said already.
  if (plan.score === null && Number.isFinite(score)) parts.push(`score ${points(score)}`)
  return `${topology} with ${count(agents, 'agent')} (${parts.join(', ')})`
}

function whyNotPlan(
  other: PlanAlternative,
  { plan, budgetMs }: { readonly plan: RecordedPlan; readonly budgetMs: number },
): string {
  if (other.predictedMs > budgetMs) return `it was predicted to need more than the ${time(budgetMs)}`
  if (plan.probability !== undefined) return 'what the policy has learnt speaks less for it'
  if (plan.score !== null && other.score > plan.score) return 'it scored higher, but not clearly'
  if (other.quality < plan.quality) return 'it promised lower quality'
  if (other.predictedMs > plan.predictedMs) return `it promised no less quality, but would have taken longer`
  return 'it came second in the ranking'
}
