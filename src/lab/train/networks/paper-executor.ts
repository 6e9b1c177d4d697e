/** @file The paper's executor of `policy/nn`, batched: formulas and sizes stand there. Its critic shares the trunk. */
import { type PaperExecutorConfig, paperExecutorShapes, paperExecutorSizes } from '../../../policy/index.ts'
import { np } from './jax.ts'
import { block, linear, rectifiedLinear } from './layers.ts'
import type { Trainable } from './trainable.ts'

/** Input `context` [rows, ...] as of `paperExecutorSizes`; `mask` and `base` as every network has them, `base` unread here. */
export function paperExecutor(config: PaperExecutorConfig): Trainable {
  const { semantic, context, places } = paperExecutorSizes(config)
  return {
    shapes: paperExecutorShapes(config),
    places,
    inputs: { context: [context], mask: [places], base: [places] },
    forward(weights, inputs) {
      const part = (from: number, to: number) => inputs('context').slice([], [from, to])
      const text = block(weights, 'semantic', part(0, semantic))
      const budget = rectifiedLinear(weights, 'budget', part(semantic, semantic + 1))
      const metrics = rectifiedLinear(weights, 'metrics', part(semantic + 1, context))
      const resource = block(weights, 'resource', np.concatenate([budget, metrics], -1))
      const inner = rectifiedLinear(weights, 'merge', np.concatenate([text, resource], -1))
      const [rows] = inner.shape as [number, number]
      return { logits: linear(weights, 'joint', inner.ref), values: linear(weights, 'value', inner).reshape([rows]) }
    },
  }
}
