/**
 * @file Rows that the predictors are trained on: what was seen at a decision, and what the call took.
 *
 * Features are written by the functions that serve, so that what is trained on is what will be predicted from. Targets are
 * logs of ratios to the prior: time to the first token (waiting in it) / idle, time per further token / idle, tokens / mean.
 */
import { invariant, type ModelPrior, type ProfilePrior, type StepOutcome } from '../../../core/index.ts'
import {
  armSize,
  type FeatureShape,
  hasTextFeatures,
  idleTtftMs,
  isReasoningModelName,
  latencySize,
  querySize,
  writeArmFeatures,
  writeLatencyFeatures,
  writeQueryFeatures,
} from '../../../policy/index.ts'
import { outputCapTokens } from '../../../team/index.ts'
import type { DecidedStep, StepWatcher } from './watch-steps.ts'

export interface StepRow {
  /** [latencySize]. */
  readonly latency: Float32Array
  /** [384]; shared between rows of one text. */
  readonly embedding: Float32Array
  /** [querySize]. */
  readonly query: Float32Array
  /** [armSize]. */
  readonly arm: Float32Array
  /** Null: too few tokens to tell, or no first token seen. */
  readonly ttft: number | null
  readonly tpot: number | null
  readonly length: number
}

/** Below this a call's time per token is mostly noise. */
const fewestTokens = 8

interface Seen {
  readonly features: Pick<StepRow, 'latency' | 'embedding' | 'query' | 'arm'>
  readonly prior: ModelPrior
  readonly shape: FeatureShape
}

function featuresOf({ estimate, shape, state }: DecidedStep, prior: ModelPrior, known: FeatureShape): Seen['features'] {
  const { model, strategy } = estimate.arm
  const { domain } = known
  const latency = new Float32Array(latencySize)
  const query = new Float32Array(querySize)
  const arm = new Float32Array(armSize)
  const modelState = state.model(model)
  invariant(modelState !== undefined, `${model} is not in the state`)
  writeLatencyFeatures(latency, 0, { prior, state: modelState, cluster: state, shape: known })
  writeQueryFeatures(query, shape.query.features, known)
  const capTokens = outputCapTokens({ strategy, domain, isReasoningModel: isReasoningModelName(model) })
  writeArmFeatures(arm, { prior, domain, strategy, capTokens })
  return { latency, embedding: shape.query.features.embedding, query, arm }
}

/** Row of a decision and its outcome. */
function rowOf({ features, prior, shape }: Seen, { queueMs, result, arm }: StepOutcome): StepRow {
  const { outputTokens } = result.usage
  const { sentAtMs, firstTokenAtMs, finishedAtMs } = result
  const firstMs = firstTokenAtMs === null ? null : queueMs + firstTokenAtMs - sentAtMs
  const decodingMs = firstTokenAtMs === null ? 0 : finishedAtMs - firstTokenAtMs
  const isTimed = outputTokens >= fewestTokens && decodingMs > 0
  return {
    ...features,
    ttft: firstMs === null ? null : Math.log(Math.max(1, firstMs) / idleTtftMs(prior, shape.promptTokens)),
    tpot: isTimed ? Math.log(decodingMs / (outputTokens - 1) / prior.tpot.value.idleMs) : null,
    length: Math.log(outputTokens / prior.outputTokens.value[shape.domain][arm.strategy].mean),
  }
}

/**
 * Turns what it hears into rows and hands them to `take`. Half of the rows say nothing of the role's importance, as not
 * every caller of the predictor knows it.
 */
export function createRowWatcher(prior: ProfilePrior, take: (row: StepRow) => void): StepWatcher<Seen | null> {
  let count = 0
  return {
    decided: (step) => {
      const { shape, estimate } = step
      const modelPrior = prior.models[estimate.arm.model]
      if (!modelPrior || !hasTextFeatures(shape.query.features)) return null
      count += 1
      const known: FeatureShape = {
        kind: shape.kind,
        domain: shape.query.domain,
        promptTokens: shape.promptTokens,
        importance: count % 2 === 0 ? (shape.importance ?? null) : null,
      }
      return { features: featuresOf(step, modelPrior, known), prior: modelPrior, shape: known }
    },
    finished: (outcome, seen) => {
      if (seen !== null && outcome.result.usage.outputTokens > 0) take(rowOf(seen, outcome))
    },
  }
}
