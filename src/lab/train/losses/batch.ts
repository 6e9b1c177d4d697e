/**
 * @file A batch of decisions to learn from: fixed in shape, so that the compiled step serves every batch of a run.
 *
 * All arrays are row by row. Rows that are not filled have weight 0 and count for nothing; places beyond a row's count are
 * masked. A batch may be filled again and again: `writeDecision` overwrites its row whole.
 */
import { invariant } from '../../../core/index.ts'
import type { ScoredDecision } from '../../../policy/index.ts'
import type { Trainable } from '../networks/index.ts'

export interface ActorCriticBatch {
  /** [rows, ...shape] of each of the network's inputs. */
  readonly inputs: Readonly<Record<string, Float32Array>>
  /** [rows]: place of what was taken. */
  readonly taken: Uint32Array
  /** [rows]: its log-probability under the policy that acted. */
  readonly logProbability: Float32Array
  /** [rows]: already normalised. */
  readonly advantage: Float32Array
  /** [rows]: what the critic should have said. */
  readonly returns: Float32Array
  /** [rows]: how much a row counts; 0 for padding. */
  readonly weight: Float32Array
  /** [rows, places]: probabilities to clone; zeros for none. */
  readonly clone: Float32Array
}

export interface DecisionLabels {
  readonly advantage: number
  /** 0 unless told. */
  readonly returns?: number
  /** 1 unless told. */
  readonly weight?: number
  /** For the critic alone; zeros unless told. */
  readonly privileged?: ArrayLike<number>
  /** [count]: probabilities to clone; none unless told. */
  readonly clone?: ArrayLike<number>
}

export function createBatch({ inputs, places }: Pick<Trainable, 'inputs' | 'places'>, rows: number): ActorCriticBatch {
  const numbers = (perRow: number) => new Float32Array(rows * perRow)
  return {
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, shape]) => [
        name,
        numbers(shape.reduce((product, size) => product * size, 1)),
      ]),
    ),
    taken: new Uint32Array(rows),
    logProbability: numbers(1),
    advantage: numbers(1),
    returns: numbers(1),
    weight: numbers(1),
    clone: numbers(places),
  }
}

/** Nothing counts any more. */
export function clearBatch(batch: ActorCriticBatch): void {
  batch.weight.fill(0)
}

/**
 * Fills a row of a candidate network's batch. Throws `INVARIANT_VIOLATED` for more candidates than there are places, or
 * none: they cannot be told from a bug.
 */
export function writeDecision(
  batch: ActorCriticBatch,
  row: number,
  { decision, labels }: { decision: ScoredDecision; labels: DecisionLabels },
): void {
  const rows = batch.taken.length
  const places = batch.clone.length / rows
  const { count } = decision
  invariant(row < rows, `row ${row} of a batch of ${rows}`)
  invariant(count > 0 && count <= places, `${count} candidates for ${places} places`)
  invariant(decision.taken < count, `the one taken is number ${decision.taken} of ${count}`)
  const write = (array: Float32Array | undefined, values: ArrayLike<number>, length = values.length) => {
    if (array === undefined) return
    const perRow = array.length / rows
    invariant(length <= perRow, `${length} numbers for ${perRow} of a row`)
    const start = row * perRow
    for (let index = 0; index < length; index += 1) array[start + index] = values[index]!
    array.fill(0, start + length, start + perRow)
  }
  const { context, candidates, mask, base, privileged } = batch.inputs
  write(context, decision.context)
  write(candidates, decision.candidates)
  if (mask) mask.fill(1, row * places, row * places + count).fill(0, row * places + count, (row + 1) * places)
  write(base, decision.base, count)
  write(privileged, labels.privileged ?? [])
  write(batch.clone, labels.clone ?? [])
  batch.taken[row] = decision.taken
  batch.logProbability[row] = decision.logProbability
  batch.advantage[row] = labels.advantage
  batch.returns[row] = labels.returns ?? 0
  batch.weight[row] = labels.weight ?? 1
}
