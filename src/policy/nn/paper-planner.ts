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
import { invariant } from '../../core/index.ts'
import { createLayers, type Layers, type Room } from './layers.ts'
import {
  cosineEpsilon,
  filmHidden,
  latentSize,
  mostAgents,
  noiseScale,
  type PaperPlannerConfig,
  paperPlannerShapes,
  roleTemperature,
  topologyTemperature,
} from './paper-planner-shapes.ts'
import { openSimdSpace, type SimdSpace } from './simd/index.ts'
import { tensorOf, viewsOf } from './tensors.ts'

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

/**
 * Latents of topologies and roles are taken once, here. `space`: for its weights, null for plain loops. Copies `parameters`.
 * Throws `INVARIANT_VIOLATED` if they do not fit.
 */
export function createPaperPlanner(
  config: PaperPlannerConfig,
  { parameters, texts }: { parameters: Float32Array; texts: PlannerTexts },
  space: SimdSpace | null = openSimdSpace(),
): PaperPlanner {
  const { embeddingSize = 384 } = config
  const tensors = viewsOf(paperPlannerShapes(config), parameters)
  const layers = createLayers(tensors, space)
  const topologies = encodeAll(layers, 'topology', { texts: texts.topologies, embeddingSize })
  const roles = encodeAll(layers, 'role', { texts: texts.roles, embeddingSize })
  const next = layers.room(3 * latentSize)
  const [query, ofTopology, ofRoles] = [0, 1, 2].map((place) => next.part(place * latentSize, latentSize)) as [
    Room,
    Room,
    Room,
  ]
  const [latent, context] = [layers.room(latentSize), layers.room(latentSize)]
  const [counts, domains] = [layers.room(mostAgents), layers.room(config.domains)]
  const encode = createNoisyEncoder(layers, 'query', embeddingSize)
  const modulate = createLoadFilm(layers, config.loadSize)
  const topologyCosines = createCosines(layers, topologies)
  const roleCosines = createCosines(layers, roles)
  const countHead = layers.linear('count')
  const contextLayer = layers.linear('context')
  const domainHead = layers.linear('domain')
  const topologyScale = Math.exp(tensorOf(tensors, 'topology.scale')[0]!) / topologyTemperature

  return {
    see(embedding, load, noise) {
      encode(embedding, latent.numbers, noise)
      modulate(latent.numbers, query.numbers, load)
    },
    topologyLogits: () => topologyCosines(query, topologyScale),
    countLogits() {
      countHead(query, counts)
      return counts.numbers
    },
    domainLogits() {
      domainHead(latent, domains)
      return domains.numbers
    },
    roleLogits(topology, before) {
      ofTopology.numbers.set(topologies.subarray(topology * latentSize, (topology + 1) * latentSize))
      takeMean(roles, before, ofRoles.numbers)
      contextLayer(next, context)
      return roleCosines(context, 1 / roleTemperature)
    },
  }
}

/** Mean of those of `rows`; zeros of none. */
function takeMean(rows: Float32Array, places: readonly number[], mean: Float32Array): void {
  mean.fill(0)
  for (const place of places)
    for (let index = 0; index < latentSize; index += 1)
      mean[index]! += rows[place * latentSize + index]! / places.length
}

/** Mean latents of all texts, once. */
function encodeAll(
  layers: Layers,
  name: string,
  { texts, embeddingSize }: { texts: Float32Array; embeddingSize: number },
): Float32Array {
  const encode = createMeanEncoder(layers, name, embeddingSize)
  const latents = new Float32Array((texts.length / embeddingSize) * latentSize)
  for (let from = 0, to = 0; from < texts.length; from += embeddingSize, to += latentSize)
    encode(texts.subarray(from, from + embeddingSize), latents.subarray(to, to + latentSize))
  return latents
}

/** Mean latents; what the mean is made from, and the log-variance too, is left in `inner`. */
function createMeanEncoder(layers: Layers, name: string, embeddingSize: number, inner = layers.room(latentSize)) {
  const [input, mean] = [layers.room(embeddingSize), layers.room(latentSize)]
  const encoder = layers.linear(`${name}.encoder`, 'relu')
  const meanLayer = layers.linear(`${name}.mean`)
  return (text: Float32Array, latent: Float32Array): void => {
    invariant(text.length === embeddingSize, `a text of ${text.length} numbers where ${embeddingSize} are read`)
    input.numbers.set(text)
    encoder(input, inner)
    meanLayer(inner, mean)
    latent.set(mean.numbers)
  }
}

function createNoisyEncoder(layers: Layers, name: string, embeddingSize: number) {
  const [inner, logvar] = [layers.room(latentSize), layers.room(latentSize)]
  const encodeMean = createMeanEncoder(layers, name, embeddingSize, inner)
  const logvarLayer = layers.linear(`${name}.logvar`)
  return (text: Float32Array, latent: Float32Array, noise: Float32Array | null): void => {
    encodeMean(text, latent)
    if (noise === null) return
    logvarLayer(inner, logvar)
    const { numbers } = logvar
    for (let index = 0; index < latentSize; index += 1)
      latent[index]! += noiseScale * Math.exp(numbers[index]! / 2) * noise[index]!
  }
}

function createLoadFilm(layers: Layers, loadSize: number) {
  const [input, inner] = [layers.room(loadSize), layers.room(filmHidden)]
  const [gamma, beta] = [layers.room(latentSize), layers.room(latentSize)]
  const innerLayer = layers.linear('film.inner', 'relu')
  const gammaLayer = layers.linear('film.gamma')
  const betaLayer = layers.linear('film.beta')
  return (latent: Float32Array, modulated: Float32Array, load: Float32Array): void => {
    invariant(load.length === loadSize, `a load of ${load.length} numbers where ${loadSize} are read`)
    input.numbers.set(load)
    innerLayer(input, inner)
    gammaLayer(inner, gamma)
    betaLayer(inner, beta)
    const [factors, shifts] = [gamma.numbers, beta.numbers]
    for (let index = 0; index < latentSize; index += 1)
      modulated[index] = (1 + factors[index]!) * latent[index]! + shifts[index]!
  }
}

/** Factor times cos(vector, row) of every row of `rows`: products over the lengths, each with 1e-6 beneath its root. */
function createCosines(layers: Layers, rows: Float32Array) {
  const count = rows.length / latentSize
  const scores = layers.room(count)
  const products = layers.rows(rows, latentSize)
  const lengths = Float32Array.from({ length: count }, (_, row) =>
    lengthOf(rows.subarray(row * latentSize, (row + 1) * latentSize)),
  )
  return (vector: Room, factor: number): Float32Array => {
    products(vector, scores)
    const { numbers } = scores
    const own = lengthOf(vector.numbers)
    for (let row = 0; row < count; row += 1) numbers[row] = (factor * numbers[row]!) / (own * lengths[row]!)
    return numbers
  }
}

function lengthOf(vector: Float32Array): number {
  let squares = cosineEpsilon
  for (let index = 0; index < latentSize; index += 1) squares += vector[index]! * vector[index]!
  return Math.sqrt(squares)
}
