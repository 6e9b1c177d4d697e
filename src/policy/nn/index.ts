export type { DecisionSink, ScoredDecision } from './decision.ts'
export {
  elementsOf,
  type NetworkShapes,
  parameterCount,
  type TensorShape,
  type TensorStart,
  type Tensors,
} from './tensors.ts'
