/**
 * @file The paper's planner of `policy/nn`, batched: log-probability of whole teams, and what its encoders lose.
 *
 * The formulas stand in `policy/nn/paper-planner.ts`. A row's roles so far come as shares of each role before every step
 * (their mean latent is then one product), so that all steps of a row are computed at once.
 */
import { cosineEpsilon, noiseScale, roleTemperature, topologyTemperature } from '../../../policy/index.ts'
import { nn, np, type Tensor } from './jax.ts'
import { linear, masked, project, rectifiedLinear } from './layers.ts'
import type { Weights } from './trainable.ts'

export interface TeamLogs {
  /** [rows, topologies]. */
  readonly topology: Tensor
  /** [rows, 6]. */
  readonly count: Tensor
  /** [rows, 6, roles]. */
  readonly roles: Tensor
  /** [rows, domains]. */
  readonly domain: Tensor
  /** [rows], [topologies] and [roles]: squared error of the reconstruction, and divergence from the prior. */
  readonly encoderLosses: readonly [Tensor, Tensor, Tensor]
}

/** cos of every row of `x` [..., size] with every row of `y` [count, size]: [..., count]. */
export function cosine(x: Tensor, y: Tensor): Tensor {
  const length = (values: Tensor) => np.sqrt(np.sum(np.square(values), -1, { keepdims: true }).add(cosineEpsilon))
  const products = project(x.ref, y.ref.transpose())
  return products.div(length(x)).div(length(y).reshape([-1]))
}

/** Latents of `text` [rows, E], and [rows]: mean (x - x')^2 + KL(N(mean, (0.1 e^(logvar/2))^2) || N(0, 0.1^2)). `noise` null: the mean. */
function encode(weights: Weights, name: string, { text, noise }: { text: Tensor; noise: Tensor | null }) {
  const inner = rectifiedLinear(weights, `${name}.encoder`, text.ref)
  const mean = linear(weights, `${name}.mean`, inner.ref)
  const logvar = linear(weights, `${name}.logvar`, inner)
  const latent = noise === null ? mean.ref : mean.ref.add(np.exp(logvar.ref.mul(0.5)).mul(noise).mul(noiseScale))
  const restored = linear(weights, `${name}.output`, rectifiedLinear(weights, `${name}.decoder`, latent.ref))
  const error = np.mean(np.square(restored.sub(text)), -1)
  const distance = np.square(mean).div(noiseScale ** 2)
  const divergence = np.sum(np.exp(logvar.ref).add(distance).sub(1).sub(logvar), -1).mul(0.5)
  return { latent, loss: error.add(divergence) }
}

/**
 * Inputs `query` [rows, E], `load` [rows, Z], `noise` [rows, 64], `topologies` [T, E], `roles` [R, E], `topologyTaken` [rows, T]
 * one-hot, `roleHistory` [rows, 6, R] shares, `roleMask` [rows, R].
 */
export function teamLogs(weights: Weights, inputs: Weights): TeamLogs {
  const seen = encode(weights, 'query', { text: inputs('query'), noise: inputs('noise') })
  const topologies = encode(weights, 'topology', { text: inputs('topologies'), noise: null })
  const roles = encode(weights, 'role', { text: inputs('roles'), noise: null })
  const inner = rectifiedLinear(weights, 'film.inner', inputs('load'))
  const gamma = linear(weights, 'film.gamma', inner.ref).add(1)
  const query = seen.latent.ref.mul(gamma).add(linear(weights, 'film.beta', inner))
  const scale = np.exp(weights('topology.scale')).div(topologyTemperature)
  const topology = nn.logSoftmax(cosine(query.ref, topologies.latent.ref).mul(scale), -1)
  const count = nn.logSoftmax(linear(weights, 'count', query.ref), -1)
  const history = inputs('roleHistory')
  const [rows, steps, roleCount] = history.shape as [number, number, number]
  const forAllSteps = (values: Tensor) => {
    const [, size] = values.shape as [number, number]
    return values.reshape([rows, 1, size]).mul(np.ones([1, steps, 1]))
  }
  const taken = project(inputs('topologyTaken'), topologies.latent)
  const parts = [forAllSteps(query), forAllSteps(taken), project(history, roles.latent.ref)]
  const context = linear(weights, 'context', np.concatenate(parts, -1))
  const roleScores = cosine(context, roles.latent).div(roleTemperature)
  const roleMask = inputs('roleMask')
    .reshape([rows, 1, roleCount])
    .mul(np.ones([1, steps, 1]))
  return {
    topology,
    count,
    roles: nn.logSoftmax(masked(roleScores, roleMask), -1),
    domain: nn.logSoftmax(linear(weights, 'domain', seen.latent), -1),
    encoderLosses: [seen.loss, topologies.loss, roles.loss],
  }
}
