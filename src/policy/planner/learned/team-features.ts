/**
 * @file What the learned planner sees: the query and the pool as context, each team on the shortlist as a candidate.
 *
 * Nothing names a model: a team is what it is expected to be worth, to take and to cost, and its shape.
 */
import {
  type AnswerFormat,
  type ClusterState,
  type Domain,
  domains,
  type MergeKind,
  type ModelState,
  type Query,
} from '../../../core/index.ts'
import {
  bestOfModels,
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
import type { PriceList } from '../../predict/index.ts'
import type { Weighed } from '../weigh.ts'

const shapes = ['io', 'cot', 'chain', 'full-connected', 'debate', 'reflection', 'probe'] as const
const merges: readonly MergeKind[] = ['model', 'vote', 'none']
const formats: readonly AnswerFormat[] = ['number', 'choice', 'code', 'text']

export const planContextNames: readonly string[] = [
  ...domains.map((domain) => `domain.${domain}`),
  ...formats.map((format) => `format.${format}`),
  'budget',
  'left',
  'leftShare',
  'promptTokens',
  'safety',
  'teams',
  'bestQuality',
  ...poolFeatureNames,
  ...textFeatureNames,
]

export const teamCandidateNames: readonly string[] = [
  ...shapes.map((shape) => `topology.${shape}`),
  ...merges.map((merge) => `merge.${merge}`),
  'agents',
  'steps',
  'waves',
  'models',
  'reviews',
  'escalates',
  'escalationChance',
  'calls',
  'outputTokens',
  'quality',
  'odds',
  'behindBestQuality',
  'aboveSingle',
  'price',
  'score',
  'behindBestScore',
  'predicted',
  'predictedOfLeft',
  'bottleneckPressure',
]

export interface PlanScene {
  readonly query: Query
  readonly state: ClusterState
  readonly fitting: readonly Weighed[]
  /** Lines of a fresh answer: what each model is good for now. */
  readonly lines: PriceList
  readonly safety: number
  /** Whether the text is read; false for ablation. */
  readonly readsText: boolean
}

/** Writes `planContextNames.length` numbers. */
export function putPlanContext(row: FeatureRow, scene: PlanScene): void {
  const { query, state, fitting, lines, safety, readsText } = scene
  const leftMs = query.deadlineAtMs - state.atMs
  row.begin(0)
  row.putOneOf<Domain>(domains, query.domain)
  row.putOneOf(formats, query.answerFormat)
  row.put(scaledBudgetMs(query.budgetMs))
  row.put(scaledBudgetMs(leftMs))
  row.put(leftMs / Math.max(1, query.budgetMs))
  row.put(scaledTokens(query.promptTokens))
  row.put(Math.log(safety))
  row.put(fitting.length / 16)
  row.put(bestOf(fitting, ({ quality }) => quality))
  putPool(row, state, bestOfModels(lines))
  putText(row, query.features.hand, readsText)
  row.end()
}

const bestOf = (fitting: readonly Weighed[], of: (weighed: Weighed) => number): number =>
  fitting.reduce((best, weighed) => Math.max(best, of(weighed)), -Infinity)

/** Writes one row of `teamCandidateNames.length` numbers for each team of `scene.fitting`. */
export function putTeams(row: FeatureRow, scene: PlanScene): void {
  const { fitting } = scene
  const standard: Standard = {
    bestQuality: bestOf(fitting, ({ quality }) => quality),
    bestScore: bestOf(fitting, ({ score }) => score),
    singleQuality: Math.max(
      0,
      bestOf(fitting, ({ quality, candidate }) => (candidate.steps.length === 1 ? quality : -Infinity)),
    ),
    leftMs: scene.query.deadlineAtMs - scene.state.atMs,
    state: scene.state,
  }
  for (const [index, weighed] of fitting.entries()) {
    row.begin(index)
    putTeam(row, weighed, standard)
    row.end()
  }
}

interface Standard {
  readonly bestQuality: number
  readonly bestScore: number
  readonly singleQuality: number
  readonly leftMs: number
  readonly state: ClusterState
}

/** A model that is not there counts as one whose queue is full. */
const pressureOf = (model: ModelState | undefined): number => (model && model.slots > 0 ? scaledPressure(model) : 4)

function putTeam(row: FeatureRow, weighed: Weighed, standard: Standard): void {
  const { candidate, staffed, quality, score, predictedMs } = weighed
  const models = new Set<string>()
  let bottleneck = 0
  for (const { arms } of staffed) {
    for (const { arm } of arms) {
      if (models.has(arm.model)) continue
      models.add(arm.model)
      bottleneck = Math.max(bottleneck, pressureOf(standard.state.model(arm.model)))
    }
  }
  row.putOneOf<string>(shapes, candidate.topology)
  row.putOneOf(merges, candidate.merge)
  row.put(candidate.agents / 6)
  row.put(candidate.steps.length / 8)
  row.put(candidate.waves.length / 4)
  row.put(models.size / 6)
  row.putFlag(candidate.waves.some(({ kind }) => kind === 'review' || kind === 'revise'))
  row.putFlag(candidate.waves.some(({ isEscalation }) => isEscalation))
  row.put(weighed.escalationChance)
  row.put(weighed.calls / 8)
  row.put(scaledTokens(weighed.outputTokens))
  row.put(quality)
  row.put(scaledOdds(quality))
  row.put(10 * (standard.bestQuality - quality))
  row.put(10 * (quality - standard.singleQuality))
  row.put(10 * weighed.price)
  row.put(score)
  row.put(10 * (standard.bestScore - score))
  row.put(scaledMs(predictedMs))
  row.put(scaledRatio(predictedMs, standard.leftMs))
  row.put(bottleneck)
}
