/**
 * @file One step of learning: loss, gradient and statistics of a batch, compiled once for its shape.
 *
 *     loss = policy + vfCoef 0.5 mean (value - return)^2 - entCoef entropy + klCoef KL(policy || base) + cloneCoef cross-entropy
 *
 * where `policy` is REINFORCE's loss or PPO's clipped surrogate, and base = softmax of the `base` input. Flat `Float32Array`s
 * in and out; the same numbers in give the same numbers out, bit for bit. Nothing is kept on the device between calls.
 */
import { invariant } from '../../../core/index.ts'
import type { NetworkShapes } from '../../../policy/index.ts'
import { masked, nn, np, type Tensor, type TensorRecord, type Trainable, type Weights } from '../networks/index.ts'
import type { ActorCriticBatch } from './batch.ts'
import { crossEntropies, divergences, entropies, takenLogs, weightedMean } from './categorical-terms.ts'
import { clippedSurrogate } from './clipped-surrogate.ts'
import { compileForward, compileLoss } from './compiled-loss.ts'
import { explainedVariance } from './explained-variance.ts'
import { policyGradient } from './policy-gradient.ts'

export interface ActorCriticConfig {
  readonly network: Trainable
  /** Rows of every batch. */
  readonly rows: number
  readonly loss: 'policy-gradient' | 'clipped-surrogate'
}

/** May change from step to step without compiling anew. */
export interface LossCoefficients {
  /** Half-width of the ratio's range: 0.2. Unused by `policy-gradient`. */
  readonly clipCoef: number
  /** Of 0.5 (value - return)^2: 1 is the paper's 0.5 x MSE. */
  readonly vfCoef: number
  readonly entCoef: number
  /** Of KL(policy || base). */
  readonly klCoef: number
  readonly cloneCoef: number
}

/** Weighted means over the rows of a batch. */
export interface ActorCriticStats {
  readonly loss: number
  readonly policyLoss: number
  /** 0.5 (value - return)^2. */
  readonly valueLoss: number
  /** Nats. */
  readonly entropy: number
  /** Estimate of the divergence of the acting policy from this one. */
  readonly kl: number
  readonly klToBase: number
  readonly cloneLoss: number
  /** Share of the rows whose ratio was outside of the clip range. */
  readonly clipFraction: number
  readonly explainedVariance: number
}

export interface Evaluation {
  /** [rows, places]: -1e9 where masked. */
  readonly logProbabilities: Float32Array
  /** [rows]: zeros without a critic. */
  readonly values: Float32Array
}

export interface ActorCriticStep {
  readonly shapes: NetworkShapes
  /** `parametersFlat`: as of `shapes`; not changed. Compiles at the first call. */
  step(
    parametersFlat: Float32Array,
    batch: ActorCriticBatch,
    coefficients: LossCoefficients,
  ): { readonly gradientFlat: Float32Array; readonly stats: ActorCriticStats }
  evaluate(parametersFlat: Float32Array, batch: ActorCriticBatch): Evaluation
}

/** Of the vector of means that the compiled step gives, in order. */
const statNames = ['policyLoss', 'valueLoss', 'entropy', 'kl', 'klToBase', 'cloneLoss', 'clipFraction'] as const

const inputPrefix = 'inputs/'

/** Masked log-probabilities [rows, places] and values [rows] of the network. */
function forward(network: Trainable, weights: Weights, batch: Weights) {
  const inputs: Weights = (name) => batch(`${inputPrefix}${name}`)
  const { logits, values } = network.forward(weights, inputs)
  const rows = logits.shape[0] as number
  return { logs: nn.logSoftmax(masked(logits, inputs('mask')), -1), values: values ?? np.zeros([rows]), inputs }
}

/** The loss, and beside it the `means` of `statNames` and the `values`. */
function lossOf(config: ActorCriticConfig, weights: Weights, batch: Weights): [Tensor, TensorRecord] {
  const { logs, values, inputs } = forward(config.network, weights, batch)
  const mean = (terms: Tensor) => weightedMean(terms, batch('weight'))
  const coefficient = (index: number) => batch('coefficients').slice(index)
  const baseLogs = nn.logSoftmax(masked(inputs('base'), inputs('mask')), -1)
  const taken = takenLogs(logs.ref, batch('oneHot'))
  const advantages = batch('advantage')
  const surrogate = clippedSurrogate(taken.ref, {
    oldLogs: batch('logProbability'),
    advantages: advantages.ref,
    clipCoef: coefficient(0),
  })
  const isClipped = config.loss === 'clipped-surrogate'
  const plain = policyGradient({ logs: taken, advantages })
  const policy = mean(isClipped ? surrogate.losses : plain)
  ;(isClipped ? plain : surrogate.losses).dispose()
  const value = mean(np.square(values.ref.sub(batch('returns')))).mul(0.5)
  const entropy = mean(entropies(logs.ref))
  const klToBase = mean(divergences(logs.ref, baseLogs))
  const clone = mean(crossEntropies(logs, batch('clone')))
  const loss = policy.ref
    .add(value.ref.mul(coefficient(1)))
    .sub(entropy.ref.mul(coefficient(2)))
    .add(klToBase.ref.mul(coefficient(3)))
    .add(clone.ref.mul(coefficient(4)))
  const means = [policy, value, entropy, mean(surrogate.approxKl), klToBase, clone, mean(surrogate.clipped)]
  return [loss, { means: np.stack(means), values }]
}

/** The batch as arrays of the device. Throws `INVARIANT_VIOLATED` if its shape is not the one compiled for. */
function toBatchTensors({ network, rows }: ActorCriticConfig, batch: ActorCriticBatch, taken: boolean): TensorRecord {
  invariant(batch.taken.length === rows, `a batch of ${batch.taken.length} rows for a step of ${rows}`)
  const record: TensorRecord = {}
  const put = (name: string, values: Float32Array | undefined, shape: readonly number[]) => {
    const size = shape.reduce((product, length) => product * length, rows)
    invariant(values?.length === size, `${values?.length} numbers of ${name} instead of ${size}`)
    record[name] = np.array(values as Float32Array<ArrayBuffer>).reshape([rows, ...shape])
  }
  for (const [name, shape] of Object.entries(network.inputs)) put(`${inputPrefix}${name}`, batch.inputs[name], shape)
  if (!taken) return record
  for (const name of ['logProbability', 'advantage', 'returns', 'weight'] as const) put(name, batch[name], [])
  put('clone', batch.clone, [network.places])
  const oneHot = new Float32Array(rows * network.places)
  for (let row = 0; row < rows; row += 1) oneHot[row * network.places + batch.taken[row]!] = 1
  put('oneHot', oneHot, [network.places])
  return record
}

/** Call `startJax` first. */
export function createActorCriticStep(config: ActorCriticConfig): ActorCriticStep {
  const { network } = config
  const { shapes } = network
  const gradient = compileLoss(shapes, (weights, batch) => lossOf(config, weights, batch))
  const forwardOnly = compileForward(shapes, (weights, batch) => {
    const { logs, values } = forward(network, weights, batch)
    return { logs, values }
  })
  return {
    shapes,
    step(parametersFlat, batch, { clipCoef, vfCoef, entCoef, klCoef, cloneCoef }) {
      const tensors = toBatchTensors(config, batch, true)
      tensors['coefficients'] = np.array([clipCoef, vfCoef, entCoef, klCoef, cloneCoef])
      const { loss, further, gradientFlat } = gradient(parametersFlat, tensors)
      const means = further['means'] as Float32Array
      const stats = Object.fromEntries(statNames.map((name, index) => [name, means[index]]))
      const explained = explainedVariance(further['values'] as Float32Array, batch)
      return { gradientFlat, stats: { ...stats, loss, explainedVariance: explained } as ActorCriticStats }
    },
    evaluate(parametersFlat, batch) {
      const { logs, values } = forwardOnly(parametersFlat, toBatchTensors(config, batch, false))
      return { logProbabilities: logs as Float32Array, values: values as Float32Array }
    },
  }
}
