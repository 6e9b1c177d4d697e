/**
 * @file The paper's planner: from texts and load to the scores of topology, number of agents and, one after the other, roles.
 *
 * Texts (query, topologies, roles) pass through variational encoders, 384 -> 64 relu -> mean 64 and log-variance 64, one each:
 *
 *     h      = mean + 0.1 e^(logvar / 2) noise           the query's latent; noise kept with the decision, or 0 to serve
 *     gamma  = 1 + relu(z0 Wi + bi) Wg + bg,  beta = relu(z0 Wi + bi) Wb + bb         z0: budget and load (load-features.ts)
 *     q      = gamma h + beta                            Wg, bg, Wb, bb start at 0
 *     topology_t = e^s / 0.8 cos(q, t)                   t: mean latent of the topology; s starts at 0
 *     count_k    = q Wc + bc                             k = 1..6
 *     role_r     = cos([q; t; mean of roles so far] Wx + bx, r) / 0.5
 *     domain     = h Wd + bd                             an auxiliary task
 *
 * Ours differs from the paper where it is at fault: the count is a categorical draw with a log-probability, and the scale of the
 * topology scores is learned (at temperature 0.8 one of six could never get more than 0.71). Decoders serve training alone.
 */
import { linearShapes, namedLinear } from './blocks.ts'
import { createFilm } from './film.ts'
import type { RowKernel } from './linear.ts'
import { type NetworkShapes, type Tensors, tensorOf, viewsOf } from './tensors.ts'

export interface PaperPlannerConfig {
  /** Numbers of z0. */
  readonly loadSize: number
  readonly domains: number
  /** 384 unless told. */
  readonly embeddingSize?: number
}

export const latentSize = 64
/** Teams have 1 to this many agents. */
export const mostAgents = 6
/** Noise of the encoders, and deviation of their prior. */
export const noiseScale = 0.1
export const topologyTemperature = 0.8
export const roleTemperature = 0.5
/** Keeps the cosine of a vector of zeros finite. */
export const cosineEpsilon = 1e-6
const filmHidden = 32

export const encoderNames = ['query', 'topology', 'role'] as const

const encoderShapes = (name: string, embeddingSize: number): NetworkShapes => [
  ...linearShapes(`${name}.encoder`, { inputs: embeddingSize, outputs: latentSize }),
  ...linearShapes(`${name}.mean`, { inputs: latentSize, outputs: latentSize, start: 'lecun' }),
  ...linearShapes(`${name}.logvar`, { inputs: latentSize, outputs: latentSize, start: 'zeros' }),
  ...linearShapes(`${name}.decoder`, { inputs: latentSize, outputs: latentSize }),
  ...linearShapes(`${name}.output`, { inputs: latentSize, outputs: embeddingSize, start: 'lecun' }),
]

export function paperPlannerShapes({ loadSize, domains, embeddingSize = 384 }: PaperPlannerConfig): NetworkShapes {
  return [
    ...encoderNames.flatMap((name) => encoderShapes(name, embeddingSize)),
    ...linearShapes('film.inner', { inputs: loadSize, outputs: filmHidden }),
    ...linearShapes('film.gamma', { inputs: filmHidden, outputs: latentSize, start: 'zeros' }),
    ...linearShapes('film.beta', { inputs: filmHidden, outputs: latentSize, start: 'zeros' }),
    { name: 'topology.scale', shape: [1], start: 'zeros' },
    ...linearShapes('count', { inputs: latentSize, outputs: mostAgents, start: 'lecun' }),
    ...linearShapes('context', { inputs: 3 * latentSize, outputs: latentSize, start: 'lecun' }),
    ...linearShapes('domain', { inputs: latentSize, outputs: domains, start: 'lecun' }),
  ]
}

export interface PlannerTexts {
  /** [topologies, embeddingSize]. */
  readonly topologies: Float32Array
  /** [roles, embeddingSize], of all domains. */
  readonly roles: Float32Array
}

export interface PaperPlanner {
  /** Reads a query; what follows is about it. `noise` [64]: standard normal, or null for the mean. */
  see(query: Float32Array, load: Float32Array, noise: Float32Array | null): void
  /** [topologies]. All logits are valid until the next call of the same kind. */
  topologyLogits(): Float32Array
  /** [6]: for 1 to 6 agents. */
  countLogits(): Float32Array
  domainLogits(): Float32Array
  /** [roles]: for the next role of a team with this topology and these roles, by number; not masked to a domain. */
  roleLogits(topology: number, before: readonly number[]): Float32Array
}

/** Latents of topologies and roles are taken once, here. Throws `INVARIANT_VIOLATED` if the parameters do not fit. */
export function createPaperPlanner(
  config: PaperPlannerConfig,
  { parameters, texts }: { parameters: Float32Array; texts: PlannerTexts },
): PaperPlanner {
  const { embeddingSize = 384 } = config
  const tensors = viewsOf(paperPlannerShapes(config), parameters)
  const topologies = encodeAll(tensors, 'topology', { texts: texts.topologies, embeddingSize })
  const roles = encodeAll(tensors, 'role', { texts: texts.roles, embeddingSize })
  const latent = new Float32Array(latentSize)
  const query = new Float32Array(latentSize)
  const next = new Float32Array(3 * latentSize)
  const context = new Float32Array(latentSize)
  const counts = new Float32Array(mostAgents)
  const domains = new Float32Array(config.domains)
  const topologyScores = new Float32Array(topologies.length / latentSize)
  const roleScores = new Float32Array(roles.length / latentSize)
  const encode = createEncoder(tensors, 'query')
  const modulate = createLoadFilm(tensors)
  const countHead = namedLinear(tensors, 'count')
  const contextLayer = namedLinear(tensors, 'context')
  const domainHead = namedLinear(tensors, 'domain')
  const logScale = tensorOf(tensors, 'topology.scale')

  return {
    see(embedding, load, noise) {
      encode(embedding, latent, noise)
      modulate(latent, query, load)
    },
    topologyLogits() {
      cosines(query, topologies, topologyScores)
      const scale = Math.exp(logScale[0]!) / topologyTemperature
      for (let index = 0; index < topologyScores.length; index += 1) topologyScores[index]! *= scale
      return topologyScores
    },
    countLogits() {
      countHead(query, counts, 1)
      return counts
    },
    domainLogits() {
      domainHead(latent, domains, 1)
      return domains
    },
    roleLogits(topology, before) {
      next.fill(0)
      for (let index = 0; index < latentSize; index += 1) {
        next[index] = query[index]!
        next[latentSize + index] = topologies[topology * latentSize + index]!
        for (const role of before) next[2 * latentSize + index]! += roles[role * latentSize + index]! / before.length
      }
      contextLayer(next, context, 1)
      cosines(context, roles, roleScores)
      for (let index = 0; index < roleScores.length; index += 1) roleScores[index]! /= roleTemperature
      return roleScores
    },
  }
}

/** Mean latents of all texts, once. */
function encodeAll(
  tensors: Tensors,
  name: string,
  { texts, embeddingSize }: { texts: Float32Array; embeddingSize: number },
): Float32Array {
  const rows = texts.length / embeddingSize
  const inner = new Float32Array(rows * latentSize)
  const latents = new Float32Array(rows * latentSize)
  namedLinear(tensors, `${name}.encoder`, 'relu')(texts, inner, rows)
  namedLinear(tensors, `${name}.mean`)(inner, latents, rows)
  return latents
}

function createEncoder(tensors: Tensors, name: string) {
  const inner = new Float32Array(latentSize)
  const logvar = new Float32Array(latentSize)
  const encoder = namedLinear(tensors, `${name}.encoder`, 'relu')
  const meanLayer = namedLinear(tensors, `${name}.mean`)
  const logvarLayer = namedLinear(tensors, `${name}.logvar`)
  return (text: Float32Array, latent: Float32Array, noise: Float32Array | null) => {
    encoder(text, inner, 1)
    meanLayer(inner, latent, 1)
    if (noise === null) return
    logvarLayer(inner, logvar, 1)
    for (let index = 0; index < latentSize; index += 1)
      latent[index]! += noiseScale * Math.exp(logvar[index]! / 2) * noise[index]!
  }
}

function createLoadFilm(tensors: Tensors) {
  const inner = new Float32Array(filmHidden)
  const [gamma, beta] = [new Float32Array(latentSize), new Float32Array(latentSize)]
  const innerLayer = namedLinear(tensors, 'film.inner', 'relu')
  const gammaLayer: RowKernel = namedLinear(tensors, 'film.gamma')
  const betaLayer: RowKernel = namedLinear(tensors, 'film.beta')
  const film = createFilm({ gamma, beta })
  return (latent: Float32Array, modulated: Float32Array, load: Float32Array) => {
    innerLayer(load, inner, 1)
    gammaLayer(inner, gamma, 1)
    for (let index = 0; index < latentSize; index += 1) gamma[index]! += 1
    betaLayer(inner, beta, 1)
    film(latent, modulated, 1)
  }
}

/** cos(vector, row) of every row of `rows`: products over the lengths, each with 1e-6 beneath its root. */
function cosines(vector: Float32Array, rows: Float32Array, scores: Float32Array): void {
  let own = 0
  for (let index = 0; index < latentSize; index += 1) own += vector[index]! * vector[index]!
  for (let row = 0; row < scores.length; row += 1) {
    let product = 0
    let squares = 0
    for (let index = 0; index < latentSize; index += 1) {
      const value = rows[row * latentSize + index]!
      product += vector[index]! * value
      squares += value * value
    }
    scores[row] = product / Math.sqrt((own + cosineEpsilon) * (squares + cosineEpsilon))
  }
}
