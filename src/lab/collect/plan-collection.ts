/**
 * @file What a collection will take, before anything is sent: calls, tokens, and time.
 *
 * Teams of phase 1 are drawn by name, so their steps are counted exactly (but for escalations that agreement may spare).
 * Tokens and times go by what is known of the models beforehand, for strangers by what is assumed of their size; the time
 * is that of engines that run every request at the speed of a lone one.
 */
import {
  type Domain,
  estimateTokens,
  type ModelId,
  type ModelPrior,
  type StrategyId,
  strategyIds,
  textOf,
} from '../../core/index.ts'
import { assumePrior, classify, isReasoningModelName } from '../../policy/index.ts'
import { createTopologyBook, estimateStepPromptTokens, outputCapTokens } from '../../team/index.ts'
import type { CollectOptions, RunCollectOptions } from './collection.ts'
import { drawPlan } from './random-policies.ts'
import { promptsPerRound } from './replay.ts'
import { sourceOf, workflowRunId } from './workflows.ts'

export interface CollectPlan {
  readonly workflows: number
  readonly models: number
  /** Calls of phase 1: as many prompts. */
  readonly workflowCalls: number
  readonly workflowTokens: number
  /** Of them replayed. */
  readonly prompts: number
  /** prompts x strategies x models x levels. */
  readonly cells: number
  readonly cellTokens: number
  /** Requests that only build loads up and down, at least. */
  readonly backgroundCalls: number
  readonly backgroundTokens: number
  /** Phase 2, were every request as quick as a lone one. */
  readonly idleMs: number
}

type Known = Pick<RunCollectOptions, 'sources' | 'prior' | 'tiers'> & { readonly models: readonly ModelId[] }

interface PlannedPrompt {
  readonly domain: Domain
  readonly promptTokens: number
}

/** Longest note that a step reads, as the runtime cuts it. */
const edgeTokens = 600
/** Requests that an engine is taken to run at once. */
const assumedSlots = 16

/** Plans the whole collection, whatever of it is there already. */
export function planCollection(options: CollectOptions, known: Known): CollectPlan {
  const arms = known.models.flatMap((model) => strategyIds.map((strategy) => armOf(model, strategy, known)))
  const meanOutput = (domain: Domain) => arms.reduce((sum, arm) => sum + arm.outputTokens(domain), 0) / arms.length
  const all = Array.from({ length: options.workflows }, (_, workflow) =>
    promptsOf(workflow, { options, known, meanOutput }),
  ).flat()
  const share = Math.min(1, (options.replay ?? all.length) / all.length)
  const prompts = Math.min(all.length, options.replay ?? all.length)
  let tokens = 0
  let idleMs = 0
  for (const { domain, promptTokens } of all) {
    for (const arm of arms) {
      tokens += promptTokens + arm.outputTokens(domain)
      for (const level of options.levels) idleMs += arm.aloneMs(domain, promptTokens) / Math.min(level, assumedSlots)
    }
  }
  const cells = prompts * arms.length * options.levels.length
  const cellTokens = tokens * share * options.levels.length
  const rounds = Math.ceil(prompts / promptsPerRound(options.levels))
  const backgroundCalls = rounds * known.models.length * options.levels.reduce((sum, level) => sum + level - 1, 0)
  return {
    workflows: options.workflows,
    models: known.models.length,
    workflowCalls: all.length,
    workflowTokens: Math.round(
      all.reduce((sum, { domain, promptTokens }) => sum + promptTokens + meanOutput(domain), 0),
    ),
    prompts,
    cells,
    cellTokens: Math.round(cellTokens),
    backgroundCalls,
    backgroundTokens: Math.round(cells === 0 ? 0 : (backgroundCalls * cellTokens) / cells),
    idleMs: Math.round((idleMs * share) / Math.min(options.modelsAtOnce, known.models.length)),
  }
}

function promptsOf(
  workflow: number,
  { options, known, meanOutput }: { options: CollectOptions; known: Known; meanOutput: (domain: Domain) => number },
): readonly PlannedPrompt[] {
  const { messages } = sourceOf(known.sources, workflow)
  const asked = messages.findLast(({ role }) => role === 'user')
  const text = asked === undefined ? '' : textOf(asked)
  const query = {
    runId: workflowRunId(options.seed, workflow),
    promptTokens: messages.reduce((sum, message) => sum + estimateTokens(textOf(message)) + 4, 0),
    ...classify({ messages, text }),
  }
  const team = { topologies: createTopologyBook(), seed: options.seed, maxAgents: options.maxAgents }
  return drawPlan(query, team).steps.map((step) => {
    const inputTokens = step.reads.map(() => meanOutput(query.domain))
    return {
      domain: query.domain,
      promptTokens: estimateStepPromptTokens({ query, step, inputTokens, edgeTokens }),
    }
  })
}

interface PlannedArm {
  outputTokens(domain: Domain): number
  /** On an idle engine. */
  aloneMs(domain: Domain, promptTokens: number): number
}

function armOf(model: ModelId, strategy: StrategyId, { prior, tiers }: Known): PlannedArm {
  const known: ModelPrior = prior.models[model] ?? assumePrior(model, tiers[model])
  const { fixedMs, perTokenMs } = known.ttft.value
  const isReasoningModel = isReasoningModelName(model)
  const outputTokens = (domain: Domain) =>
    Math.min(known.outputTokens.value[domain][strategy].mean, outputCapTokens({ strategy, domain, isReasoningModel }))
  return {
    outputTokens,
    aloneMs: (domain, promptTokens) =>
      fixedMs + perTokenMs * promptTokens + known.tpot.value.idleMs * outputTokens(domain),
  }
}
