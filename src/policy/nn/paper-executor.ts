/**
 * @file The paper's executor: one score for every (model, strategy) of one fixed pool, and a value.
 *
 *     semantic = LN(relu([query; role] Ws + bs))                                   768 -> 128
 *     resource = LN(relu([relu(budget Wb + bb); relu(metrics Wm + bm)] Wr + br))    1 -> 16, 3 per model -> 16, 32 -> 64
 *     merged   = relu([semantic; resource] Wj + bj)                                192 -> 128
 *     logits   = merged Wa + ba,   value = merged Wv + bv                          128 -> models x strategies, 128 -> 1
 *
 * Two pathways, because the few numbers of the machines would drown beside 768 of text. For five models and three strategies:
 * 127,984 parameters, the paper's number. Tied to its pool: for parity and ablation; `candidate-scorer.ts` is what serves.
 */
import { blockShapes, linearShapes, namedBlock, namedLinear } from './blocks.ts'
import { openSimdSpace, placeNamedBlock, placeNamedLinear, type SimdSpace } from './simd/index.ts'
import { type NetworkShapes, viewsOf } from './tensors.ts'

export interface PaperExecutorConfig {
  readonly models: number
  /** 3 unless told. */
  readonly strategies?: number
  /** Of query and role each; 384 unless told. */
  readonly embeddingSize?: number
}

/** Where the parts of the context lie: [query; role; budget; queue, latency and KV usage of each model]. */
export function paperExecutorSizes({ models, strategies = 3, embeddingSize = 384 }: PaperExecutorConfig) {
  const semantic = 2 * embeddingSize
  const metrics = 3 * models
  return { semantic, metrics, context: semantic + 1 + metrics, places: models * strategies }
}

export function paperExecutorShapes(config: PaperExecutorConfig): NetworkShapes {
  const { semantic, metrics, places } = paperExecutorSizes(config)
  return [
    ...blockShapes('semantic', { inputs: semantic, outputs: 128 }),
    ...linearShapes('budget', { inputs: 1, outputs: 16 }),
    ...linearShapes('metrics', { inputs: metrics, outputs: 16 }),
    ...blockShapes('resource', { inputs: 32, outputs: 64 }),
    ...linearShapes('merge', { inputs: 192, outputs: 128 }),
    ...linearShapes('joint', { inputs: 128, outputs: places, start: 'lecun' }),
    ...linearShapes('value', { inputs: 128, outputs: 1, start: 'lecun' }),
  ]
}

export interface PaperExecutor {
  /** `context`: as of `paperExecutorSizes`. Logits [models x strategies], model by model, valid until the next call. */
  score(context: Float32Array): Float32Array
  /** What the critic expected at the last `score`. */
  value(): number
}

/** Copies `parameters`. Throws `INVARIANT_VIOLATED` if their number does not fit. */
export function createPaperExecutor(config: PaperExecutorConfig, parameters: Float32Array): PaperExecutor {
  const space = openSimdSpace()
  if (space) return createSimdPaperExecutor(config, parameters, space)
  return createScalarPaperExecutor(config, parameters.slice())
}

/** In vector instructions, with the weights in memory of its own. */
function createSimdPaperExecutor(
  config: PaperExecutorConfig,
  parameters: Float32Array,
  space: SimdSpace,
): PaperExecutor {
  const { semantic, context: contextSize, places } = paperExecutorSizes(config)
  const network = { space, tensors: viewsOf(paperExecutorShapes(config), parameters) }
  const semanticBlock = placeNamedBlock(network, 'semantic')
  const budgetLayer = placeNamedLinear(network, 'budget', 'relu')
  const metricsLayer = placeNamedLinear(network, 'metrics', 'relu')
  const resourceBlock = placeNamedBlock(network, 'resource')
  const mergeLayer = placeNamedLinear(network, 'merge', 'relu')
  const jointHead = placeNamedLinear(network, 'joint')
  const valueHead = placeNamedLinear(network, 'value')
  const [contextAt, resource, merged] = [space.take(contextSize), space.take(32), space.take(192)]
  const [inner, logitsAt, valueAt] = [space.take(128), space.take(places), space.take(1)]
  const [logits, value] = [space.view(logitsAt, places), space.view(valueAt, 1)]
  const [budget, metrics] = [contextAt + 4 * semantic, contextAt + 4 * (semantic + 1)]
  return {
    score(context) {
      space.write(context, contextSize, contextAt)
      semanticBlock(contextAt, merged, 1)
      budgetLayer(budget, resource, 1)
      metricsLayer(metrics, resource + 4 * 16, 1)
      resourceBlock(resource, merged + 4 * 128, 1)
      mergeLayer(merged, inner, 1)
      jointHead(inner, logitsAt, 1)
      return logits
    },
    value() {
      valueHead(inner, valueAt, 1)
      return value[0]!
    },
  }
}

/** In plain loops: what the vector form is held against. Reads `parameters` as they are at each call. */
export function createScalarPaperExecutor(config: PaperExecutorConfig, parameters: Float32Array): PaperExecutor {
  const sizes = paperExecutorSizes(config)
  const tensors = viewsOf(paperExecutorShapes(config), parameters)
  const [budget, metrics] = [new Float32Array(1), new Float32Array(sizes.metrics)]
  const resource = new Float32Array(32)
  const metricsOut = resource.subarray(16)
  const merged = new Float32Array(192)
  const resourceOut = merged.subarray(128)
  const inner = new Float32Array(128)
  const logits = new Float32Array(sizes.places)
  const value = new Float32Array(1)
  const semanticBlock = namedBlock(tensors, 'semantic')
  const budgetLayer = namedLinear(tensors, 'budget', 'relu')
  const metricsLayer = namedLinear(tensors, 'metrics', 'relu')
  const resourceBlock = namedBlock(tensors, 'resource')
  const mergeLayer = namedLinear(tensors, 'merge', 'relu')
  const jointHead = namedLinear(tensors, 'joint')
  const valueHead = namedLinear(tensors, 'value')
  return {
    score(context) {
      budget[0] = context[sizes.semantic]!
      for (let index = 0; index < sizes.metrics; index += 1) metrics[index] = context[sizes.semantic + 1 + index]!
      semanticBlock(context, merged, 1)
      budgetLayer(budget, resource, 1)
      metricsLayer(metrics, metricsOut, 1)
      resourceBlock(resource, resourceOut, 1)
      mergeLayer(merged, inner, 1)
      jointHead(inner, logits, 1)
      return logits
    },
    value() {
      valueHead(inner, value, 1)
      return value[0]!
    },
  }
}
