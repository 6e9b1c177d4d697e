/**
 * @file Rows of the joint head's batch: texts put in their places, allowed arms spread over all places.
 *
 * Rollouts keep a decision as [role, budget, metrics] with the places of its allowed arms, and each question once: some
 * 200 bytes a decision instead of 3 kB. Here it gets its full width.
 */
import { invariant } from '../../../core/index.ts'
import type { ScoredDecision, TeamTexts } from '../../../policy/index.ts'
import type { ActorCriticBatch, DecisionLabels } from './batch.ts'

interface LabelledDecision {
  readonly decision: ScoredDecision
  readonly labels: DecisionLabels
}

const rowOf = (array: Float32Array | undefined, row: number, rows: number): Float32Array | null =>
  array ? array.subarray((row * array.length) / rows, ((row + 1) * array.length) / rows).fill(0) : null

/** Overwrites a row whole. Throws `INVARIANT_VIOLATED` for a decision that does not fit, or that lacks its question. */
export function writeJointDecision(
  batch: ActorCriticBatch,
  row: number,
  { decision, labels, texts }: LabelledDecision & { readonly texts: Pick<TeamTexts, 'roles'> },
): void {
  const rows = batch.taken.length
  const { query, context, candidates, base, count, taken } = decision
  invariant(row < rows, `row ${row} of a batch of ${rows}`)
  invariant(query, 'a decision of the joint head is kept with its question')
  invariant(count > 0 && taken < count, `the one taken is number ${taken} of ${count}`)
  const [role = 0] = context
  const input = rowOf(batch.inputs['context'], row, rows)
  input?.set(query)
  input?.set(texts.roles.subarray(role * query.length, (role + 1) * query.length), query.length)
  input?.set(context.subarray(1), 2 * query.length)
  const [mask, baseRow] = [rowOf(batch.inputs['mask'], row, rows), rowOf(batch.inputs['base'], row, rows)]
  for (let index = 0; index < count; index += 1) {
    const place = candidates[index] as number
    if (mask) mask[place] = 1
    if (baseRow) baseRow[place] = base[index] as number
  }
  rowOf(batch.inputs['privileged'], row, rows)?.set(labels.privileged ?? [])
  rowOf(batch.clone, row, rows)
  batch.taken[row] = candidates[taken] as number
  batch.logProbability[row] = decision.logProbability
  batch.advantage[row] = labels.advantage
  batch.returns[row] = labels.returns ?? 0
  batch.weight[row] = labels.weight ?? 1
}
