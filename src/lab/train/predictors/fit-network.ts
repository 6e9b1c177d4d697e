/**
 * @file Fits one network to rows by minibatches: Adam, a learning rate that falls when held-out loss stops falling, early stop.
 *
 * Batches have one fixed size, as each new shape is compiled anew; a last batch that is short is filled with rows of weight 0.
 * What is kept are the weights with the least loss on held-out rows. The same rows and seed give the same weights bit for bit.
 */
import { invariant, keyedRandom, type Random } from '../../../core/index.ts'
import { jit, np, type Tensor, valueAndGrad } from '../networks/index.ts'
import { createAdam } from '../optimiser/index.ts'

/** One input of the loss, as rows of numbers. */
export interface Column<Row> {
  readonly width: number
  readonly write: (values: Float32Array, at: number, row: Row) => void
}

export interface FitTask<Row> {
  readonly train: readonly Row[]
  readonly heldOut: readonly Row[]
  readonly start: Float32Array
  /** Inputs and targets, in the order in which `loss` takes them. The last is weights: rows that fill a batch have 0 there. */
  readonly columns: readonly Column<Row>[]
  /** Of flat parameters and one batch; uses both up. */
  readonly loss: (flat: Tensor, ...columns: Tensor[]) => Tensor
  readonly seed: number
  readonly settings: FitSettings
}

export interface FitSettings {
  readonly batchRows: number
  /** Passes over the training rows, at most. */
  readonly mostEpochs: number
  readonly learningRate: number
  /** Passes without gain before the rate falls; after the third fall it ends. */
  readonly patience: number
}

export const defaultFitSettings: FitSettings = { batchRows: 512, mostEpochs: 40, learningRate: 0.0015, patience: 3 }

export interface Fitted {
  readonly weights: Float32Array
  /** Held-out loss before the first pass and after each. */
  readonly losses: readonly number[]
  readonly epochs: number
}

const mostFalls = 3
const fallFactor = 0.3

function shuffle(order: Uint32Array, random: Random): void {
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1)
    const drawn = order[other]!
    order[other] = order[last]!
    order[last] = drawn
  }
}

/** Rows `order[from...]` of `rows` as arrays of jax-js; those beyond the end are zeros. */
function batchOf<Row>(
  { columns, settings }: FitTask<Row>,
  rows: readonly Row[],
  { order, from }: { readonly order: Uint32Array; readonly from: number },
): Tensor[] {
  const { batchRows } = settings
  const count = Math.min(batchRows, order.length - from)
  return columns.map(({ width, write }) => {
    const values = new Float32Array(batchRows * width)
    for (let place = 0; place < count; place += 1) write(values, place * width, rows[order[from + place]!] as Row)
    return np.array(values).reshape([batchRows, width])
  })
}

/** After `startJax`. Throws `INVARIANT_VIOLATED` without rows, and where the loss is not finite. */
export function fitNetwork<Row>(task: FitTask<Row>): Fitted {
  const { train, heldOut, settings, loss } = task
  invariant(train.length > 0 && heldOut.length > 0, 'a network needs rows to learn from and rows held out')
  const weights = task.start.slice()
  const slopeOf = jit(valueAndGrad(loss))
  const lossOf = jit(loss)
  const order = Uint32Array.from(train, (_, place) => place)
  const heldOrder = Uint32Array.from(heldOut, (_, place) => place)
  const random = keyedRandom(task.seed, 'batches')
  const adam = createAdam(weights.length)
  const measure = (): number => {
    let sum = 0
    for (let from = 0; from < heldOut.length; from += settings.batchRows) {
      const count = Math.min(settings.batchRows, heldOut.length - from)
      sum += count * Number(lossOf(np.array(weights), ...batchOf(task, heldOut, { order: heldOrder, from })).js())
    }
    const mean = sum / heldOut.length
    invariant(Number.isFinite(mean), 'the loss is no longer finite')
    return mean
  }
  const pass = (rate: number): void => {
    shuffle(order, random)
    for (let from = 0; from < train.length; from += settings.batchRows) {
      const [value, gradient] = slopeOf(np.array(weights), ...batchOf(task, train, { order, from }))
      value.dispose()
      adam.update(weights, gradient.dataSync() as Float32Array, rate)
    }
  }
  const fitted = descend(settings, { weights, measure, pass })
  slopeOf.dispose()
  lossOf.dispose()
  return fitted
}

interface Descent {
  readonly weights: Float32Array
  measure(): number
  pass(rate: number): void
}

/** Passes until nothing is gained any more; keeps the best weights. */
function descend({ mostEpochs, learningRate, patience }: FitSettings, { weights, measure, pass }: Descent): Fitted {
  let best = measure()
  let bestWeights = weights.slice()
  const losses = [best]
  let rate = learningRate
  let idle = 0
  let falls = 0
  while (losses.length <= mostEpochs && falls < mostFalls) {
    pass(rate)
    const now = measure()
    losses.push(now)
    idle = now < best - 1e-5 ? 0 : idle + 1
    if (now < best) {
      best = now
      bestWeights = weights.slice()
    }
    if (idle < patience) continue
    idle = 0
    falls += 1
    rate *= fallFactor
    weights.set(bestWeights)
  }
  return { weights: bestWeights, losses, epochs: losses.length - 1 }
}
