/**
 * @file The paper's executor as an actor-critic: as published, over a base, or beside a critic that sees what only the twin knows.
 *
 * With nothing privileged the critic is the paper's own, which shares the trunk. Else it has a trunk of its own, as the
 * critic of our networks (critic.ts), so that what is compared is the policy:
 *
 *     value = relu(LN(relu([context; privileged] Wt + bt)) Wi + bi) Wv + bv,   64 wide; Wv starts at 0.
 *
 * Over a base the joint head starts at 0: a fresh policy is the base.
 */
import {
  blockShapes,
  linearShapes,
  type NetworkShapes,
  type PaperExecutorConfig,
  paperExecutorShapes,
  paperExecutorSizes,
} from '../../../policy/index.ts'
import { np } from './jax.ts'
import { block, linear, rectifiedLinear } from './layers.ts'
import { paperExecutor } from './paper-executor.ts'
import type { Outputs, Trainable, Weights } from './trainable.ts'

export interface JointConfig extends PaperExecutorConfig {
  /** Whether training-free scores are added to its own. */
  readonly hasBase: boolean
}

const criticWidth = 64

/** Of the policy alone, in the order of a policy file. */
export const jointShapes = ({ hasBase, ...config }: JointConfig): NetworkShapes =>
  paperExecutorShapes(config).map((shape) =>
    hasBase && shape.name === 'joint.weight' ? { ...shape, start: 'zeros' as const } : shape,
  )

const prefixed = (prefix: string, shapes: NetworkShapes): NetworkShapes =>
  shapes.map((shape) => ({ ...shape, name: `${prefix}/${shape.name}` }))

/** The policy's parameters come first. */
export function jointActorCritic(config: JointConfig, privilegedSize: number): Trainable {
  const executor = paperExecutor(config)
  const scored = (weights: Weights, inputs: Weights): Outputs => {
    const { logits, values } = executor.forward(weights, inputs)
    return { logits: logits.add(inputs('base')), values }
  }
  const shapes = jointShapes(config)
  if (privilegedSize === 0) return { ...executor, shapes, forward: scored }
  const trunkInputs = paperExecutorSizes(config).context + privilegedSize
  const criticShapes = [
    ...blockShapes('trunk', { inputs: trunkInputs, outputs: criticWidth }),
    ...linearShapes('inner', { inputs: criticWidth, outputs: criticWidth }),
    ...linearShapes('value', { inputs: criticWidth, outputs: 1, start: 'zeros' }),
  ]
  return {
    ...executor,
    shapes: [...prefixed('policy', shapes), ...prefixed('critic', criticShapes)],
    inputs: { ...executor.inputs, privileged: [privilegedSize] },
    forward(weights, inputs) {
      const { logits, values } = scored((name) => weights(`policy/${name}`), inputs)
      values?.dispose()
      const critic: Weights = (name) => weights(`critic/${name}`)
      const trunk = block(critic, 'trunk', np.concatenate([inputs('context'), inputs('privileged')], -1))
      const worth = linear(critic, 'value', rectifiedLinear(critic, 'inner', trunk))
      const [rows] = worth.shape as [number, number]
      return { logits, values: worth.reshape([rows]) }
    },
  }
}
