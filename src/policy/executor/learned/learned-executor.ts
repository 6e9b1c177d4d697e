/**
 * @file `learned`: the arm, or stopping, that a trained network takes before every step.
 *
 * The network adds a learnt correction to the training-free scores over a temperature; a policy trained from scratch gets
 * none. Masks are those of every executor: caller's limits, usable models, room in the context, a chance to be in time.
 * Serving takes the most likely candidate, training draws one. Where numbers are not finite the training-free executor decides.
 */
import type { Choice, ClusterState, Executor, StepContext } from '../../../core/index.ts'
import { type CandidateScorer, createCandidateScorer } from '../../nn/index.ts'
import {
  bestOfModels,
  createFeatureMask,
  type Exploration,
  type FallbackListener,
  FeatureRow,
  type FeatureView,
  type PolicyFallback,
  takeCandidate,
  whyUnfit,
} from '../../observe/index.ts'
import { type GreedyTerms, roleWeight } from '../../predict/index.ts'
import { allowedArms } from '../allowed-arms.ts'
import { createLeastLoaded } from '../plain-executors.ts'
import { createSlackGreedy, pricesOf, type SlackGreedyDeps, siblingTerms, withSecondCalls } from '../slack-greedy.ts'
import { timeShareMs } from '../time-share.ts'
import { armCandidateNames, putArms, putStepContext, type StepScene, stepContextNames } from './arm-features.ts'
import { baseCandidates } from './base-scores.ts'
import { type ScoredPlace, toChoice } from './to-choice.ts'

/** What is asked of a learned executor beside its weights. */
export interface LearnedExecutorOptions {
  /** Flat, as `candidateScorerShapes` lays them out. */
  readonly parameters: Float32Array
  readonly hidden: number
  /** Quality points per unit of logit of the base scores; null: no base. */
  readonly temperature: number | null
  /** Whether what has happened so far is seen. Default true; false for ablation. */
  readonly seesOutcomes?: boolean
  /** Whether the question's text is read. Default true; false for ablation. */
  readonly readsText?: boolean
  /** Which side of the pool is seen. Default both; else for ablation. */
  readonly view?: FeatureView
  readonly exploration?: Exploration
}

export interface LearnedExecutorDeps extends SlackGreedyDeps {
  readonly onFallback?: FallbackListener
}

export const armScorerConfig = (hidden: number) => ({
  contextSize: stepContextNames.length,
  candidateSize: armCandidateNames.length,
  hidden,
})

/** Throws `INVARIANT_VIOLATED` where the number of parameters does not fit. */
export function createLearnedExecutor(deps: LearnedExecutorDeps, options: LearnedExecutorOptions): Executor {
  const { predictor, safety } = deps
  const lastResort = createLeastLoaded(deps)
  const instead = createSlackGreedy(deps)
  const take = createTaker(createCandidateScorer(armScorerConfig(options.hidden), options.parameters), options)
  const choose = (step: StepContext, state: ClusterState): Choice => {
    const { lines: allowed } = allowedArms(pricesOf(step, state, predictor), step)
    const lines = withSecondCalls(allowed, step, { state, deps })
    if (lines.length === 0) return lastResort.choose(step, state)
    const shareMs = timeShareMs(step)
    const terms: GreedyTerms = {
      shareMs,
      safety: safety.value,
      weight: roleWeight[step.step.importance],
      ...siblingTerms(step, deps),
    }
    const candidates = baseCandidates(step, lines, terms)
    const scored = take({
      step,
      state,
      candidates,
      lines,
      best: bestOfModels(lines),
      shareMs,
      safety: safety.value,
      seesOutcomes: options.seesOutcomes !== false,
      readsText: options.readsText !== false,
    })
    if ('unfit' in scored) {
      deps.onFallback?.({ level: 'executor', reason: scored.unfit })
      return instead.choose(step, state)
    }
    return toChoice({ candidates, ...scored, shareMs, reason: 'learned' }, safety)
  }
  return { name: 'learned', choose, runFinished: (outcome) => safety.recordRun(outcome) }
}

function createTaker(network: CandidateScorer, { temperature, exploration, view = 'both' }: LearnedExecutorOptions) {
  const hideContext = createFeatureMask(stepContextNames, view)
  const hideArms = createFeatureMask(armCandidateNames, view)
  const context = new Float32Array(stepContextNames.length)
  const contextRow = new FeatureRow(context, stepContextNames.length)
  let candidates = new Float32Array(0)
  let armRow = new FeatureRow(candidates, armCandidateNames.length)
  let base = new Float32Array(0)
  const makeRoom = (count: number) => {
    if (base.length >= count) return
    base = new Float32Array(count)
    candidates = new Float32Array(count * armCandidateNames.length)
    armRow = new FeatureRow(candidates, armCandidateNames.length)
  }
  return (scene: StepScene): ScoredPlace | { readonly unfit: PolicyFallback['reason'] } => {
    const count = scene.candidates.length
    makeRoom(count)
    putStepContext(contextRow, scene)
    putArms(armRow, scene)
    hideContext(context, 1)
    hideArms(candidates, count)
    for (const [index, { score }] of scene.candidates.entries())
      base[index] = temperature === null ? 0 : score / temperature
    const logits = network.score({ context, candidates, count, base })
    const unfit = whyUnfit([contextRow, armRow], logits)
    if (unfit !== null) return { unfit }
    const { runId } = scene.step.query
    const seen = { context, candidates, count, base }
    const scored = { level: 'executor' as const, runId, logits, seen, candidateSize: armCandidateNames.length }
    return { place: takeCandidate(scored, exploration), logits }
  }
}
