/**
 * @file What the learned executor sees: step, time, question and what has happened so far as context, each arm (or stopping) as a candidate.
 *
 * Nothing names a model: an arm is what it is expected to be worth and to take, and how its engine stands right now.
 */
import {
  type ClusterState,
  type Domain,
  domains,
  type ModelId,
  type ModelState,
  type StepContext,
  type StepKind,
  strategyIds,
} from '../../../core/index.ts'
import { isComparable } from '../../../team/index.ts'
import {
  type FeatureRow,
  poolFeatureNames,
  putPool,
  putText,
  scaledBudgetMs,
  scaledMs,
  scaledOdds,
  scaledPressure,
  scaledRatio,
  scaledTokens,
  textFeatureNames,
} from '../../observe/index.ts'
import { chanceWithin, latencyQuantile, type PricedArm, type PriceList, roleWeight } from '../../predict/index.ts'

const kinds: readonly StepKind[] = ['solve', 'revise', 'review', 'aggregate']

export const stepContextNames: readonly string[] = [
  ...domains.map((domain) => `domain.${domain}`),
  ...kinds.map((kind) => `kind.${kind}`),
  'comparable',
  'importance',
  'isLast',
  'isEscalation',
  'merge.vote',
  'merge.model',
  'stopsOnAgreement',
  'mayStop',
  'agents',
  'stepsToEnd',
  'budget',
  'remaining',
  'remainingShare',
  'timeShare',
  'reserved',
  'promptTokens',
  'safety',
  'answers',
  'agreement',
  'hasAgreement',
  'readable',
  'truncated',
  'testsPassed',
  'tokensUsed',
  'callsUsed',
  'siblings',
  'bestQuality',
  ...poolFeatureNames,
  ...textFeatureNames,
]

export const armCandidateNames: readonly string[] = [
  'stop',
  ...strategyIds.map((strategy) => `strategy.${strategy}`),
  'quality',
  'odds',
  'behindBestQuality',
  'capability',
  'price',
  'score',
  'behindBestScore',
  'fits',
  'chanceInShare',
  'chanceInTime',
  'meanOfShare',
  'p90OfLeft',
  'sigma',
  'latency',
  'queue',
  'ttft',
  'tpot',
  'service',
  'outputTokens',
  'cutShare',
  'backup',
  'pressure',
  'running',
  'waiting',
  'kv',
  'slowdown',
  'readingAge',
  'siblingUses',
  'answeredBefore',
]

/** One candidate: an arm as priced, or stopping. */
export interface ArmCandidate {
  readonly line: PricedArm | null
  /** By the rule of the training-free executor, in quality points. */
  readonly score: number
  readonly fits: boolean
}

export interface StepScene {
  readonly step: StepContext
  readonly state: ClusterState
  readonly candidates: readonly ArmCandidate[]
  /** The priced arms among them, and of each model the best. */
  readonly lines: PriceList
  readonly best: ReadonlyMap<ModelId, PricedArm>
  readonly shareMs: number
  readonly safety: number
  /** Whether what has happened so far is seen; false for ablation. */
  readonly seesOutcomes: boolean
  /** Whether the question's text is read; false for ablation. */
  readonly readsText: boolean
}

const bestQualityOf = (lines: PriceList) => lines.reduce((best, { quality }) => Math.max(best, quality), 0)

/** Writes `stepContextNames.length` numbers. */
export function putStepContext(row: FeatureRow, scene: StepScene): void {
  const { step, state, lines, shareMs, safety } = scene
  const { query, plan } = step
  row.begin(0)
  row.putOneOf<Domain>(domains, query.domain)
  row.putOneOf(kinds, step.step.kind)
  row.putFlag(isComparable(query.answerFormat))
  row.put(roleWeight[step.step.importance])
  row.putFlag(step.step.isLast)
  row.putFlag(step.step.isEscalation)
  row.putFlag(plan.merge === 'vote')
  row.putFlag(plan.merge === 'model')
  row.putFlag(plan.stopsOnAgreement)
  row.putFlag(step.mayStop)
  row.put(plan.agents / 6)
  row.put(step.step.stepsToEnd / 4)
  row.put(scaledBudgetMs(query.budgetMs))
  row.put(scaledBudgetMs(step.remainingMs))
  row.put(step.remainingMs / Math.max(1, query.budgetMs))
  row.put(shareMs / Math.max(1, step.remainingMs))
  row.put(step.reservedMs / Math.max(1, step.remainingMs))
  row.put(scaledTokens(step.promptTokens))
  row.put(Math.log(safety))
  putOutcomes(row, scene)
  row.put(bestQualityOf(lines))
  putPool(row, state, scene.best)
  putText(row, query.features.hand, scene.readsText)
  row.end()
}

function putOutcomes(row: FeatureRow, { step, seesOutcomes }: StepScene): void {
  const { answers, agreement, testsPassed, tokensUsed, callsUsed, siblingArms } = step
  const seen = seesOutcomes ? 1 : 0
  const share = (count: number) => (seen * count) / Math.max(1, answers.length)
  row.put((seen * answers.length) / 6)
  row.put(seen * (agreement ?? 0))
  row.put(agreement === null ? 0 : seen)
  row.put(share(answers.filter(({ answer }) => answer !== null).length))
  row.put(share(answers.filter(({ isTruncated }) => isTruncated).length))
  row.put(testsPassed === null ? 0 : seen * (testsPassed ? 1 : -1))
  row.put(seen * scaledTokens(tokensUsed))
  row.put((seen * callsUsed) / 8)
  row.put(siblingArms.length / 6)
}

interface Standard {
  readonly bestQuality: number
  readonly bestScore: number
}

/** Writes one row of `armCandidateNames.length` numbers for each candidate. */
export function putArms(row: FeatureRow, scene: StepScene): void {
  const { candidates, lines } = scene
  const standard: Standard = {
    bestQuality: bestQualityOf(lines),
    bestScore: candidates.reduce((best, { score }) => Math.max(best, score), -Infinity),
  }
  for (const [index, candidate] of candidates.entries()) {
    row.begin(index)
    if (isPriced(candidate)) putArm(row, candidate, { scene, standard })
    else putStop(row, candidate, standard)
    row.end()
  }
}

const placeOfScore = armCandidateNames.indexOf('score')

function putStop(row: FeatureRow, { score }: ArmCandidate, { bestScore }: Standard): void {
  row.put(1)
  for (let place = 1; place < armCandidateNames.length; place += 1) {
    if (place === placeOfScore) row.put(score)
    else if (place === placeOfScore + 1) row.put(10 * (bestScore - score))
    else row.put(0)
  }
}

type PricedCandidate = ArmCandidate & { readonly line: PricedArm }
const isPriced = (candidate: ArmCandidate): candidate is PricedCandidate => candidate.line !== null

function putArm(
  row: FeatureRow,
  { line, score, fits }: PricedCandidate,
  { scene, standard }: { readonly scene: StepScene; readonly standard: Standard },
): void {
  const { step, state, shareMs } = scene
  const leftMs = step.remainingMs - step.reservedMs
  row.put(0)
  row.putOneOf(strategyIds, line.arm.strategy)
  row.put(line.quality)
  row.put(scaledOdds(line.quality))
  row.put(10 * (standard.bestQuality - line.quality))
  row.put(scene.best.get(line.arm.model)?.quality ?? 0)
  row.put(10 * line.price)
  row.put(score)
  row.put(10 * (standard.bestScore - score))
  row.putFlag(fits)
  row.put(chanceWithin(line, shareMs))
  row.put(chanceWithin(line, leftMs))
  row.put(scaledRatio(line.meanMs, shareMs))
  row.put(scaledRatio(latencyQuantile(line, 0.9), leftMs))
  row.put(line.sigma)
  row.put(scaledMs(line.meanMs))
  row.put(scaledMs(line.queueMs))
  row.put(scaledMs(line.ttftMs))
  row.put(Math.log(Math.max(line.tpotMs, 0.1)) / 4)
  row.put(scaledMs(line.serviceMs))
  row.put(scaledTokens(line.length.mean))
  row.put(line.length.cutShare)
  row.putFlag(line.backup !== undefined)
  putEngine(row, state.model(line.arm.model))
  row.putFlag(step.siblingArms.some(({ model }) => model === line.arm.model))
  row.putFlag(scene.seesOutcomes && step.answers.some(({ arm }) => arm.model === line.arm.model))
}

/** As if its queue were full and its reading old. */
const noEngine = [4, 1, 4, 1, 0, 1]

/** How a model's engines stand, over their own slots. */
function putEngine(row: FeatureRow, model: ModelState | undefined): void {
  if (!model || model.slots === 0) {
    for (const value of noEngine) row.put(value)
    return
  }
  let ageMs = Infinity
  for (const { readingAgeMs } of model.replicas) ageMs = Math.min(ageMs, readingAgeMs ?? 60_000)
  row.put(scaledPressure(model))
  row.put(model.running / model.slots)
  row.put(Math.min(4, (model.waiting + model.gatewayWaiting) / model.slots))
  row.put(model.kvUsage ?? 0)
  row.put(model.slowdown - 1)
  row.put(scaledMs(ageMs))
}
