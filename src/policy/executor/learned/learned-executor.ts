/**
 * @file `learned`: the arm, or stopping, that a trained network takes before every step.
 *
 * The network adds a learnt correction to the training-free scores over a temperature; a policy trained from scratch gets
 * none. Masks are those of every executor: caller's limits, usable models, room in the context, a chance to be in time.
 * Serving takes the most likely candidate, training draws one.
 */
import type { Choice, ClusterState, Executor, StepContext } from '../../../core/index.ts'
import { type CandidateScorer, createCandidateScorer } from '../../nn/index.ts'
import { type Exploration, FeatureRow, takeCandidate } from '../../observe/index.ts'
import { type GreedyTerms, roleWeight, toEstimate } from '../../predict/index.ts'
import { allowedArms } from '../allowed-arms.ts'
import { createLeastLoaded } from '../plain-executors.ts'
import { pricesOf, type SlackGreedyDeps, siblingTerms, withSecondCalls } from '../slack-greedy.ts'
import { timeShareMs } from '../time-share.ts'
import {
  type ArmCandidate,
  armCandidateNames,
  putArms,
  putStepContext,
  type StepScene,
  stepContextNames,
} from './arm-features.ts'
import { baseCandidates } from './base-scores.ts'

/** What is asked of a learned executor beside its weights. */
export interface LearnedExecutorOptions {
  /** Flat, as `candidateScorerShapes` lays them out. */
  readonly parameters: Float32Array
  readonly hidden: number
  /** Quality points per unit of logit of the base scores; null: no base. */
  readonly temperature: number | null
  /** Whether what has happened so far is seen. Default true; false for ablation. */
  readonly seesOutcomes?: boolean
  readonly exploration?: Exploration
}

const mostAlternatives = 5

export const armScorerConfig = (hidden: number) => ({
  contextSize: stepContextNames.length,
  candidateSize: armCandidateNames.length,
  hidden,
})

/** Throws `INVARIANT_VIOLATED` where the number of parameters does not fit. */
export function createLearnedExecutor(deps: SlackGreedyDeps, options: LearnedExecutorOptions): Executor {
  const { predictor, safety } = deps
  const lastResort = createLeastLoaded(deps)
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
    const { place, logits } = take({
      step,
      state,
      candidates,
      lines,
      shareMs,
      safety: safety.value,
      seesOutcomes: options.seesOutcomes !== false,
    })
    return toChoice({ candidates, logits, place, shareMs }, deps)
  }
  return { name: 'learned', choose, runFinished: (outcome) => safety.recordRun(outcome) }
}

function createTaker(network: CandidateScorer, { temperature, exploration }: LearnedExecutorOptions) {
  const context = new Float32Array(stepContextNames.length)
  const contextRow = new FeatureRow(context, stepContextNames.length)
  let candidates = new Float32Array(0)
  let base = new Float32Array(0)
  const makeRoom = (count: number) => {
    if (base.length >= count) return
    base = new Float32Array(count)
    candidates = new Float32Array(count * armCandidateNames.length)
  }
  return (scene: StepScene) => {
    const count = scene.candidates.length
    makeRoom(count)
    putStepContext(contextRow, scene)
    putArms(new FeatureRow(candidates, armCandidateNames.length), scene)
    for (const [index, { score }] of scene.candidates.entries())
      base[index] = temperature === null ? 0 : score / temperature
    const logits = network.score({ context, candidates, count, base })
    const { runId } = scene.step.query
    const seen = { context, candidates, count, base }
    const scored = { level: 'executor' as const, runId, logits, seen, candidateSize: armCandidateNames.length }
    return { place: takeCandidate(scored, exploration), logits }
  }
}

interface Taken {
  readonly candidates: readonly ArmCandidate[]
  readonly logits: Float32Array
  readonly place: number
  readonly shareMs: number
}

function toChoice({ candidates, logits, place, shareMs }: Taken, { safety }: SlackGreedyDeps): Choice {
  const { line } = candidates[place] as ArmCandidate
  if (line === null) return { kind: 'stop', reason: 'learned' }
  safety.recordChoice(line.quality)
  return {
    kind: 'arm',
    arm: line.arm,
    estimate: toEstimate(line),
    reason: 'learned',
    shareMs,
    price: line.price,
    score: logits[place] as number,
    ...(line.backup ? { backup: line.backup } : {}),
    alternatives: alternatives(candidates, logits, place),
  }
}

function alternatives(candidates: readonly ArmCandidate[], logits: Float32Array, place: number) {
  return candidates
    .flatMap(({ line }, index) =>
      line === null || index === place
        ? []
        : [
            {
              arm: line.arm,
              predictedMs: line.meanMs,
              quality: line.quality,
              price: line.price,
              score: logits[index] as number,
            },
          ],
    )
    .sort((a, b) => b.score - a.score)
    .slice(0, mostAlternatives)
}
