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
 *
 * The first layer is a sum over question and role, [query; role] Ws = query Wq + role Wr, and both come again and again: the
 * parts are kept by question and by role. What is left of a decision is some 28 thousand products instead of 126 thousand.
 */
import { invariant } from '../../core/index.ts'
import { blockShapes, linearShapes } from './blocks.ts'
import { createLayers, type Layers, type Room } from './layers.ts'
import { openSimdSpace, type SimdSpace } from './simd/index.ts'
import { type NetworkShapes, type Tensors, tensorOf, viewsOf } from './tensors.ts'

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

const [textWidth, resourceWidth, mergedWidth] = [128, 64, 128]
/** Of what budget and metrics each become. */
const readingWidth = 16

export function paperExecutorShapes(config: PaperExecutorConfig): NetworkShapes {
  const { semantic, metrics, places } = paperExecutorSizes(config)
  return [
    ...blockShapes('semantic', { inputs: semantic, outputs: textWidth }),
    ...linearShapes('budget', { inputs: 1, outputs: readingWidth }),
    ...linearShapes('metrics', { inputs: metrics, outputs: readingWidth }),
    ...blockShapes('resource', { inputs: 2 * readingWidth, outputs: resourceWidth }),
    ...linearShapes('merge', { inputs: textWidth + resourceWidth, outputs: mergedWidth }),
    ...linearShapes('joint', { inputs: mergedWidth, outputs: places, start: 'lecun' }),
    ...linearShapes('value', { inputs: mergedWidth, outputs: 1, start: 'lecun' }),
  ]
}

export interface JointScene {
  /** [embeddingSize]. Must not be changed afterwards: it is known by itself. */
  readonly query: Float32Array
  /** Place of the role among the role texts. */
  readonly role: number
  /** [1 + 3 models]: budget, then queue, latency and KV usage of the models. */
  readonly load: Float32Array
}

export interface PaperExecutor {
  /** Logits [models x strategies], model by model, valid until the next call. */
  score(scene: JointScene): Float32Array
  /** What the critic expected at the last `score`. */
  value(): number
}

/**
 * `roles`: [roles, embeddingSize]. `space`: for its weights, null for plain loops. Copies `parameters`. Throws
 * `INVARIANT_VIOLATED` if their number does not fit.
 */
export function createPaperExecutor(
  config: PaperExecutorConfig,
  { parameters, roles }: { parameters: Float32Array; roles: Float32Array },
  space: SimdSpace | null = openSimdSpace(),
): PaperExecutor {
  const sizes = paperExecutorSizes(config)
  const tensors = viewsOf(paperExecutorShapes(config), parameters)
  const layers = createLayers(tensors, space)
  const merged = layers.room(textWidth + resourceWidth)
  const readTexts = createTextReader(tensors, layers, { roles, embeddingSize: sizes.semantic / 2 })
  const readLoad = createLoadReader(layers, sizes.metrics)
  const [text, resource] = [merged.part(0, textWidth), merged.part(textWidth, resourceWidth)]
  const [inner, logits, value] = [layers.room(mergedWidth), layers.room(sizes.places), layers.room(1)]
  const mergeLayer = layers.linear('merge', 'relu')
  const jointHead = layers.linear('joint')
  const valueHead = layers.linear('value')
  return {
    score({ query, role, load }) {
      readTexts(query, role, text)
      readLoad(load, resource)
      mergeLayer(merged, inner)
      jointHead(inner, logits)
      return logits.numbers
    },
    value() {
      valueHead(inner, value)
      return value.numbers[0]!
    },
  }
}

/** LN(relu(query Wq + role Wr + bs)). */
function createTextReader(
  tensors: Tensors,
  layers: Layers,
  { roles, embeddingSize }: { readonly roles: Float32Array; readonly embeddingSize: number },
) {
  const weight = tensorOf(tensors, 'semantic.weight')
  const bias = tensorOf(tensors, 'semantic.bias')
  const split = embeddingSize * textWidth
  const queryLayer = layers.affine({ weight: weight.subarray(0, split), bias, outputs: textWidth })
  const roleLayer = layers.affine({ weight: weight.subarray(split), bias: null, outputs: textWidth })
  const norm = layers.norm('semantic')
  const [input, part] = [layers.room(embeddingSize), layers.room(textWidth)]
  const roleParts = new Float32Array((roles.length / embeddingSize) * textWidth)
  for (let from = 0, to = 0; to < roleParts.length; from += embeddingSize, to += textWidth) {
    input.numbers.set(roles.subarray(from, from + embeddingSize))
    roleLayer(input, part)
    roleParts.set(part.numbers, to)
  }
  const queryParts = new WeakMap<Float32Array, Float32Array>()
  const partOf = (query: Float32Array): Float32Array => {
    const known = queryParts.get(query)
    if (known) return known
    invariant(query.length === embeddingSize, `a text of ${query.length} numbers where ${embeddingSize} are read`)
    input.numbers.set(query)
    queryLayer(input, part)
    const made = part.numbers.slice()
    queryParts.set(query, made)
    return made
  }
  return (query: Float32Array, role: number, output: Room): void => {
    const queryPart = partOf(query)
    const from = role * textWidth
    const { numbers } = output
    for (let index = 0; index < textWidth; index += 1) {
      const sum = queryPart[index]! + roleParts[from + index]!
      // What is not a number stays one, so that it is seen at the end.
      numbers[index] = sum < 0 ? 0 : sum
    }
    norm(output)
  }
}

/** LN(relu([relu(budget Wb + bb); relu(metrics Wm + bm)] Wr + br)). */
function createLoadReader(layers: Layers, metrics: number) {
  const load = layers.room(1 + metrics)
  const read = layers.room(2 * readingWidth)
  const [budgetIn, metricsIn] = [load.part(0, 1), load.part(1, metrics)]
  const [budgetOut, metricsOut] = [read.part(0, readingWidth), read.part(readingWidth, readingWidth)]
  const budgetLayer = layers.linear('budget', 'relu')
  const metricsLayer = layers.linear('metrics', 'relu')
  const resourceLayer = layers.linear('resource', 'relu')
  const norm = layers.norm('resource')
  return (readings: Float32Array, output: Room): void => {
    invariant(readings.length === 1 + metrics, `a load of ${readings.length} numbers where ${1 + metrics} are read`)
    load.numbers.set(readings)
    budgetLayer(budgetIn, budgetOut)
    metricsLayer(metricsIn, metricsOut)
    resourceLayer(read, output)
    norm(output)
  }
}
