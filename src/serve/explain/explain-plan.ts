/** @file Sentences about the plan: what the pool looked like, what was chosen, and what was not. */
import type { PlanAlternative, RunRecord, SeenModel } from '../../core/index.ts'
import { count, fraction, points, time } from './amounts.ts'
import { planReason } from './reasons.ts'

/** A reading older than this is worth mentioning, in ms. */
const oldReadingMs = 3_000
/** Occupied share of the slots, or of the KV cache, from which a model counts as busy. */
const busyFraction = 0.75

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
  const sentences = [`The planner (${policy.planner}) took ${team}: ${planReason(plan.reason)}.`]
  // A plan made without any usable model predicts nothing.
  if (plan.predictedMs > 0) {
    const prediction = `${time(plan.predictedMs)} of the ${time(budgetMs)}, with quality ${fraction(plan.quality)}`
    sentences.push(`It was predicted to take ${prediction}.`)
  }
  const [best] = plan.alternatives
  if (best)
    sentences.push(`The best plan not taken was ${alternativePlan(best)}; ${whyNotPlan(best, { plan, budgetMs })}.`)
  return sentences
}

const alternativePlan = ({ topology, agents, predictedMs, quality, score }: PlanAlternative): string =>
  `${topology} with ${count(agents, 'agent')} (${[
    time(predictedMs),
    `quality ${fraction(quality)}`,
    ...(Number.isFinite(score) ? [`score ${points(score)}`] : []),
  ].join(', ')})`

function whyNotPlan(
  other: PlanAlternative,
  { plan, budgetMs }: { readonly plan: RunRecord['plan']; readonly budgetMs: number },
): string {
  if (other.predictedMs > budgetMs) return `it was predicted to need more than the ${time(budgetMs)}`
  if (other.quality < plan.quality) return 'it promised lower quality'
  if (other.predictedMs > plan.predictedMs) return `it promised no less quality, but would have taken longer`
  return 'it came second in the ranking'
}
