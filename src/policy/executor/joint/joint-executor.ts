/**
 * @file `joint`: the paper's executor. One score for every (model, strategy) of the pool that it was trained for.
 *
 * It reads the question, the role, the time left and three numbers per model (pool-readings.ts), nothing of prices and
 * predictions. Around the network all is as with `learned`: the masks, second calls, and the training-free scores over a
 * temperature to which the network adds, unless it was trained from scratch. It has no place for stopping, so it stops by
 * the rule of `slack-greedy`. Where numbers are not finite that one decides. Another pool is refused.
 */
import {
  type Arm,
  type Choice,
  type ClusterState,
  type Executor,
  type ModelId,
  type StepContext,
  strategyIds,
} from '../../../core/index.ts'
import { teamTexts } from '../../embed/index.ts'
import { createPaperExecutor } from '../../nn/index.ts'
import {
  createPoolReader,
  type Exploration,
  type PolicyFallback,
  poolReadingNames,
  requireSamePool,
  takeCandidate,
} from '../../observe/index.ts'
import { type PriceList, roleWeight } from '../../predict/index.ts'
import { allowedArms } from '../allowed-arms.ts'
import { baseCandidates, type LearnedExecutorDeps, type ScoredPlace, toChoice } from '../learned/index.ts'
import { createLeastLoaded } from '../plain-executors.ts'
import { createSlackGreedy, pricesOf, siblingTerms, withSecondCalls } from '../slack-greedy.ts'
import { reasonToStop } from '../stopping.ts'
import { timeShareMs } from '../time-share.ts'

/** What is asked of it beside its weights. */
export interface JointExecutorOptions {
  /** Flat, as `paperExecutorShapes` lays them out. */
  readonly parameters: Float32Array
  /** In the order of the network's places, three depths each. */
  readonly models: readonly ModelId[]
  /** Quality points per unit of logit of the base scores; null: no base. */
  readonly temperature: number | null
  readonly exploration?: Exploration
}

/** What its decisions tell a learner beside the question: `context` in order, and one number for each allowed arm. */
export const jointContextNames = (models: readonly ModelId[]): readonly string[] => [
  'role',
  ...poolReadingNames(models),
]
export const jointCandidateNames: readonly string[] = ['place']

/** Throws ConfigError where the pool has other models, `INVARIANT_VIOLATED` where the parameters do not fit. */
export function createJointExecutor(deps: LearnedExecutorDeps, options: JointExecutorOptions): Executor {
  const { predictor, safety } = deps
  requireSamePool(options.models, deps.models)
  const lastResort = createLeastLoaded(deps)
  const instead = createSlackGreedy(deps)
  const take = createTaker(options)
  const choose = (step: StepContext, state: ClusterState): Choice => {
    const stop = reasonToStop(step)
    if (stop) return { kind: 'stop', reason: stop }
    const { lines: allowed } = allowedArms(pricesOf(step, state, predictor), step)
    const lines = withSecondCalls(allowed, step, { state, deps })
    if (lines.length === 0) return lastResort.choose(step, state)
    const shareMs = timeShareMs(step)
    const terms = {
      shareMs,
      safety: safety.value,
      weight: roleWeight[step.step.importance],
      ...siblingTerms(step, deps),
    }
    const candidates =
      options.temperature === null ? lines.map((line) => ({ line, score: 0 })) : baseCandidates(step, lines, terms)
    const scored = take({ step, state, lines, scores: candidates })
    if ('unfit' in scored) {
      deps.onFallback?.({ level: 'executor', reason: scored.unfit })
      return instead.choose(step, state)
    }
    return toChoice({ candidates, ...scored, shareMs, reason: 'joint' }, safety)
  }
  return { name: 'joint', choose, runFinished: (outcome) => safety.recordRun(outcome) }
}

interface Scene {
  readonly step: StepContext
  readonly state: ClusterState
  readonly lines: PriceList
  /** Of the lines in order; there may be one more, for stopping. */
  readonly scores: readonly { readonly score: number }[]
}

function createTaker({ parameters, models, temperature, exploration }: JointExecutorOptions) {
  const config = { models: models.length, strategies: strategyIds.length }
  const texts = teamTexts()
  const network = createPaperExecutor(config, { parameters, roles: texts.roles })
  const readPool = createPoolReader(models)
  const context = new Float32Array(jointContextNames(models).length)
  const load = context.subarray(1)
  const count = config.models * config.strategies
  const [places, base] = [new Float32Array(count), new Float32Array(count)]
  const byCount = Array.from({ length: count + 1 }, (_, length) => new Float32Array(length))
  const placeOf = ({ model, strategy }: Arm) =>
    models.indexOf(model) * strategyIds.length + strategyIds.indexOf(strategy)
  return ({ step, state, lines, scores }: Scene): ScoredPlace | { readonly unfit: PolicyFallback['reason'] } => {
    const { query: asked } = step
    const query = asked.features.embedding
    const role = texts.placeOf(step.step.role, asked.domain)
    context[0] = role
    if (!readPool(load, step.remainingMs, state)) return { unfit: 'features' }
    const all = network.score({ query, role, load })
    const logits = byCount[lines.length] as Float32Array
    for (const [index, { arm }] of lines.entries()) {
      places[index] = placeOf(arm)
      base[index] = temperature === null ? 0 : (scores[index] as { readonly score: number }).score / temperature
      logits[index] = (all[places[index] as number] as number) + (base[index] as number)
    }
    if (!logits.every(Number.isFinite)) return { unfit: 'logits' }
    const seen = { context, candidates: places, count: lines.length, base, query }
    const scored = { level: 'executor' as const, runId: asked.runId, logits, seen, candidateSize: 1 }
    return { place: takeCandidate(scored, exploration), logits }
  }
}
