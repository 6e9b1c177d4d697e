/**
 * @file The paper's executor for decisions: what it makes of a text is remembered, so that a step costs a fifth.
 *
 * The formulas are those of `paper-executor.ts`. Its first layer is a sum over question and role, [query; role] Ws =
 * query Wq + role Wr, and both come again and again: the parts are kept by question and by role. What is left of a
 * decision is some 28 thousand products instead of 126 thousand. Parameters must not change after it was made.
 */
import { namedLinear } from './blocks.ts'
import { createLayerNorm } from './layer-norm.ts'
import { createLinear } from './linear.ts'
import { type PaperExecutorConfig, paperExecutorShapes, paperExecutorSizes } from './paper-executor.ts'
import { type Tensors, tensorOf, viewsOf } from './tensors.ts'

export interface JointScene {
  /** [embeddingSize]. Must not be changed afterwards: it is known by itself. */
  readonly query: Float32Array
  /** Place of the role among the role texts. */
  readonly role: number
  /** [1 + 3 models]: budget, then queue, latency and KV usage of the models. */
  readonly load: Float32Array
}

export interface JointScorer {
  /** Logits [models x strategies], model by model, valid until the next call. */
  score(scene: JointScene): Float32Array
}

/** `roles`: [roles, embeddingSize]. Throws `INVARIANT_VIOLATED` if the number of parameters does not fit. */
export function createJointScorer(
  config: PaperExecutorConfig,
  { parameters, roles }: { parameters: Float32Array; roles: Float32Array },
): JointScorer {
  const sizes = paperExecutorSizes(config)
  const tensors = viewsOf(paperExecutorShapes(config), parameters)
  const readTexts = createTextReader(tensors, roles, sizes.semantic / 2)
  const resource = new Float32Array(32)
  const metricsOut = resource.subarray(16)
  const merged = new Float32Array(textWidth + 64)
  const resourceOut = merged.subarray(textWidth)
  const inner = new Float32Array(128)
  const logits = new Float32Array(sizes.places)
  const budgetLayer = namedLinear(tensors, 'budget', 'relu')
  const metricsLayer = namedLinear(tensors, 'metrics', 'relu')
  const resourceLayer = namedLinear(tensors, 'resource', 'relu')
  const resourceNorm = normOf(tensors, 'resource')
  const mergeLayer = namedLinear(tensors, 'merge', 'relu')
  const jointHead = namedLinear(tensors, 'joint')
  const metrics = new Float32Array(sizes.metrics)
  return {
    score({ query, role, load }) {
      readTexts(query, role, merged)
      for (let index = 0; index < sizes.metrics; index += 1) metrics[index] = load[1 + index]!
      budgetLayer(load, resource, 1)
      metricsLayer(metrics, metricsOut, 1)
      resourceLayer(resource, resourceOut, 1)
      resourceNorm(resourceOut, resourceOut, 1)
      mergeLayer(merged, inner, 1)
      jointHead(inner, logits, 1)
      return logits
    },
  }
}

const textWidth = 128

const normOf = (tensors: Tensors, name: string) =>
  createLayerNorm({
    scale: tensorOf(tensors, `${name}.norm.scale`),
    shift: tensorOf(tensors, `${name}.norm.shift`),
  })

/** LN(relu(query Wq + role Wr + bs)) into the first numbers of `output`. */
function createTextReader(tensors: Tensors, roles: Float32Array, embeddingSize: number) {
  const weight = tensorOf(tensors, 'semantic.weight')
  const bias = tensorOf(tensors, 'semantic.bias')
  const split = embeddingSize * textWidth
  const queryLayer = createLinear({ weight: weight.subarray(0, split), bias, outputs: textWidth })
  const roleLayer = createLinear({ weight: weight.subarray(split), bias: null, outputs: textWidth })
  const norm = normOf(tensors, 'semantic')
  const count = roles.length / embeddingSize
  const roleParts = new Float32Array(count * textWidth)
  roleLayer(roles, roleParts, count)
  const queryParts = new WeakMap<Float32Array, Float32Array>()
  const partOf = (query: Float32Array): Float32Array => {
    const known = queryParts.get(query)
    if (known) return known
    const part = new Float32Array(textWidth)
    queryLayer(query, part, 1)
    queryParts.set(query, part)
    return part
  }
  return (query: Float32Array, role: number, output: Float32Array): void => {
    const part = partOf(query)
    const from = role * textWidth
    for (let index = 0; index < textWidth; index += 1) {
      const sum = part[index]! + roleParts[from + index]!
      // What is not a number stays one, so that it is seen at the end.
      output[index] = sum < 0 ? 0 : sum
    }
    norm(output, output, 1)
  }
}
